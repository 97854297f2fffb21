namespace RedLeafSharp.Lab.Faults;

/// <summary>Names of kinds of faults: a class, a dot, a name.</summary>
internal static class FaultNames
{
    internal static string ClassOf(string kind) => kind.Split('.', 2)[0];

    internal static string NameOf(string kind) => kind.Split('.', 2) is [_, string name] ? name : string.Empty;
}
