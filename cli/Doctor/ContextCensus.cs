using Microsoft.Diagnostics.Runtime;
using RedLeafSharp.Kernel.Loading;

namespace RedLeafSharp.Cli.Doctor;

/// <summary>Which load contexts of domains have been unloaded and are still there, and which objects belong to each.</summary>
/// <remarks>
/// The object that decides is the context's LoaderAllocator: every object of a collectible type keeps it alive, and code is
/// freed when it dies. The context object itself is kept by the runtime until then (dotnet/runtime, docs/design/features/unloadability.md).
/// </remarks>
internal sealed class ContextCensus
{
    /// <summary>AssemblyLoadContext.InternalState.Unloading; Alive is 0.</summary>
    private const int Unloading = 1;

    private const string AllocatorType = "System.Reflection.LoaderAllocator";

    private readonly ClrRuntime runtime;
    private readonly Dictionary<ulong, HeldContext> byAllocator = [];
    private readonly Dictionary<ulong, ulong> allocatorByMethodTable = [];

    internal ContextCensus(ClrRuntime runtime)
    {
        this.runtime = runtime;
        foreach (ClrModule module in runtime.EnumerateModules())
        {
            AddContextOf(module);
        }
    }

    internal IReadOnlyCollection<HeldContext> Held => byAllocator.Values;

    /// <summary>The unloaded context that an object belongs to; null for an object of the host or of a live domain.</summary>
    internal HeldContext? OwnerOf(ClrObject instance)
    {
        if (instance.Type is not { } type)
        {
            return null;
        }

        return type.Name == AllocatorType ? byAllocator.GetValueOrDefault(instance.Address) : OwnerOf(type);
    }

    /// <summary>The unloaded context that a type belongs to.</summary>
    internal HeldContext? OwnerOf(ClrType type)
    {
        ulong allocator = AllocatorOf(type);
        return allocator == 0 ? null : byAllocator.GetValueOrDefault(allocator);
    }

    private void AddContextOf(ClrModule module)
    {
        foreach ((ulong methodTable, int _) in module.EnumerateTypeDefToMethodTableMap())
        {
            if (runtime.GetTypeByMethodTable(methodTable) is not { } type)
            {
                continue;
            }

            if (type.IsCollectible && AllocatorOf(type) is > 0 and ulong allocator)
            {
                AddWhenUnloaded(runtime.Heap.GetObject(type.AssemblyLoadContextAddress), allocator);
            }

            return; // all types of a module are in one context
        }
    }

    private void AddWhenUnloaded(ClrObject context, ulong allocator)
    {
        if (context.Type?.Name == typeof(DomainLoadContext).FullName && context.ReadField<int>("_state") == Unloading)
        {
            byAllocator.TryAdd(allocator, new HeldContext(context.ReadStringField("_name") ?? "(unnamed)", allocator));
        }
    }

    private ulong AllocatorOf(ClrType type)
    {
        if (!type.IsCollectible)
        {
            return 0;
        }

        if (!allocatorByMethodTable.TryGetValue(type.MethodTable, out ulong allocator))
        {
            allocator = type.LoaderAllocatorHandle == 0 ? 0 : runtime.DataTarget.DataReader.ReadPointer(type.LoaderAllocatorHandle);
            allocatorByMethodTable.Add(type.MethodTable, allocator);
        }

        return allocator;
    }
}
