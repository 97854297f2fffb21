using System.Reflection;
using System.Runtime.Loader;
using RedLeafSharp.Safepoints;

namespace RedLeafSharp.Kernel.Loading;

/// <summary>The collectible context of one generation of one domain.</summary>
internal sealed class DomainLoadContext : AssemblyLoadContext
{
    internal DomainLoadContext(string name)
        : base(name, isCollectible: true)
    {
    }

    /// <summary>What the code polls. Kept here: the runtime keeps an unloaded context until its code has been collected.</summary>
    internal PollWord PollWord { get; } = new();

    /// <summary>Whether it is used by one generation after the other, see <see cref="CodePool"/>.</summary>
    internal bool IsPooled { get; set; }

    /// <summary>Whether its static constructors have run.</summary>
    internal bool IsInitialized { get; set; }

    /// <summary>Everything that a domain may reference lives in the default context.</summary>
    protected override Assembly? Load(AssemblyName assemblyName) => null;
}
