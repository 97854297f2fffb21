using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Delegate types that no compiler makes: the runtime gives them their constructor and their Invoke, an image may add more.</summary>
internal static class OwnDelegates
{
    private const string Types = "public delegate int D(object one); public sealed class Keeper { public long Number; }";

    private const string Members = "static int Take(object one) => 1; static int TakeNumber(long one) => one == 0 ? 0 : 66;";

    private const MethodAttributes Public = MethodAttributes.Public | MethodAttributes.HideBySig;

    private static readonly Family Objects = new("one object taken for another", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Write("delegate with a constructor in IL", "to have its own constructor give the runtime's any address", pen =>
        {
            MethodDefinition made = AddConstructor(pen, pen.Module.TypeSystem.Object, pen.Module.TypeSystem.UIntPtr);
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Ldftn, pen.Call("A", "Take"));
            pen.Il.Emit(OpCodes.Newobj, made);
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Callvirt, pen.Call("D", "Invoke"));
            pen.Leave();
        }),
        Write("delegate constructor of one argument", "to have the runtime take fewer values from the stack than were checked", pen =>
        {
            MethodDefinition made = AddConstructor(pen, pen.Module.TypeSystem.IntPtr);
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Ldftn, pen.Call("A", "Take"));
            pen.Il.Emit(OpCodes.Newobj, made);
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Write("delegate with two Invokes", "to be checked against the one and to be called through the other", pen =>
        {
            TypeDefinition type = pen.Own("D");
            MethodDefinition invoke = pen.Call("D", "Invoke");
            invoke.Attributes = (invoke.Attributes & ~MethodAttributes.MemberAccessMask) | MethodAttributes.Assembly;
            var other = new MethodDefinition("Invoke", Public, pen.Int);
            other.Parameters.Add(new ParameterDefinition(pen.Long));
            other.Body.GetILProcessor().Emit(OpCodes.Ldc_I4_0);
            other.Body.GetILProcessor().Emit(OpCodes.Ret);
            type.Methods.Add(other);
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Ldftn, pen.Call("A", "TakeNumber"));
            pen.Il.Emit(OpCodes.Newobj, type.Methods.Single(one => one.IsConstructor));
            pen.Il.Emit(OpCodes.Ldstr, "x");
            pen.Il.Emit(OpCodes.Callvirt, invoke);
            pen.Leave();
        }),
    ];

    private static Attack Write(string name, string tries, Action<Pen> write) =>
        Objects.Assembly(name, tries, "RL0401/RL0402/RL0404", write, Members, Types);

    /// <summary>A constructor that calls the runtime's with an address of its own choice.</summary>
    private static MethodDefinition AddConstructor(Pen pen, params TypeReference[] parameters)
    {
        TypeDefinition type = pen.Own("D");
        MethodDefinition runtimes = type.Methods.Single(one => one.IsConstructor);
        var made = new MethodDefinition(
            ".ctor", Public | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName, pen.Module.TypeSystem.Void);
        Array.ForEach(parameters, one => made.Parameters.Add(new ParameterDefinition(one)));
        ILProcessor il = made.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldnull);
        il.Emit(OpCodes.Ldc_I4, 0x41414140);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Call, runtimes);
        il.Emit(OpCodes.Ret);
        type.Methods.Add(made);
        return made;
    }
}
