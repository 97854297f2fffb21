using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// mount: puts a file system into the tree. A source is the domain that the system file names; /proc/mounts lists them.
/// Exit status as util-linux has it: 1 for a wrong use, 32 for a failure.
/// </summary>
public sealed class MountProgram : Utility
{
    internal const int StatusFailed = 32;

    private protected override string Synopsis => "[-r] [-o ro|rw] [-t TYPE] SOURCE DIRECTORY";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "rt:o:");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        string how = options.ValueOf('o') ?? "rw";
        if (options.Operands.Count != 2 || how is not ("ro" or "rw"))
        {
            return libc.ComplainUsage("bad usage");
        }

        string target = options.Operands[1];
        Errno error = Errors.Of(libc.System.Mount(
            libc.Context,
            ByteText.ToBytes(options.Operands[0]),
            ByteText.ToBytes(target),
            ByteText.ToBytes(options.ValueOf('t') ?? ""),
            options.Has('r') || how == "ro" ? MountFlags.ReadOnly : MountFlags.None));
        if (error != Errno.None)
        {
            libc.Complain(target, error);
            return StatusFailed;
        }

        return 0;
    }
}
