using System.Diagnostics.CodeAnalysis;

namespace RedLeafSharp.Kernel.Domains;

/// <summary>Who provides what to whom, as the system file says.</summary>
internal sealed class DomainRegistry
{
    private readonly Dictionary<Type, object> services = [];
    private readonly Dictionary<(string Domain, string Setting), string> overrides = [];
    private readonly List<Domain> domains = [];

    /// <summary>In the order of the system file: a domain comes after those it uses.</summary>
    internal IReadOnlyList<Domain> Domains => domains;

    internal void Add(Domain domain) => domains.Add(domain);

    /// <exception cref="ArgumentException">There is no such domain.</exception>
    internal Domain Find(string name) => domains.Find(domain => domain.Name == name)
        ?? throw new ArgumentException($"there is no domain '{name}'", nameof(name));

    /// <summary>Makes a contract known that the kernel itself provides.</summary>
    internal void AddService(Type contract, object implementation) => services.Add(contract, implementation);

    internal object? FindService(Type contract) => services.GetValueOrDefault(contract);

    /// <summary>A setting that the command line gives and the system file does not.</summary>
    internal void Override(string domain, string setting, string value) => overrides[(domain, setting)] = value;

    internal bool TryGetSetting(Domain domain, string name, [NotNullWhen(true)] out string? value) =>
        overrides.TryGetValue((domain.Name, name), out value) || domain.Description.Settings.TryGetValue(name, out value);

    /// <summary>The domain that provides a contract to another one.</summary>
    /// <returns>Null when there is none, or the system file does not say which.</returns>
    internal Domain? FindProvider(Domain consumer, Type contract, out string problem)
    {
        problem = string.Empty;
        if (consumer.Description.Uses.TryGetValue(contract.Name, out IReadOnlyList<string>? names))
        {
            return Find(names[0]);
        }

        if (consumer.Shadowed is { } shadowed && shadowed.MayProvide(contract.Name))
        {
            return shadowed;
        }

        Domain[] providers = [.. domains.TakeWhile(one => one != consumer).Where(one => one.Image is not null && one.MayProvide(contract.Name))];
        problem = providers.Length == 0
            ? $"no domain listed before it provides {contract.Name}"
            : $"several domains provide {contract.Name}: the system file must say 'use'";
        return providers.Length == 1 ? providers[0] : null;
    }
}
