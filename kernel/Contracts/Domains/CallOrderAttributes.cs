namespace RedLeafSharp.Contracts;

/// <summary>
/// On a contract whose methods have an order: the states that an implementation goes through, beginning with the one in which it
/// is provided. A method may be called in the first one, unless <see cref="LegalInAttribute"/> names others. The proxy keeps the
/// state; a call that does not fit is a <see cref="CallOrderException"/> of the caller, and the callee does not hear of it.
/// </summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class StatesAttribute(params string[] names) : Attribute
{
    /// <summary>The states, in lower case as they stand in messages: "the file system is unmounted".</summary>
    public IReadOnlyList<string> Names { get; } = names;
}

/// <summary>On a method of a contract with states: where it may be called. Without it, in the first state only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LegalInAttribute(params string[] states) : Attribute
{
    /// <summary>Names of <see cref="StatesAttribute"/>.</summary>
    public IReadOnlyList<string> States { get; } = states;
}

/// <summary>On a method of a contract with states: where a call leads that succeeds. Without it, the state stays.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LeadsToAttribute(string state) : Attribute
{
    /// <summary>A name of <see cref="StatesAttribute"/>.</summary>
    public string State { get; } = state;
}
