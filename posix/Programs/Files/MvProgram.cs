using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>mv: renames files and directories.</summary>
public sealed class MvProgram : Utility
{
    private protected override string Synopsis => "[-fnvT] SOURCE... TARGET";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "fnvT", "force=f no-clobber=n verbose=v no-target-directory=T");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        List<string> operands = options.Operands;
        if (operands.Count < 2)
        {
            return libc.ComplainUsage(operands.Count == 0
                ? "missing file operand"
                : $"missing destination file operand after '{operands[0]}'");
        }

        string target = operands[^1];
        bool isInto = !options.Has('T') && libc.IsDirectory(target);
        if (operands.Count > 2 && !isInto)
        {
            Errno error = libc.GetAttributes(target, followsLinks: true, out _);
            return libc.Complain($"target '{target}': {Errors.TextOf(error == Errno.None ? Errno.NotDirectory : error)}");
        }

        int status = 0;
        for (int index = 0; index < operands.Count - 1; index++)
        {
            string source = operands[index];
            status |= Move(libc, options, source, isInto ? Paths.Join(target, Paths.LastName(source)) : target);
        }

        return status;
    }

    private static int Move(Libc libc, Options options, string source, string target)
    {
        Errno error = libc.GetAttributes(source, followsLinks: false, out FileAttributes from);
        if (error != Errno.None)
        {
            return libc.Complain($"cannot stat '{source}': {Errors.TextOf(error)}");
        }

        bool exists = libc.GetAttributes(target, followsLinks: false, out FileAttributes to) == Errno.None;
        if (exists && options.Has('n'))
        {
            return 0;
        }

        bool isDirectory = (from.Mode & FileMode.TypeMask) == FileMode.Directory;
        bool isTargetDirectory = exists && (to.Mode & FileMode.TypeMask) == FileMode.Directory;
        if (exists && to.Inode == from.Inode)
        {
            return libc.Complain($"'{source}' and '{target}' are the same file");
        }

        if (exists && isDirectory && !isTargetDirectory)
        {
            return libc.Complain($"cannot overwrite non-directory '{target}' with directory '{source}'");
        }

        if (!isDirectory && isTargetDirectory)
        {
            return libc.Complain($"cannot overwrite directory '{target}' with non-directory");
        }

        Reply<Unit, Errno> reply = libc.System.Rename(libc.Context, ByteText.ToBytes(source), ByteText.ToBytes(target));
        if (!reply.IsOk)
        {
            return Explain(libc, source, target, Errors.Of(reply));
        }

        if (options.Has('v'))
        {
            libc.PrintLine($"renamed '{source}' -> '{target}'");
        }

        return 0;
    }

    private static int Explain(Libc libc, string source, string target, Errno error) => error switch
    {
        Errno.InvalidArgument => libc.Complain($"cannot move '{source}' to a subdirectory of itself, '{target}'"),
        Errno.NotEmpty => libc.Complain($"cannot overwrite '{target}': {Errors.TextOf(error)}"),
        _ => libc.Complain($"cannot move '{source}' to '{target}': {Errors.TextOf(error)}"),
    };
}
