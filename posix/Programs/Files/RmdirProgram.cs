using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>rmdir: removes empty directories.</summary>
public sealed class RmdirProgram : Utility
{
    private protected override string Synopsis => "[-p] DIRECTORY...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "p", "parents=p");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? "missing operand");
        }

        int status = 0;
        foreach (string operand in options.Operands)
        {
            string path = operand;
            bool goesOn;
            do
            {
                Errno error = Errors.Of(libc.System.RemoveDirectory(libc.Context, ByteText.ToBytes(path)));
                status |= error == Errno.None ? 0 : libc.Complain($"failed to remove '{path}': {Errors.TextOf(error)}");
                path = Paths.Parent(path);
                goesOn = error == Errno.None && options.Has('p') && path is not ("." or "/");
            }
            while (goesOn);
        }

        return status;
    }
}
