using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Images that bring what only the rewriter may plant, and handlers that only an assembler writes.</summary>
internal static class Planted
{
    private const string Forged = "RL0409/RL0402";

    private static readonly Family Code = new("the rewriter's code forged", Wall.Verifier);
    private static readonly Family Unwinding = new("resisting the kill", Wall.Rewriter);
    private static readonly Family Thrown = new("exceptions thrown at the kernel", Wall.Runtime);

    internal static readonly Attack[] All =
    [
        Code.Changed("class of safepoints", "to have polls that do nothing", Forged, Guest.Program(""), module =>
            Add(module, "<Safepoints>", "Poll")),
        Code.Changed("class of fault sites", "to be called by planted code", Forged + "/RL0002", Guest.Program(""), module =>
            Add(module, "<FaultSites>", "Hit")),
        Code.Code("call of a poll's slow path", "to learn that it is dying, or to unwind another", "RL0001/RL0002",
            "RedLeafSharp.Safepoints.Safepoint.Poll();"),
        Code.Code("call of a handler's question", "to learn that it is dying", "RL0001/RL0002",
            "return RedLeafSharp.Safepoints.Safepoint.MayCatch() ? 0 : 66;"),
        Code.Code("call of the stack guard", "to have its caller blamed for a stack", "RL0001/RL0002",
            "RedLeafSharp.Safepoints.Safepoint.StackLow();"),
        Code.Code("call of the look at an array", "to have an array counted that is never made", "RL0001/RL0002",
            "RedLeafSharp.Safepoints.Safepoint.CheckArrayLength(1 << 30, 8);"),
        Unwinding.Assembly("fault handler that loops", "to live on after it has been killed", "kill", pen =>
            Faulting(pen, Loop, Loop)),
        Thrown.Assembly("fault in a fault handler", "to replace what unwinds where no compiler can", "ArgumentException", pen =>
            Faulting(pen, one => Throw(pen, one, typeof(InvalidOperationException)), one => Throw(pen, one, typeof(ArgumentException)))),
        Thrown.Code("exception of a static constructor", "to come wrapped in one of the runtime's",
            "TypeInitializationException", "return L.N;",
            types: "class E : Exception { public override string Message { get { while (true) { } } } } class L { public static "
                + "readonly int N = F(); static int F() => throw new E(); }"),
        Thrown.Code("exception that hashes without end", "to be put into a table", "E", "throw new E();",
            types: "public class E : Exception { public override int GetHashCode() => throw new E(); public override bool "
                + "Equals(object o) { while (true) { } } public override string HelpLink { get { while (true) { } } set { } } }"),
        (new Family("before the first call", Wall.Rewriter)).Code("static constructor that catches its kill", "to hold the loader",
            "kill", "return N;",
            "static readonly int N = F(); static int F() { while (true) try { while (true) { } } catch { } }") with { IsSilent = true },
        (new Family("before the first call", Wall.Rewriter)).Code("static constructor of a generic type", "to run late",
            "kill", "return G<string>.N;",
            types: "class G<T> { public static readonly int N = F(); static int F() { while (true) { } } }") with { IsSilent = true },
    ];

    private static void Add(ModuleDefinition module, string name, string method)
    {
        var type = new TypeDefinition(
            "RedLeafSharp", name, TypeAttributes.Abstract | TypeAttributes.Sealed, module.TypeSystem.Object);
        var poll = new MethodDefinition(method, MethodAttributes.Static | MethodAttributes.Assembly, module.TypeSystem.Void);
        poll.Body.GetILProcessor().Emit(OpCodes.Ret);
        type.Methods.Add(poll);
        module.Types.Add(type);
    }

    /// <summary>A try with a fault handler, after saying that it is inside.</summary>
    private static void Faulting(Pen pen, Action<ILProcessor> body, Action<ILProcessor> handler)
    {
        pen.Il.Emit(OpCodes.Ldarg_1);
        pen.Il.Emit(OpCodes.Ldarg_2);
        pen.Il.Emit(OpCodes.Callvirt, pen.Method_(typeof(Contracts.ProgramServices), "get_System"));
        pen.Il.Emit(OpCodes.Call, pen.Call("A", "Say"));
        int start = pen.Body.Instructions.Count;
        body(pen.Il);
        int middle = pen.Body.Instructions.Count;
        handler(pen.Il);
        int end = pen.Body.Instructions.Count;
        pen.Exit();
        pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Fault)
        {
            TryStart = pen.Body.Instructions[start],
            TryEnd = pen.Body.Instructions[middle],
            HandlerStart = pen.Body.Instructions[middle],
            HandlerEnd = pen.Body.Instructions[end],
        });
    }

    private static void Loop(ILProcessor il)
    {
        Instruction head = il.Create(OpCodes.Nop);
        il.Append(head);
        il.Emit(OpCodes.Br, head);
    }

    private static void Throw(Pen pen, ILProcessor il, Type exception)
    {
        il.Emit(OpCodes.Newobj, pen.Method_(exception, ".ctor"));
        il.Emit(OpCodes.Throw);
    }
}
