using Microsoft.Diagnostics.Runtime;

namespace RedLeafSharp.Cli.Doctor;

/// <summary>The static fields of all loaded types that refer to an object.</summary>
internal static class StaticFields
{
    internal static IEnumerable<(string Name, ClrObject Value, ulong Slot)> Of(ClrRuntime runtime)
    {
        foreach (ClrType type in Types(runtime))
        {
            foreach (ClrStaticField field in type.StaticFields.Where(field => field.IsObjectReference))
            {
                ClrAppDomain domain = runtime.AppDomains[0];
                if (field.IsInitialized(domain) && field.ReadObject(domain) is { IsValid: true } value)
                {
                    yield return ($"static field {type.Name}.{field.Name}", value, field.GetAddress(domain));
                }
            }

            foreach (ClrThreadStaticField field in type.ThreadStaticFields.Where(field => field.IsObjectReference))
            {
                foreach (ClrThread thread in runtime.Threads.Where(thread => thread.IsAlive && field.IsInitialized(thread)))
                {
                    if (field.ReadObject(thread) is { IsValid: true } value)
                    {
                        string name = $"thread-static field {type.Name}.{field.Name} of {Roots.NameOf(thread)}";
                        yield return (name, value, field.GetAddress(thread));
                    }
                }
            }
        }
    }

    /// <summary>Static fields of generic instances are not found here: they come as handles.</summary>
    private static IEnumerable<ClrType> Types(ClrRuntime runtime) =>
        from module in runtime.EnumerateModules()
        from entry in module.EnumerateTypeDefToMethodTableMap()
        let type = runtime.GetTypeByMethodTable(entry.MethodTable)
        where type is { IsCollectible: false }
        select type;
}
