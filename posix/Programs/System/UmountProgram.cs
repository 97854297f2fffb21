using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>umount: takes file systems out of the tree. Exit status as util-linux has it.</summary>
public sealed class UmountProgram : Utility
{
    private protected override string Synopsis => "DIRECTORY...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? "bad usage");
        }

        int status = 0;
        foreach (string target in options.Operands)
        {
            Errno error = Errors.Of(libc.System.Unmount(libc.Context, ByteText.ToBytes(target)));
            if (error != Errno.None)
            {
                libc.Complain($"{target}: {TextOf(error)}");
                status = MountProgram.StatusFailed;
            }
        }

        return status;
    }

    private static string TextOf(Errno error) => error switch
    {
        Errno.InvalidArgument => "not mounted.",
        Errno.Busy => "target is busy.",
        _ => Errors.TextOf(error),
    };
}
