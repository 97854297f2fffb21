namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>A text is not a command.</summary>
/// <param name="message">What was unexpected.</param>
/// <param name="isIncomplete">Whether more text could make it one: an interactive shell asks for it.</param>
internal sealed class ShellSyntaxException(string message, bool isIncomplete) : Exception(message)
{
    public bool IsIncomplete { get; } = isIncomplete;
}

/// <summary>An expansion cannot be done; a shell that is not interactive ends with it (POSIX.1-2017, XCU 2.8.1).</summary>
internal sealed class ShellExpansionException(string message) : Exception(message);
