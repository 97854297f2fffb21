using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>readlink: prints what symbolic links name. As in coreutils, only -v makes it say what is wrong.</summary>
public sealed class ReadlinkProgram : Utility
{
    private protected override string Synopsis => "[-nv] FILE...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "nv", "no-newline=n verbose=v");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? "missing operand");
        }

        int status = 0;
        foreach (string path in options.Operands)
        {
            Errno error = libc.ReadLink(path, out string target);
            if (error == Errno.None)
            {
                libc.Print(target);
                libc.Print(options.Has('n') && options.Operands.Count == 1 ? "" : "\n");
            }
            else
            {
                status = options.Has('v') ? libc.Complain(path, error) : 1;
            }
        }

        return status;
    }
}
