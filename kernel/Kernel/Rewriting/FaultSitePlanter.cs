using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Plants the sites of one module. A site calls a method of a class added to the image, which passes the image's trigger on
/// to <see cref="FaultTrigger.Hit"/>.
/// </summary>
/// <remarks>
/// That method is not inlined: standbys are compiled all the time while crashes are injected, and with the check inlined at
/// each of its 477 sites the NVMe driver took 75 ms to compile instead of 55 (2 cores of an AMD EPYC, .NET 10.0.12).
/// </remarks>
internal sealed class FaultSitePlanter
{
    /// <summary>The class that is added to the image to hold its trigger; no C# name can collide with it.</summary>
    internal const string HolderNamespace = "RedLeafSharp";
    internal const string HolderName = "<FaultSites>";
    internal const string FieldName = "Trigger";

    private readonly ModuleDefinition module;
    private readonly MethodDefinition hit;
    private readonly FieldDefinition trigger;
    private readonly List<FaultSite> sites = [];

    internal FaultSitePlanter(ModuleDefinition module)
    {
        this.module = module;
        TypeReference type = TrustedReference.To(module, typeof(FaultTrigger));
        trigger = new FieldDefinition(FieldName, FieldAttributes.Static | FieldAttributes.Assembly, type);
        hit = MakeHit(type);
    }

    internal List<FaultSite> Plant()
    {
        // The list is complete before the holder is added, and symbols are read before a body is changed.
        List<MethodDefinition> methods = [.. module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)];
        foreach (MethodDefinition method in methods)
        {
            PlantMethod(method);
        }

        const TypeAttributes StaticClass = TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed;
        var holder = new TypeDefinition(
            HolderNamespace, HolderName, StaticClass | TypeAttributes.BeforeFieldInit, module.TypeSystem.Object);
        holder.Fields.Add(trigger);
        holder.Methods.Add(hit);
        module.Types.Add(holder);
        return sites;
    }

    private void PlantMethod(MethodDefinition method)
    {
        List<SitePosition> positions = SitePositions.Of(method);
        if (positions.Count == 0)
        {
            return;
        }

        // Branches are long while code moves; the optimizer makes them short again where they can be.
        MethodBody body = method.Body;
        int firstId = sites.Count;
        body.SimplifyMacros();
        for (int index = positions.Count - 1; index >= 0; index--)
        {
            PlantBefore(body, positions[index], firstId + index);
        }

        body.OptimizeMacros();
        string name = $"{method.DeclaringType.FullName}.{method.Name}";
        foreach (SitePosition position in positions)
        {
            string? document = position.Point?.Document.Url;
            sites.Add(new FaultSite(sites.Count, name, document, position.Point?.StartLine ?? 0, position.ILOffset));
        }
    }

    private void PlantBefore(MethodBody body, SitePosition position, int site) => CodeInsertion.Before(
        body, position.Index, Instruction.Create(OpCodes.Ldc_I4, site), Instruction.Create(OpCodes.Call, hit));

    private MethodDefinition MakeHit(TypeReference type)
    {
        var target = new MethodReference(nameof(FaultTrigger.Hit), module.TypeSystem.Void, type);
        target.Parameters.Add(new ParameterDefinition(type));
        target.Parameters.Add(new ParameterDefinition(module.TypeSystem.Int32));
        var method = new MethodDefinition(
            nameof(FaultTrigger.Hit), MethodAttributes.Static | MethodAttributes.Assembly, module.TypeSystem.Void)
        {
            ImplAttributes = MethodImplAttributes.IL | MethodImplAttributes.Managed | MethodImplAttributes.NoInlining,
        };
        method.Parameters.Add(new ParameterDefinition(module.TypeSystem.Int32));
        ILProcessor code = method.Body.GetILProcessor();
        code.Emit(OpCodes.Ldsfld, trigger);
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Call, target);
        code.Emit(OpCodes.Ret);
        return method;
    }
}
