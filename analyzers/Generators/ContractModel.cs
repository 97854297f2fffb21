namespace RedLeafSharp.Generators;

/// <summary>All that the text of a proxy depends on; equal models give equal text.</summary>
/// <param name="Namespace">Namespace of the contract and its proxy.</param>
/// <param name="InterfaceType">The interface, fully qualified.</param>
/// <param name="ProxyName">Name of the proxy class.</param>
/// <param name="Methods">The methods, inherited ones included.</param>
/// <param name="States">The states it goes through, the first one first; none for a contract without an order of calls.</param>
/// <param name="Fingerprint">What binaries rely on, by member.</param>
internal sealed record ContractModel(
    string Namespace,
    string InterfaceType,
    string ProxyName,
    EquatableArray<MethodModel> Methods,
    EquatableArray<string> States,
    string Fingerprint)
{
    internal string QualifiedProxyName => Namespace.Length == 0 ? ProxyName : $"{Namespace}.{ProxyName}";
}

/// <summary>One method of a contract.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ReplyType">Its result, <c>Reply&lt;TValue, TError&gt;</c>, fully qualified.</param>
/// <param name="Parameters">Its parameters without the call context.</param>
/// <param name="MovesResult">Whether the value of the reply is an exchange reference.</param>
/// <param name="GivesEvent">Whether the value of the reply is an event.</param>
/// <param name="FullName">The names of contract and method, for messages.</param>
/// <param name="LegalStates">A bit for each state in which it may be called.</param>
/// <param name="NextState">The state that success leads to; -1 for the same.</param>
/// <param name="Tag">What the proxy notes of a call, see CallTag.</param>
internal sealed record MethodModel(
    string Name,
    string ReplyType,
    EquatableArray<ParameterModel> Parameters,
    bool MovesResult,
    bool GivesEvent,
    string FullName,
    int LegalStates,
    int NextState,
    ulong Tag);

/// <summary>One parameter of a method.</summary>
/// <param name="Name">Its name in the proxy.</param>
/// <param name="Type">Its type, fully qualified.</param>
/// <param name="Declaration">What stands before the type in the declaration: <c>scoped in </c>, or nothing.</param>
/// <param name="Passing">What stands before the argument in the call: <c>in </c>, or nothing.</param>
/// <param name="IsMoved">Whether it is an exchange reference, which the caller loses.</param>
/// <param name="IsNeeded">Whether it is a capability that must be there.</param>
/// <param name="IsEvent">Whether it is an event, which remembers to whom it goes.</param>
internal sealed record ParameterModel(
    string Name, string Type, string Declaration, string Passing, bool IsMoved, bool IsNeeded, bool IsEvent)
{
    internal bool IsOut => Passing == "out ";
}
