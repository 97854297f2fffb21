using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// The class that is added to an image with fault sites or mutants: it holds the image's trigger and passes it on to
/// <see cref="FaultTrigger"/>.
/// </summary>
internal sealed class FaultHolder
{
    /// <summary>No C# name can collide with it.</summary>
    internal const string Namespace = "RedLeafSharp";
    internal const string Name = "<FaultSites>";
    internal const string FieldName = "Trigger";

    private readonly ModuleDefinition module;
    private readonly TypeReference type;
    private readonly TypeDefinition holder;
    private readonly FieldDefinition trigger;

    internal FaultHolder(ModuleDefinition module)
    {
        const TypeAttributes StaticClass = TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed;
        this.module = module;
        holder = new TypeDefinition(Namespace, Name, StaticClass | TypeAttributes.BeforeFieldInit, module.TypeSystem.Object);
        type = TrustedReference.To(module, typeof(FaultTrigger));
        trigger = new FieldDefinition(FieldName, FieldAttributes.Static | FieldAttributes.Assembly, type);
        Hit = MakeCall(nameof(FaultTrigger.Hit), module.TypeSystem.Void);
        IsMutated = MakeCall(nameof(FaultTrigger.IsMutated), module.TypeSystem.Boolean);
    }

    /// <summary>What a site calls, with its number.</summary>
    internal MethodDefinition Hit { get; }

    /// <summary>What a place with mutants calls, with a mutant's number.</summary>
    internal MethodDefinition IsMutated { get; }

    /// <summary>The class: a type that nothing else in the module can have.</summary>
    internal TypeDefinition Type => holder;

    /// <summary>Adds the class, after everything has been planted: its own methods are no domain code.</summary>
    internal void AddToModule()
    {
        holder.Fields.Add(trigger);
        holder.Methods.Add(Hit);
        holder.Methods.Add(IsMutated);
        module.Types.Add(holder);
    }

    private MethodDefinition MakeCall(string name, TypeReference result)
    {
        var target = new MethodReference(name, result, type);
        target.Parameters.Add(new ParameterDefinition(type));
        target.Parameters.Add(new ParameterDefinition(module.TypeSystem.Int32));
        var method = new MethodDefinition(name, MethodAttributes.Static | MethodAttributes.Assembly, result)
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
