namespace RedLeafSharp.Verification.Flow;

/// <summary>Ends the interpretation of a method at its first offence. Never leaves <see cref="MethodVerifier"/>.</summary>
internal sealed class FlowException : Exception
{
    internal FlowException(string rule, string message)
        : base(message) => Rule = rule;

    internal string Rule { get; }

    /// <summary>Stack and types.</summary>
    internal static FlowException Type(string message) => new("RL0401", message);

    /// <summary>Malformed IL or metadata.</summary>
    internal static FlowException Malformed(string message) => new("RL0402", message);

    /// <summary>Accessibility, and fields that may only be read.</summary>
    internal static FlowException Access(string message) => new("RL0403", message);

    /// <summary>Exception handlers.</summary>
    internal static FlowException Handler(string message) => new("RL0405", message);

    /// <summary>Pointers and operations on them.</summary>
    internal static FlowException Unsafe(string message) => new("RL0003", message);

    /// <summary>A call whose cost nothing bounds.</summary>
    internal static FlowException Cost(string message) => new("RL0019", message);

    /// <summary>An exchange reference where only a cell may hold it.</summary>
    internal static FlowException Stored(string message) => new("RL0108", message);

    /// <summary>A copy of an exchange reference.</summary>
    internal static FlowException Copied(string message) => new("RL0109", message);
}
