using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>mkdir: makes directories, with -p also those above.</summary>
public sealed class MkdirProgram : Utility
{
    private const uint AllModes = 0x1FF;

    private protected override string Synopsis => "[-pv] [-m MODE] DIRECTORY...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "pvm:", "parents=p verbose=v mode=m");
        uint mode = AllModes;
        string? error = options.Error
            ?? (options.Operands.Count == 0 ? "missing operand" : null);
        if (error is not null)
        {
            return libc.ComplainUsage(error);
        }

        if (options.ValueOf('m') is { } text && !ModeText.TryParseOctal(text, out mode))
        {
            return libc.Complain($"invalid mode '{text}'");
        }

        int status = 0;
        foreach (string path in options.Operands)
        {
            status |= Make(libc, path, mode, options.Has('p'), options.Has('v'));
        }

        return status;
    }

    private static int Make(Libc libc, string path, uint mode, bool makesParents, bool isVerbose)
    {
        for (int slash = path.IndexOf('/', 1 < path.Length ? 1 : 0); makesParents && slash > 0 && slash < path.Length - 1;
            slash = path.IndexOf('/', slash + 1))
        {
            // An error shows when the next one is made.
            _ = libc.System.MakeDirectory(libc.Context, ByteText.ToBytes(path.AsSpan(0, slash)), AllModes);
        }

        Errno error = Errors.Of(libc.System.MakeDirectory(libc.Context, ByteText.ToBytes(path), mode));
        if (error == Errno.Exists && makesParents && libc.IsDirectory(path))
        {
            return 0;
        }

        if (error != Errno.None)
        {
            return libc.Complain($"cannot create directory '{path}': {Errors.TextOf(error)}");
        }

        if (isVerbose)
        {
            libc.PrintLine($"{libc.Name}: created directory '{path}'");
        }

        return 0;
    }
}
