using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>ln: makes links, hard ones or with -s symbolic ones.</summary>
public sealed class LnProgram : Utility
{
    private protected override string Synopsis => "[-sfvnT] TARGET... [LINK]";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(
            libc.Arguments, "sfvnT", "symbolic=s force=f verbose=v no-dereference=n no-target-directory=T");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? "missing file operand");
        }

        List<string> operands = options.Operands;
        string target = operands.Count == 1 ? "." : operands[^1];
        bool isInto = !options.Has('T') && libc.IsDirectory(target) && !(options.Has('n') && IsLink(libc, target));
        if (operands.Count > 2 && !isInto)
        {
            return libc.Complain($"target '{target}': {Errors.TextOf(Errno.NotDirectory)}");
        }

        int status = 0;
        for (int index = 0; index < Math.Max(1, operands.Count - 1); index++)
        {
            string source = operands[index];
            status |= Make(libc, options, source, isInto ? Paths.Join(target, Paths.LastName(source)) : target);
        }

        return status;
    }

    private static bool IsLink(Libc libc, string path) =>
        libc.GetAttributes(path, followsLinks: false, out FileAttributes attributes) == Errno.None
        && (attributes.Mode & FileMode.TypeMask) == FileMode.SymbolicLink;

    private static int Make(Libc libc, Options options, string source, string target)
    {
        bool isSymbolic = options.Has('s');
        if (!isSymbolic)
        {
            Errno found = libc.GetAttributes(source, followsLinks: false, out FileAttributes attributes);
            if (found != Errno.None)
            {
                return libc.Complain($"failed to access '{source}': {Errors.TextOf(found)}");
            }

            if ((attributes.Mode & FileMode.TypeMask) == FileMode.Directory)
            {
                return libc.Complain($"{source}: hard link not allowed for directory");
            }
        }

        Errno error = MakeOne(libc, isSymbolic, source, target);
        if (error == Errno.Exists && options.Has('f'))
        {
            error = Errors.Of(libc.System.Unlink(libc.Context, ByteText.ToBytes(target)));
            error = error == Errno.None ? MakeOne(libc, isSymbolic, source, target) : error;
        }

        if (error != Errno.None)
        {
            string what = isSymbolic ? "symbolic link" : "hard link";
            string origin = isSymbolic || error == Errno.Exists ? "" : $" => '{source}'";
            return libc.Complain($"failed to create {what} '{target}'{origin}: {Errors.TextOf(error)}");
        }

        if (options.Has('v'))
        {
            libc.PrintLine($"'{target}' {(isSymbolic ? "->" : "=>")} '{source}'");
        }

        return 0;
    }

    private static Errno MakeOne(Libc libc, bool isSymbolic, string source, string target) => Errors.Of(isSymbolic
        ? libc.System.MakeSymbolicLink(libc.Context, ByteText.ToBytes(source), ByteText.ToBytes(target))
        : libc.System.Link(libc.Context, ByteText.ToBytes(source), ByteText.ToBytes(target)));
}
