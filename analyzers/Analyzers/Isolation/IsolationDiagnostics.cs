using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>The rules of what domain code may do, RL0001 to RL0019. Each has a page of its name in docs/rules.</summary>
/// <remarks>
/// The verifier has the same rules for the same offences in IL. An id comes from here or, in front of a reason, from the list of
/// what domain code may use.
/// </remarks>
internal static class IsolationDiagnostics
{
    internal const string Member = "RL0001";
    internal const string Type = "RL0002";
    internal const string Unsafe = "RL0003";
    internal const string StackAllocation = "RL0004";
    internal const string Native = "RL0005";
    internal const string StaticState = "RL0006";
    internal const string Threads = "RL0007";
    internal const string Locks = "RL0008";
    internal const string Finalizer = "RL0009";
    internal const string Reflection = "RL0010";
    internal const string ExplicitLayout = "RL0011";
    internal const string SkipLocalsInit = "RL0012";
    internal const string ModuleInitializer = "RL0013";
    internal const string AccessChecks = "RL0014";
    internal const string Suppression = "RL0015";
    internal const string BaseType = "RL0016";
    internal const string Size = "RL0017";
    internal const string GenericExpansion = "RL0018";
    internal const string Cost = "RL0019";

    private static readonly DiagnosticDescriptor MemberRule = Rule(
        Member, "A member is used that is not on the allow-list");

    private static readonly DiagnosticDescriptor TypeRule = Rule(
        Type, "A type is used that is not on the allow-list");

    private static readonly DiagnosticDescriptor UnsafeRule = Rule(
        Unsafe, "Unsafe code in a domain");

    private static readonly DiagnosticDescriptor StackAllocationRule = Rule(
        StackAllocation, "Memory is taken from the stack");

    private static readonly DiagnosticDescriptor NativeRule = Rule(
        Native, "Native code is called, or calls");

    private static readonly DiagnosticDescriptor StaticStateRule = Rule(
        StaticState, "Static state that can change");

    private static readonly DiagnosticDescriptor ThreadsRule = Rule(
        Threads, "Asynchronous code, a thread or a timer");

    private static readonly DiagnosticDescriptor LocksRule = Rule(
        Locks, "A lock in a domain");

    private static readonly DiagnosticDescriptor FinalizerRule = Rule(
        Finalizer, "A finalizer in a domain");

    private static readonly DiagnosticDescriptor ReflectionRule = Rule(
        Reflection, "Reflection or dynamic code");

    private static readonly DiagnosticDescriptor ExplicitLayoutRule = Rule(
        ExplicitLayout, "Fields are laid out by hand");

    private static readonly DiagnosticDescriptor SkipLocalsInitRule = Rule(
        SkipLocalsInit, "Locals are not cleared");

    private static readonly DiagnosticDescriptor ModuleInitializerRule = Rule(
        ModuleInitializer, "A module initializer");

    private static readonly DiagnosticDescriptor AccessChecksRule = Rule(
        AccessChecks, "Access checks are bypassed");

    private static readonly DiagnosticDescriptor SuppressionRule = Rule(
        Suppression, "A rule of RedLeaf is suppressed");

    private static readonly DiagnosticDescriptor BaseTypeRule = Rule(
        BaseType, "A base type that a domain may not have");

    private static readonly DiagnosticDescriptor SizeRule = Rule(
        Size, "A struct or a stack frame is too large");

    private static readonly DiagnosticDescriptor GenericExpansionRule = Rule(
        GenericExpansion, "A generic instantiation expands without end");

    private static readonly DiagnosticDescriptor CostRule = Rule(
        Cost, "A call whose cost its arguments do not bound");

    internal static readonly ImmutableArray<DiagnosticDescriptor> All =
    [
        MemberRule, TypeRule, UnsafeRule, StackAllocationRule, NativeRule, StaticStateRule, ThreadsRule, LocksRule,
        FinalizerRule, ReflectionRule, ExplicitLayoutRule, SkipLocalsInitRule, ModuleInitializerRule,
        AccessChecksRule, SuppressionRule, BaseTypeRule, SizeRule, GenericExpansionRule, CostRule,
    ];

    internal static DiagnosticDescriptor Of(string id)
    {
        foreach (DiagnosticDescriptor rule in All)
        {
            if (rule.Id == id)
            {
                return rule;
            }
        }

        return All[0];
    }

    private static DiagnosticDescriptor Rule(string id, string title) => new(
        id, title, "{0}", "Isolation", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: $"docs/rules/{id}.md", customTags: [WellKnownDiagnosticTags.NotConfigurable]);
}
