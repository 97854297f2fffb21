using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>A program that works on its arguments and standard streams and ends. With --help as its first argument it says how to use it.</summary>
public abstract class Utility : IProgram
{
    /// <inheritdoc/>
    public Reply<int, ProgramError> Main(CallContext context, ProgramServices services)
    {
        ISystem system = services.System;
        var libc = new Libc(context, system, Libc.ReadArguments(context, system), Streams.Standard);
        return libc.Finish(libc.Arguments is [_, "--help", ..] ? PrintUsage(libc) : Run(libc)) & 0xFF;
    }

    /// <summary>The options and operands, as in the SYNOPSIS of POSIX.1-2017's XCU; the program's name is left out.</summary>
    private protected abstract string Synopsis { get; }

    /// <summary>Does the work. The shell calls this too, for the utilities that it runs itself.</summary>
    /// <returns>The exit status.</returns>
    private protected abstract int Run(Libc libc);

    /// <summary>Runs inside another program, the shell, which finishes the output.</summary>
    internal int RunInside(Libc libc) => Run(libc);

    private int PrintUsage(Libc libc)
    {
        libc.PrintLine($"Usage: {libc.Name} {Synopsis}".TrimEnd());
        return 0;
    }
}
