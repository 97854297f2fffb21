using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Stacks, branches, handlers, overrides that no compiler would write.</summary>
internal static class ControlFlow
{
    private static readonly Family Flow = new("wrong branches and stacks", Wall.Verifier);
    private static readonly Family Handlers = new("wrong handlers", Wall.Verifier);
    private static readonly Family Overrides = new("wrong overrides and constraints", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Flow.Assembly("stack underflow", "to pop what the caller pushed", "RL0401/RL0402", pen =>
        {
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Flow.Assembly("end without a return", "to run into the next method", "RL0401/RL0402", pen => pen.Il.Emit(OpCodes.Nop)),
        Flow.Assembly("paths of different depths", "to leave a value for the other path", "RL0401", pen =>
        {
            Instruction join = pen.Il.Create(OpCodes.Nop);
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Brtrue, join);
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Append(join);
            pen.Exit();
        }),
        Flow.Assembly("paths of different types", "to have a number on one path and an object on the other", "RL0401", pen =>
        {
            Instruction join = pen.Il.Create(OpCodes.Callvirt, pen.Method_(typeof(object), "GetHashCode"));
            Instruction other = pen.Il.Create(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Ldarg_1);
            pen.Il.Emit(OpCodes.Pop);
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Brfalse, other);
            pen.Il.Emit(OpCodes.Ldc_I8, 0x10000L);
            pen.Il.Emit(OpCodes.Br, join);
            pen.Il.Append(other);
            pen.Il.Append(join);
            pen.Leave();
        }),
        Flow.Assembly("loop that grows the stack", "to push without end", "RL0401/RL0402", pen =>
        {
            Instruction head = pen.Il.Create(OpCodes.Ldc_I4_0);
            pen.Il.Append(head);
            pen.Il.Emit(OpCodes.Br, head);
        }),
        Flow.Raw("branch into an instruction", "to have an operand run as code", "RL0402/RL0401/loader", [0x2b, 0x02, 0x20,
            0x2a, 0x2a, 0x2a, 0x2a, 0x2a]),
        Flow.Raw("branch out of the method", "to jump into another's code", "RL0402/RL0401/loader", [0x38, 0xff, 0xff, 0x00,
            0x00, 0x2a]),
        Flow.Raw("unknown opcode", "to find one that the verifier does not know", "RL0402/RL0401/loader", [0xfe, 0xf0, 0x2a]),
        Flow.Raw("operand cut off", "to have bytes behind the method read", "RL0402/RL0401/loader", [0x20, 0x01]),
        Flow.Raw("token of no row", "to name a member that is not there", "RL0402/RL0401/loader", [0x28, 0xff, 0xff, 0xff, 0x0a,
            0x26, 0x2a]),
        Flow.Raw("token of the wrong table", "to call a type", "RL0402/RL0401/loader", [0x28, 0x01, 0x00, 0x00, 0x02, 0x26,
            0x2a]),
        Flow.Raw("endless switch", "to have a table of targets larger than the method", "RL0402/RL0401/loader", [0x16, 0x45,
            0xff, 0xff, 0xff, 0x7f, 0x2a]),
        Flow.Raw("argument that is not there", "to read the caller's frame", "RL0401/RL0402/loader", [0xfe, 0x09, 0xff, 0x7f,
            0x26, 0x14, 0x7a]),
        Flow.Raw("local that is not there", "to read its own frame's insides", "RL0401/RL0402/loader", [0xfe, 0x0c, 0xff, 0x7f,
            0x26, 0x14, 0x7a]),
        Flow.Assembly("ldtoken of a method", "to make a delegate of anything by its handle", "RL0010/RL0401/RL0002", pen =>
        {
            pen.Il.Emit(OpCodes.Ldtoken, pen.Method);
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Flow.Assembly("tail call with a reference to a local", "to have the frame gone that a reference points into",
            "RL0401/RL0402/RL0003", pen =>
        {
            MethodDefinition user = pen.Call("A", "User");
            user.Body = new Mono.Cecil.Cil.MethodBody(user) { InitLocals = true };
            user.Body.Variables.Add(new VariableDefinition(pen.Int));
            ILProcessor il = user.Body.GetILProcessor();
            il.Emit(OpCodes.Ldloca, user.Body.Variables[0]);
            il.Emit(OpCodes.Tail);
            il.Emit(OpCodes.Call, pen.Call("A", "Target"));
            il.Emit(OpCodes.Ret);
            pen.Exit();
        }, "static int User() => 0; static int Target(ref int n) => n++;"),
        Flow.Assembly("unaligned access", "to tear what others read", "RL0003/RL0401/RL0402", pen =>
        {
            VariableDefinition local = pen.Local(pen.Long);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Unaligned, (byte)1);
            pen.Il.Emit(OpCodes.Ldind_I4);
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Handlers.Assembly("fall into a handler", "to catch what was never thrown", "RL0405/RL0401", pen =>
            Protect(pen, ExceptionHandlerType.Catch, endsWithLeave: false)),
        Handlers.Assembly("branch out of a try", "to skip a finally", "RL0405/RL0401", pen =>
        {
            Instruction end = pen.Il.Create(OpCodes.Nop);
            Instruction start = pen.Il.Create(OpCodes.Br, end);
            Instruction handler = pen.Il.Create(OpCodes.Endfinally);
            pen.Il.Append(start);
            pen.Il.Append(handler);
            pen.Il.Append(end);
            pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Finally)
            {
                TryStart = start, TryEnd = handler, HandlerStart = handler, HandlerEnd = end,
            });
            pen.Exit();
        }),
        Handlers.Assembly("branch into a try", "to be protected by a handler that was not entered", "RL0405/RL0401", pen =>
        {
            Instruction inner = pen.Il.Create(OpCodes.Nop);
            Instruction start = pen.Il.Create(OpCodes.Nop);
            Instruction handler = pen.Il.Create(OpCodes.Endfinally);
            Instruction end = pen.Il.Create(OpCodes.Nop);
            pen.Il.Emit(OpCodes.Br, inner);
            pen.Il.Append(start);
            pen.Il.Append(inner);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(handler);
            pen.Il.Append(end);
            pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Finally)
            {
                TryStart = start, TryEnd = handler, HandlerStart = handler, HandlerEnd = end,
            });
            pen.Exit();
        }),
        Handlers.Assembly("handler before its try", "to confuse the nesting of regions", "RL0405/RL0401/RL0402/loader", pen =>
        {
            Instruction first = pen.Il.Create(OpCodes.Nop);
            Instruction second = pen.Il.Create(OpCodes.Nop);
            pen.Il.Append(first);
            pen.Il.Append(second);
            pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Finally)
            {
                TryStart = first, TryEnd = second, HandlerStart = first, HandlerEnd = second,
            });
            pen.Exit();
        }),
        Handlers.Assembly("endfinally outside a finally", "to unwind what is not being unwound", "RL0405/RL0401/RL0402", pen =>
            pen.Il.Emit(OpCodes.Endfinally)),
        Handlers.Assembly("rethrow outside a handler", "to throw what is not there", "RL0405/RL0401/RL0402", pen =>
            pen.Il.Emit(OpCodes.Rethrow)),
        Handlers.Assembly("return out of a try", "to skip a handler", "RL0405/RL0401", pen =>
        {
            Instruction start = pen.Il.Create(OpCodes.Nop);
            Instruction handler = pen.Il.Create(OpCodes.Endfinally);
            Instruction end = pen.Il.Create(OpCodes.Nop);
            pen.Il.Append(start);
            pen.Exit();
            pen.Il.Append(handler);
            pen.Il.Append(end);
            pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Finally)
            {
                TryStart = start, TryEnd = handler, HandlerStart = handler, HandlerEnd = end,
            });
            pen.Exit();
        }),
        Handlers.Assembly("throw of what is no exception", "to pass handlers that expect an exception", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Ldstr, "not an exception");
            pen.Il.Emit(OpCodes.Throw);
        }),
        Handlers.Assembly("catch of a class that is no exception", "to take an exception for another object",
            "RL0405/RL0401/RL0402", pen =>
            Protect(pen, ExceptionHandlerType.Catch, endsWithLeave: true, catches: pen.Text)),
        Overrides.Changed("override with another result", "to be called under a signature that is not its own",
            "RL0404/RL0402/loader",
            Guest.Program("",
                types: "public class P { public virtual object V() => null; } public class Q : P { public long W() => "
                + "0x10000; }"), module =>
            {
                MethodDefinition method = module.GetType("Q").Methods.Single(one => one.Name == "W");
                method.IsVirtual = true;
                method.IsNewSlot = true;
                method.Overrides.Add(module.GetType("P").Methods.Single(one => one.Name == "V"));
            }),
        Overrides.Changed("override of a final method", "to replace what must not be replaced", "RL0404/RL0402/loader",
            Guest.Program("",
                types: "public class B { public virtual int V() => 1; } public class P : B { public sealed override int V() "
                + "=> 2; } public class Q : P { public int W() => 3; }"), module =>
            {
                MethodDefinition method = module.GetType("Q").Methods.Single(one => one.Name == "W");
                method.Name = "V";
                method.IsVirtual = true;
                method.IsReuseSlot = true;
            }),
        Overrides.Changed("interface without its method", "to have a call end in nothing", "RL0404/RL0402/loader",
            Guest.Program("", types: "public interface I { int M(); } public class P : I { public int M() => 1; }"), module =>
                module.GetType("P").Methods.Remove(module.GetType("P").Methods.Single(one => one.Name == "M"))),
        Overrides.Changed("class derived from a sealed class", "to replace a kernel's class", "RL0404/RL0016/RL0402/loader",
            Guest.Program("", types: "public class P { }"), module =>
                module.GetType("P").BaseType = module.ImportReference(typeof(Contracts.DomainServices))),
        Overrides.Changed("class derived from itself", "to send the loader round in a circle", "RL0402/RL0404/loader",
            Guest.Program("", types: "public class P { }"), module => module.GetType("P").BaseType = module.GetType("P")),
        Overrides.Changed("type argument against its constraint", "to have a class where a struct is expected",
            "RL0404/RL0401/RL0402/loader",
            Guest.Program("new G<int>();", types: "public class G<T> where T : struct { T t; }"), module =>
                Retarget(module, "System.String")),
        Overrides.Changed("span as a type argument", "to have a list of spans", "RL0404/RL0401/RL0402/loader",
            Guest.Program("new List<int>();"), module => Retarget(module, "System.TypedReference")),
        Overrides.Changed("context in a field of a class", "to keep the context past its call", "RL0402/RL0404/RL0401/loader",
            Guest.Program("", types: "public class P { int n; }"), module =>
                module.GetType("P").Fields[0].FieldType = module.ImportReference(typeof(CallContext))),
        Overrides.Changed("array of contexts", "to keep the context past its call", "RL0402/RL0404/RL0401/loader",
            Guest.Program("", types: "public class P { int[] n; }"), module =>
                module.GetType("P").Fields[0].FieldType = new ArrayType(module.ImportReference(typeof(CallContext)))),
        Overrides.Changed("reference in a static field", "to keep a place past its life", "RL0402/RL0404/RL0401/loader",
            Guest.Program("", types: "public class P { int n; }"), module =>
                module.GetType("P").Fields[0].FieldType = new ByReferenceType(module.TypeSystem.Int32)),
    ];

    private static void Protect(Pen pen, ExceptionHandlerType type, bool endsWithLeave, TypeReference? catches = null)
    {
        Instruction end = pen.Il.Create(OpCodes.Nop);
        Instruction start = pen.Il.Create(OpCodes.Nop);
        Instruction handler = pen.Il.Create(OpCodes.Pop);
        pen.Il.Append(start);
        if (endsWithLeave)
        {
            pen.Il.Emit(OpCodes.Leave, end);
        }

        pen.Il.Append(handler);
        pen.Il.Emit(OpCodes.Leave, end);
        pen.Il.Append(end);
        pen.Body.ExceptionHandlers.Add(new ExceptionHandler(type)
        {
            TryStart = start,
            TryEnd = handler,
            HandlerStart = handler,
            HandlerEnd = end,
            CatchType = catches ?? pen.Type<Exception>(),
        });
        pen.Exit();
    }

    /// <summary>Replaces the type argument of the first generic object that Main makes.</summary>
    private static void Retarget(ModuleDefinition module, string argument)
    {
        Instruction made = Family.MainOf(module).Body.Instructions.First(one => one.OpCode == OpCodes.Newobj);
        var type = (GenericInstanceType)((MethodReference)made.Operand).DeclaringType;
        type.GenericArguments[0] = module.ImportReference(System.Type.GetType(argument)!);
    }
}
