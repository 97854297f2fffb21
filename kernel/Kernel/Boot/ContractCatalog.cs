using RedLeafSharp.Contracts;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>The contracts there are, by the names that manifests and system files use.</summary>
internal static class ContractCatalog
{
    private static readonly Dictionary<string, Type> Contracts = typeof(IDomain).Assembly.GetTypes()
        .Where(type => type.IsInterface && type.IsDefined(typeof(DomainContractAttribute), inherit: false))
        .ToDictionary(type => type.Name, StringComparer.Ordinal);

    private static readonly ILookup<uint, string> Methods =
        (from contract in Contracts.Values
         from method in contract.GetMethods()
         select $"{contract.Name}.{method.Name}").Distinct().ToLookup(CallTag.MethodHash);

    /// <summary>All names, for messages.</summary>
    internal static string Names => string.Join(", ", Contracts.Keys.Order());

    /// <summary>The contract of a name, or null.</summary>
    internal static Type? Find(string name) => Contracts.GetValueOrDefault(name);

    /// <summary>Names of contract and method, as an entry of a chain has them. All that it may be, should hashes collide.</summary>
    internal static string NameOfCall(ulong word) =>
        Methods.Contains(CallTag.MethodOf(word)) ? string.Join(" or ", Methods[CallTag.MethodOf(word)]) : "a call";
}
