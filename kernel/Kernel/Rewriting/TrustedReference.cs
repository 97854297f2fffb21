using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>Refers to types of kernel/Trusted from an image that may not do so itself.</summary>
internal static class TrustedReference
{
    internal static TypeReference To(ModuleDefinition module, Type type)
    {
        System.Reflection.AssemblyName trusted = type.Assembly.GetName();
        AssemblyNameReference? scope = module.AssemblyReferences.FirstOrDefault(reference => reference.Name == trusted.Name);
        if (scope is null)
        {
            scope = new AssemblyNameReference(trusted.Name, trusted.Version);
            module.AssemblyReferences.Add(scope);
        }

        return new TypeReference(type.Namespace, type.Name, module, scope);
    }
}
