namespace RedLeafSharp.Cli.CommandLine;

/// <summary>What the command returns; <c>run</c> returns the exit status of the program it ran.</summary>
internal static class ExitCode
{
    internal const int Pass = 0;

    /// <summary>The command line was right, and what it asks for did not work.</summary>
    internal const int RunFailure = 1;

    /// <summary>The command line is wrong: an unknown option, a size that is none, a file that is not there.</summary>
    internal const int Usage = 2;

    /// <summary><c>check</c>: an assembly may not be loaded as a domain.</summary>
    internal const int Rejected = 3;

    /// <summary><c>lab</c>: the judge came to no verdict.</summary>
    internal const int Undecided = 3;

    /// <summary><c>lab</c>: what runs trials failed, so nothing is known of the system.</summary>
    internal const int Harness = 3;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    internal const int Interrupted = 130;

    /// <summary>128 + SIGTERM.</summary>
    internal const int Terminated = 143;
}

/// <summary>The command cannot go on. The message is the one line that the user gets to see.</summary>
internal sealed class CommandFailure(string message, int exitCode = CommandLine.ExitCode.RunFailure) : Exception(message)
{
    internal int ExitCode { get; } = exitCode;
}
