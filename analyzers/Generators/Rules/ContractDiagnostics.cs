using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators.Rules;

/// <summary>The rules for contracts, RL0201 to RL0211. Each has a page of its name in docs/rules.</summary>
public static class ContractDiagnostics
{
    /// <summary>The first parameter names the caller.</summary>
    public static readonly DiagnosticDescriptor ContextFirst = Rule(
        "RL0201", "A contract's method takes the call context first",
        "{0}.{1} must take 'CallContext context' as its first parameter, by value: without it the proxy cannot tell who calls");

    /// <summary>The result has room for a fault.</summary>
    public static readonly DiagnosticDescriptor ReplyResult = Rule(
        "RL0202", "A contract's method returns a reply",
        "{0}.{1} returns '{2}' and must return Reply<TValue, TError>: the proxy needs a way to report a fault");

    /// <summary>What is passed by value may cross.</summary>
    public static readonly DiagnosticDescriptor ValueParameter = Rule(
        "RL0203", "An argument passed by value must be able to cross",
        "{0}.{1}: parameter '{2}' of type '{3}' may not cross: {4}; {5}");

    /// <summary>What is passed by reference is plain data.</summary>
    public static readonly DiagnosticDescriptor ReferenceParameter = Rule(
        "RL0204", "An argument passed by reference must be plain data",
        "{0}.{1}: parameter '{2}' of type '{3}' may not be passed by reference: {4}; {5}");

    /// <summary>Spans are of plain data.</summary>
    public static readonly DiagnosticDescriptor SpanElement = Rule(
        "RL0205", "The elements of a span must be plain data",
        "{0}.{1}: parameter '{2}' of type '{3}' may not cross: {4}; {5}");

    /// <summary>What comes back may cross.</summary>
    public static readonly DiagnosticDescriptor ReplyValue = Rule(
        "RL0206", "The value of a reply must be able to cross",
        "{0}.{1}: the reply's value of type '{2}' may not cross: {3}; {4}");

    /// <summary>Errors share a word with success and faults.</summary>
    public static readonly DiagnosticDescriptor ErrorEnum = Rule(
        "RL0207", "The error of a reply must be an int enum with 0 for success",
        "{0}.{1}: the error type '{2}' {3}: one word holds success (0), the contract's errors (above 0) or a fault (below 0)");

    /// <summary>A contract has methods only.</summary>
    public static readonly DiagnosticDescriptor PlainMethods = Rule(
        "RL0208", "A contract consists of plain methods",
        "{0}.{1} is {2}, and a contract has plain methods only; {3}");

    /// <summary>A contract is a plain interface.</summary>
    public static readonly DiagnosticDescriptor PlainInterface = Rule(
        "RL0209", "A contract is a plain interface",
        "Contract {0} {1}; {2}");

    /// <summary>States are declared and named rightly.</summary>
    public static readonly DiagnosticDescriptor CallOrder = Rule(
        "RL0210", "The order of a contract's calls is declared completely",
        "{0} {1}; {2}");

    /// <summary>Each state can come.</summary>
    public static readonly DiagnosticDescriptor UnreachableState = Rule(
        "RL0211", "Each state of a contract can be reached",
        "Contract {0}: no call leads to the state '{1}'; write [LeadsTo(\"{1}\")] on the method that does, or remove the state");

    private static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id, title, message, "Contracts", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: $"docs/rules/{id}.md", customTags: [WellKnownDiagnosticTags.NotConfigurable]);
}
