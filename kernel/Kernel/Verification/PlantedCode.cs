using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Verification;

/// <summary>What the rewriter adds to an image, by name.</summary>
internal static class PlantedCode
{
    /// <summary>What planted calls lead to; docs/safepoints.md has its code.</summary>
    private const string SafepointHolder = "RedLeafSharp.<Safepoints>";

    /// <summary>Whether the type is one that the rewriter declares. An author's image may not declare it.</summary>
    internal static bool IsHolder(string type) => type == $"{FaultHolder.Namespace}.{FaultHolder.Name}"
        || type == SafepointHolder;

    /// <summary>Whether a type of the kernel is there for planted code only.</summary>
    internal static bool IsRuntime(string type) => type.StartsWith("RedLeafSharp.Safepoints.", StringComparison.Ordinal)
        || type is "RedLeafSharp.FaultTrigger" or "RedLeafSharp.InjectedFaultException";
}
