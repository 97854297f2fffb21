using Mono.Cecil;
using Mono.Cecil.Cil;
using RedLeafSharp.Safepoints;

namespace RedLeafSharp.Rewriting;

/// <summary>Makes the class of planted methods for one module. Its bodies are those of docs/safepoints.md, to the instruction.</summary>
internal sealed class SafepointHolder
{
    private readonly ModuleDefinition module;
    private readonly TypeReference trusted;
    private readonly TypeDefinition holder;

    /// <param name="module">The module.</param>
    /// <param name="file">What to call it in messages.</param>
    /// <param name="hasFaultSites">Whether there is code that runs only when something is armed.</param>
    /// <exception cref="ImageException">The image brings a class of this name.</exception>
    internal SafepointHolder(ModuleDefinition module, string file, bool hasFaultSites)
    {
        if (module.GetType(SafepointSpec.HolderNamespace, SafepointSpec.HolderName) is not null)
        {
            throw new ImageException(file, $"it has a class {SafepointSpec.HolderName}, which only the kernel may add");
        }

        this.module = module;
        trusted = TrustedReference.To(module, typeof(Safepoint));
        const TypeAttributes StaticClass = TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed;
        holder = new TypeDefinition(
            SafepointSpec.HolderNamespace, SafepointSpec.HolderName, StaticClass | TypeAttributes.BeforeFieldInit, module.TypeSystem.Object);
        Poll = MakePoll();
        CheckStack = MakeCheckStack();
        MayCatch = MakeMayCatch();
        EnterFinally = MakeEnterFinally();
        IsArmed = hasFaultSites ? MakeIsArmed() : null;
        CheckArrayLength = ReferTo(nameof(Safepoint.CheckArrayLength), module.TypeSystem.Void);
        CheckArrayLength.Parameters.Add(new ParameterDefinition(module.TypeSystem.IntPtr));
        CheckArrayLength.Parameters.Add(new ParameterDefinition(module.TypeSystem.Int32));
    }

    internal MethodDefinition Poll { get; }

    internal MethodDefinition CheckStack { get; }

    internal MethodDefinition MayCatch { get; }

    internal MethodDefinition EnterFinally { get; }

    /// <summary>Null in an image without fault sites.</summary>
    internal MethodDefinition? IsArmed { get; }

    /// <summary>The one planted call that goes to the kernel directly: it needs no constant of the generation.</summary>
    internal MethodReference CheckArrayLength { get; }

    /// <summary>Adds the class, when the list of methods to plant in is complete.</summary>
    internal void AddToModule() => module.Types.Add(holder);

    private MethodDefinition MakePoll()
    {
        MethodDefinition method = Make(SafepointSpec.Poll, module.TypeSystem.Void);
        ILProcessor code = method.Body.GetILProcessor();
        Instruction end = code.Create(OpCodes.Ret);
        LoadWord(code);
        code.Emit(OpCodes.Brfalse_S, end);
        code.Emit(OpCodes.Call, ReferTo(nameof(Safepoint.Poll), module.TypeSystem.Void));
        code.Append(end);
        return method;
    }

    private MethodDefinition MakeCheckStack()
    {
        MethodDefinition method = Make(SafepointSpec.CheckStack, module.TypeSystem.Void);
        method.Body.Variables.Add(new VariableDefinition(module.TypeSystem.Int32));

        // Only the local's address is used. Clearing it would cost a store in every guarded method.
        method.Body.InitLocals = false;
        ILProcessor code = method.Body.GetILProcessor();
        Instruction end = code.Create(OpCodes.Ret);
        code.Emit(OpCodes.Ldloca_S, method.Body.Variables[0]);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Conv_U4);
        code.Emit(OpCodes.Ldc_I4, SafepointSpec.StackMask);
        code.Emit(OpCodes.And);
        code.Emit(OpCodes.Ldc_I4, SafepointSpec.LimitPlaceholder);
        code.Emit(OpCodes.Bge_Un_S, end);
        code.Emit(OpCodes.Call, ReferTo(nameof(Safepoint.StackLow), module.TypeSystem.Void));
        code.Append(end);
        return method;
    }

    private MethodDefinition MakeMayCatch()
    {
        MethodDefinition method = Make(SafepointSpec.MayCatch, module.TypeSystem.Int32);
        method.Parameters.Add(new ParameterDefinition(module.TypeSystem.Int32));
        ILProcessor code = method.Body.GetILProcessor();
        Instruction yes = code.Create(OpCodes.Ldc_I4_1);
        Instruction no = code.Create(OpCodes.Ldc_I4_0);
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Brfalse_S, no);
        LoadWord(code);
        code.Emit(OpCodes.Brfalse_S, yes);
        code.Emit(OpCodes.Call, ReferTo(nameof(Safepoint.MayCatch), module.TypeSystem.Boolean));
        code.Emit(OpCodes.Ret);
        code.Append(yes);
        code.Emit(OpCodes.Ret);
        code.Append(no);
        code.Emit(OpCodes.Ret);
        return method;
    }

    private MethodDefinition MakeEnterFinally()
    {
        MethodDefinition method = Make(SafepointSpec.EnterFinally, module.TypeSystem.Boolean);
        ILProcessor code = method.Body.GetILProcessor();
        Instruction yes = code.Create(OpCodes.Ldc_I4_1);
        LoadWord(code);
        code.Emit(OpCodes.Brfalse_S, yes);
        code.Emit(OpCodes.Call, ReferTo(nameof(Safepoint.EnterFinally), module.TypeSystem.Boolean));
        code.Emit(OpCodes.Ret);
        code.Append(yes);
        code.Emit(OpCodes.Ret);
        return method;
    }

    private MethodDefinition MakeIsArmed()
    {
        MethodDefinition method = Make(SafepointSpec.IsArmed, module.TypeSystem.Boolean);
        ILProcessor code = method.Body.GetILProcessor();
        LoadWord(code, SafepointSpec.ArmedPlaceholder);
        code.Emit(OpCodes.Ret);
        return method;
    }

    private static void LoadWord(ILProcessor code, long placeholder = SafepointSpec.WordPlaceholder)
    {
        code.Emit(OpCodes.Ldc_I8, placeholder);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Volatile);
        code.Emit(OpCodes.Ldind_I4);
    }

    private MethodDefinition Make(string name, TypeReference result)
    {
        var method = new MethodDefinition(name, MethodAttributes.Static | MethodAttributes.Assembly | MethodAttributes.HideBySig, result)
        {
            ImplAttributes = MethodImplAttributes.IL | MethodImplAttributes.Managed | MethodImplAttributes.AggressiveInlining,
        };
        holder.Methods.Add(method);
        return method;
    }

    private MethodReference ReferTo(string name, TypeReference result) => new(name, result, trusted);
}
