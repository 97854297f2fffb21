using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>A program that works on its arguments and standard streams and ends.</summary>
public abstract class Utility : IProgram
{
    /// <inheritdoc/>
    public Reply<int, ProgramError> Main(CallContext context, ProgramServices services)
    {
        ISystem system = services.System;
        var libc = new Libc(context, system, Libc.ReadArguments(context, system), Streams.Standard);
        return libc.Finish(Run(libc)) & 0xFF;
    }

    /// <summary>Does the work. The shell calls this too, for the utilities that it runs itself.</summary>
    /// <returns>The exit status.</returns>
    private protected abstract int Run(Libc libc);

    /// <summary>Runs inside another program, the shell, which finishes the output.</summary>
    internal int RunInside(Libc libc) => Run(libc);
}
