namespace RedLeafSharp.Verification;

/// <summary>Ids of the rules; the analyzers report the same id for the same offence. docs/rules has a page for each.</summary>
internal static class RuleId
{
    internal const string Member = "RL0001";
    internal const string Type = "RL0002";
    internal const string Unsafe = "RL0003";
    internal const string LocalAllocation = "RL0004";
    internal const string NativeCode = "RL0005";
    internal const string StaticState = "RL0006";
    internal const string Concurrency = "RL0007";
    internal const string Lock = "RL0008";
    internal const string Finalizer = "RL0009";
    internal const string Reflection = "RL0010";
    internal const string ExplicitLayout = "RL0011";
    internal const string SkipLocalsInit = "RL0012";
    internal const string ModuleInitializer = "RL0013";
    internal const string AccessBypass = "RL0014";
    internal const string BaseType = "RL0016";
    internal const string Size = "RL0017";
    internal const string GenericExpansion = "RL0018";
    internal const string Cost = "RL0019";
    internal const string StoredReference = "RL0108";
    internal const string CopiedReference = "RL0109";
    internal const string Malformed = "RL0402";
    internal const string Override = "RL0404";
    internal const string NotPlainIL = "RL0406";
    internal const string ContractVersion = "RL0407";
    internal const string Signature = "RL0408";
    internal const string PlantedCode = "RL0409";
}
