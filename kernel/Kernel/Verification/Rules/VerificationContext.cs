using System.Reflection;
using System.Runtime.Loader;
using RedLeafSharp.Verification.Image;

namespace RedLeafSharp.Verification.Rules;

/// <summary>
/// Where an image is loaded to be looked at. Nothing of it runs: types are loaded, no static constructor is, and attributes are
/// read as metadata. It sees the framework, Trusted and Contracts, never another domain.
/// </summary>
internal sealed class VerificationContext : AssemblyLoadContext
{
    internal VerificationContext()
        : base("verification", isCollectible: true)
    {
    }

    protected override Assembly? Load(AssemblyName assemblyName) => TableRules.IsAllowedReference(assemblyName.Name ?? string.Empty)
        ? null : throw new FileNotFoundException($"a domain may not reference '{assemblyName.Name}'");
}
