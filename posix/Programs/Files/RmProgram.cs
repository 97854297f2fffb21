using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>rm: removes files, and trees with -r.</summary>
public sealed class RmProgram : Utility
{
    private const int DepthMax = 2048;

    private protected override string Synopsis => "[-rRfvd] FILE...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "rRfvd", "recursive=r force=f verbose=v dir=d");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        if (options.Operands.Count == 0 && !options.Has('f'))
        {
            return libc.ComplainUsage("missing operand");
        }

        int status = 0;
        foreach (string path in options.Operands)
        {
            string name = Paths.LastName(path);
            if ((name is "." or "..") && (IsRecursive(options) || options.Has('d')))
            {
                status = libc.Complain($"refusing to remove '.' or '..' directory: skipping '{path}'");
            }
            else if (name == "/" && IsRecursive(options))
            {
                status = libc.Complain("it is dangerous to operate recursively on '/'");
            }
            else
            {
                status |= Remove(libc, options, path, depth: 0);
            }
        }

        return status;
    }

    private static bool IsRecursive(Options options) => options.Has('r') || options.Has('R');

    private static int Remove(Libc libc, Options options, string path, int depth)
    {
        Errno error = libc.GetAttributes(path, followsLinks: false, out FileAttributes attributes);
        if (error != Errno.None)
        {
            bool isForgiven = options.Has('f') && error is Errno.NoEntry or Errno.NotDirectory;
            return isForgiven ? 0 : CannotRemove(libc, path, error);
        }

        if ((attributes.Mode & FileMode.TypeMask) == FileMode.Directory)
        {
            return RemoveDirectory(libc, options, path, depth);
        }

        error = Errors.Of(libc.System.Unlink(libc.Context, ByteText.ToBytes(path)));
        if (error != Errno.None)
        {
            return CannotRemove(libc, path, error);
        }

        Tell(libc, options, $"removed '{path}'");
        return 0;
    }

    private static int RemoveDirectory(Libc libc, Options options, string path, int depth)
    {
        if (!IsRecursive(options) && !options.Has('d'))
        {
            return CannotRemove(libc, path, Errno.IsDirectory);
        }

        int status = 0;
        Errno error = depth >= DepthMax ? Errno.NameTooLong : Errno.None;
        var names = new List<string>();
        if (IsRecursive(options) && error == Errno.None)
        {
            error = libc.ListDirectory(path, out names);
        }

        foreach (string name in names)
        {
            status |= Remove(libc, options, Paths.Join(path, name), depth + 1);
        }

        // What could not be removed inside has been complained about; the directory is just not empty then.
        if (error == Errno.None && status == 0)
        {
            error = Errors.Of(libc.System.RemoveDirectory(libc.Context, ByteText.ToBytes(path)));
        }

        if (error != Errno.None)
        {
            return CannotRemove(libc, path, error);
        }

        if (status == 0)
        {
            Tell(libc, options, $"removed directory '{path}'");
        }

        return status;
    }

    private static int CannotRemove(Libc libc, string path, Errno error) =>
        libc.Complain($"cannot remove '{path}': {Errors.TextOf(error)}");

    private static void Tell(Libc libc, Options options, string message)
    {
        if (options.Has('v'))
        {
            libc.PrintLine(message);
        }
    }
}
