using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Corners of IL that compilers of C# leave alone or use in one way only: prefixes, filters, type parameters, references returned.</summary>
internal static class HandMade
{
    private const string Types = """
        public interface IMade { static abstract int Number(); int Given() => 5; }
        public class Made : IMade { public static int Number() => 3; public virtual object Co() => "x"; }
        public class Remade : Made { public override string Co() => "y"; }
        public class Generic { public virtual int M<T>(T one) => 1; }
        public class Regeneric : Generic { public override int M<T>(T one) => 2; }
        public delegate ref int RefMaker();
        public struct Pair { public int A; public int B; }
        """;

    private const string Members =
        "static int G<T>(T one) => 1; static int Abstract<T>() where T : IMade => T.Number(); static ref int Own(int[] a) => ref a[0];";

    private static readonly Family Prefixes = new("prefixes that do not belong", Wall.Verifier);
    private static readonly Family Regions = new("wrong handlers", Wall.Verifier);
    private static readonly Family Parameters = new("wrong overrides and constraints", Wall.Verifier);
    private static readonly Family Places = new("references to places", Wall.Verifier);
    private static readonly Family References = new("exchange references in places", Wall.Verifier);
    private static readonly Family Late = new("exchange references used late", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Write(Prefixes, "constrained. before a method that is not virtual", "to have a place taken for an object", "RL0401/RL0402", pen =>
        {
            VariableDefinition pair = pen.Local(pen.Own("Pair"));
            pen.Il.Emit(OpCodes.Ldloca, pair);
            pen.Il.Emit(OpCodes.Constrained, pen.Own("Pair"));
            pen.Il.Emit(OpCodes.Callvirt, pen.Call("Made", "Co"));
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Write(Prefixes, "constrained. before an addition", "to have a prefix fall on the next call", "RL0401/RL0402", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Ldc_I4_2);
            pen.Il.Emit(OpCodes.Constrained, pen.Own("Pair"));
            pen.Il.Emit(OpCodes.Add);
            pen.Leave();
        }),
        Write(Prefixes, "branch behind a prefix", "to run an instruction with and without its prefix", "RL0401/RL0402", pen =>
        {
            VariableDefinition pair = pen.Local(pen.Own("Pair"));
            Instruction call = pen.Il.Create(OpCodes.Callvirt, pen.Method_(typeof(object), "GetHashCode"));
            pen.Il.Emit(OpCodes.Ldloca, pair);
            pen.Il.Emit(OpCodes.Br, call);
            pen.Il.Emit(OpCodes.Constrained, pen.Own("Pair"));
            pen.Il.Append(call);
            pen.Leave();
        }),
        Write(Prefixes, "try that begins behind a prefix", "to have an exception come between a prefix and its instruction", "RL0405/RL0402/RL0401",
            pen =>
        {
            VariableDefinition pair = pen.Local(pen.Own("Pair"));
            Instruction call = pen.Il.Create(OpCodes.Callvirt, pen.Method_(typeof(object), "GetHashCode"));
            Instruction handler = pen.Il.Create(OpCodes.Pop);
            Instruction end = pen.Il.Create(OpCodes.Nop);
            pen.Il.Emit(OpCodes.Ldloca, pair);
            pen.Il.Emit(OpCodes.Constrained, pen.Own("Pair"));
            pen.Il.Append(call);
            pen.Il.Emit(OpCodes.Pop);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(handler);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(end);
            Catch(pen, call, handler, end);
            pen.Exit();
        }),
        Write(Prefixes, "volatile. before a call", "to have a prefix fall on the next access", "RL0401/RL0402/RL0003", pen =>
        {
            pen.Il.Emit(OpCodes.Volatile);
            pen.Il.Emit(OpCodes.Call, pen.Method_(typeof(Math), "Abs", typeof(int)));
            pen.Leave();
        }),
        Write(Prefixes, "readonly. and then a write", "to store into an array of a derived class", "RL0403/RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Newarr, pen.Own("Remade"));
            pen.Il.Emit(OpCodes.Ldc_I4_0);
            pen.Il.Emit(OpCodes.Readonly);
            pen.Il.Emit(OpCodes.Ldelema, pen.Own("Made"));
            pen.Il.Emit(OpCodes.Newobj, pen.Call("Made", ".ctor"));
            pen.Il.Emit(OpCodes.Stobj, pen.Own("Made"));
            pen.Exit();
        }),
        Write(Prefixes, "prefix at the end of the code", "to have the next method's code prefixed", "RL0402/RL0401", pen =>
        {
            pen.Exit();
            pen.Il.Emit(OpCodes.Volatile);
        }),

        Write(Regions, "filter that is left", "to get out of a filter while handlers are looked for", "RL0405", pen =>
            Filter(pen, (il, end) => il.Emit(OpCodes.Leave, end))),
        Write(Regions, "filter that returns", "to get out of a filter while handlers are looked for", "RL0405", pen =>
            Filter(pen, (il, _) =>
            {
                il.Emit(OpCodes.Pop);
                pen.Exit();
            })),
        Write(Regions, "filter that rethrows", "to throw what is being looked at", "RL0405/RL0401", pen =>
            Filter(pen, (il, _) => il.Emit(OpCodes.Rethrow))),
        Write(Regions, "filter that answers with an object", "to have an address taken for an answer", "RL0401/RL0405", pen =>
            Filter(pen, (il, _) => il.Emit(OpCodes.Endfilter))),
        Write(Regions, "leave out of a finally", "to swallow what is being thrown", "RL0405", pen =>
        {
            Instruction start = pen.Il.Create(OpCodes.Nop);
            Instruction handler = pen.Il.Create(OpCodes.Nop);
            Instruction end = pen.Il.Create(OpCodes.Nop);
            pen.Il.Append(start);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(handler);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(end);
            pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Finally)
            {
                TryStart = start, TryEnd = handler, HandlerStart = handler, HandlerEnd = end,
            });
            pen.Exit();
        }),
        Write(Regions, "two tries that overlap", "to be in one and not in the other", "RL0405/RL0402", pen =>
        {
            Instruction[] nops = [.. Enumerable.Range(0, 3).Select(_ => pen.Il.Create(OpCodes.Nop))];
            Instruction first = pen.Il.Create(OpCodes.Pop);
            Instruction second = pen.Il.Create(OpCodes.Pop);
            Instruction end = pen.Il.Create(OpCodes.Nop);
            Array.ForEach(nops, pen.Il.Append);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(first);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(second);
            pen.Il.Emit(OpCodes.Leave, end);
            pen.Il.Append(end);
            Catch(pen, nops[0], first, second, tryEnd: nops[2]);
            Catch(pen, nops[1], second, end, tryEnd: first);
            pen.Exit();
        }),

        Write(Parameters, "static abstract method without a type", "to call a method that has no body", "RL0401/RL0402", pen =>
        {
            pen.Il.Emit(OpCodes.Call, pen.Call("IMade", "Number"));
            pen.Leave();
        }),
        Write(Parameters, "static abstract method of a stranger", "to call a method that has no body", "RL0401/RL0402/RL0404", pen =>
        {
            pen.Il.Emit(OpCodes.Constrained, pen.Own("Generic"));
            pen.Il.Emit(OpCodes.Call, pen.Call("IMade", "Number"));
            pen.Leave();
        }),
        Write(Parameters, "generic virtual method with too many arguments", "to have a dictionary of types read behind its end", "RL0402/RL0404/RL0401",
            pen =>
        {
            var call = new GenericInstanceMethod(pen.Call("Generic", "M")) { GenericArguments = { pen.Int, pen.Int } };
            pen.Il.Emit(OpCodes.Newobj, pen.Call("Regeneric", ".ctor"));
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Callvirt, call);
            pen.Leave();
        }),
        Write(Parameters, "generic method without its arguments", "to have a dictionary of types that is not there", "RL0402/RL0401/RL0404", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Call, pen.Call("A", "G"));
            pen.Leave();
        }),
        Write(Parameters, "generic virtual argument of the wrong type", "to have an object taken for a number", "RL0401", pen =>
        {
            var call = new GenericInstanceMethod(pen.Call("Generic", "M")) { GenericArguments = { pen.Text } };
            pen.Il.Emit(OpCodes.Newobj, pen.Call("Regeneric", ".ctor"));
            pen.Il.Emit(OpCodes.Ldc_I4, 4096);
            pen.Il.Emit(OpCodes.Callvirt, call);
            pen.Leave();
        }),
        Parameters.Changed("covariant result that is none", "to be called under a signature that is not its own", "RL0402/RL0404/RL0401",
            Guest.Program(string.Empty, Members, Types), module =>
                module.GetType("Remade").Methods.Single(one => one.Name == "Co").ReturnType = module.GetType("Generic")),
        Parameters.Changed("default method for a method of another class", "to be called on objects that it does not know", "RL0402/RL0404",
            Guest.Program(string.Empty, Members, Types), module =>
                module.GetType("IMade").Methods.Single(one => one.Name == "Given").Overrides.Add(
                    module.GetType("Generic").Methods.Single(one => one.Name == "M"))),
        Parameters.Changed("modifier on an override", "to have one method found under another's signature", "answer",
            Guest.Program("Remade r = new Remade(); r.Co();", Members, Types), module =>
                module.GetType("Remade").Methods.Single(one => one.Name == "Co").ReturnType = new RequiredModifierType(
                    module.ImportReference(typeof(System.Runtime.CompilerServices.IsVolatile)), module.TypeSystem.String)).At(Wall.Runtime),

        Write(Places, "delegate that returns a place", "to have a place on a stack that is gone", "RL0401", pen =>
        {
            MethodDefinition own = pen.Call("A", "Own");
            own.Body = new Mono.Cecil.Cil.MethodBody(own) { InitLocals = true };
            own.Body.Variables.Add(new VariableDefinition(pen.Int));
            own.Body.GetILProcessor().Emit(OpCodes.Ldloca, own.Body.Variables[0]);
            own.Body.GetILProcessor().Emit(OpCodes.Ret);
            pen.Exit();
        }),
        Write(Places, "delegate to a method that returns no place", "to have a number taken for a place", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Ldftn, pen.Call("Made", "Number"));
            pen.Il.Emit(OpCodes.Newobj, pen.Call("RefMaker", ".ctor"));
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Write(Places, "token of a field", "to learn where a field lies", "RL0010/RL0402", pen =>
        {
            pen.Il.Emit(OpCodes.Ldtoken, pen.Field("Pair", "B"));
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Write(Places, "field of a struct behind a wrong place", "to read behind a local", "RL0401", pen =>
        {
            VariableDefinition number = pen.Local(pen.Int);
            pen.Il.Emit(OpCodes.Ldloca, number);
            pen.Il.Emit(OpCodes.Ldflda, pen.Field("Pair", "B"));
            pen.Il.Emit(OpCodes.Ldind_I4);
            pen.Leave();
        }),

        Write(References, "lists of lists of references", "to keep references where moves are not seen", "RL0109/RL0108", pen =>
        {
            pen.Local(pen.Type<List<List<RRef<int>>>>());
            pen.Exit();
        }),
        Write(References, "generic method over a reference", "to copy a reference under another type's name", "RL0109/RL0108", pen =>
        {
            VariableDefinition one = pen.Local(pen.Type<RRef<int>>());
            var call = new GenericInstanceMethod(pen.Call("A", "G")) { GenericArguments = { one.VariableType } };
            pen.Il.Emit(OpCodes.Ldloc, one);
            pen.Il.Emit(OpCodes.Call, call);
            pen.Leave();
        }),
        Write(Late, "initobj while borrowed", "to lose a block while a borrow of it lives", "RL0106/RL0102", pen =>
        {
            VariableDefinition one = Allocated(pen, out VariableDefinition place);
            pen.Il.Emit(OpCodes.Ldloca, one);
            pen.Il.Emit(OpCodes.Initobj, one.VariableType);
            WriteTo(pen, place);
        }),
        Write(Late, "stobj over a reference while borrowed", "to lose a block while a borrow of it lives", "RL0106/RL0102/RL0109", pen =>
        {
            VariableDefinition one = Allocated(pen, out VariableDefinition place);
            VariableDefinition none = pen.Local(one.VariableType);
            pen.Il.Emit(OpCodes.Ldloca, one);
            pen.Il.Emit(OpCodes.Ldloc, none);
            pen.Il.Emit(OpCodes.Stobj, one.VariableType);
            WriteTo(pen, place);
        }),
    ];

    private static Attack Write(Family family, string name, string tries, string by, Action<Pen> write) =>
        family.Assembly(name, tries, by, write, Members, Types);

    private static void Catch(Pen pen, Instruction start, Instruction handler, Instruction end, Instruction? tryEnd = null) =>
        pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Catch)
        {
            TryStart = start,
            TryEnd = tryEnd ?? handler,
            HandlerStart = handler,
            HandlerEnd = end,
            CatchType = pen.Type<Exception>(),
        });

    /// <summary>A try with a filter whose code is the attacker's.</summary>
    private static void Filter(Pen pen, Action<ILProcessor, Instruction> write)
    {
        Instruction start = pen.Il.Create(OpCodes.Nop);
        Instruction filter = pen.Il.Create(OpCodes.Nop);
        Instruction handler = pen.Il.Create(OpCodes.Pop);
        Instruction end = pen.Il.Create(OpCodes.Nop);
        pen.Il.Append(start);
        pen.Il.Emit(OpCodes.Leave, end);
        pen.Il.Append(filter);
        write(pen.Il, end);
        pen.Il.Append(handler);
        pen.Il.Emit(OpCodes.Leave, end);
        pen.Il.Append(end);
        pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Filter)
        {
            TryStart = start,
            TryEnd = filter,
            FilterStart = filter,
            HandlerStart = handler,
            HandlerEnd = end,
        });
        pen.Exit();
    }

    /// <summary>A local with a fresh block, and a place within it in another.</summary>
    private static VariableDefinition Allocated(Pen pen, out VariableDefinition place)
    {
        VariableDefinition one = pen.Local(pen.Type<RRef<int>>());
        place = pen.Local(new ByReferenceType(pen.Int));
        pen.Il.Emit(OpCodes.Ldarg_1);
        pen.Il.Emit(OpCodes.Call, pen.Method_(typeof(RRef<int>), "Allocate", typeof(CallContext)));
        pen.Il.Emit(OpCodes.Stloc, one);
        pen.Il.Emit(OpCodes.Ldloca, one);
        pen.Il.Emit(OpCodes.Ldarg_1);
        pen.Il.Emit(OpCodes.Call, pen.Method_(typeof(RRef<int>), "BorrowMutable", typeof(CallContext)));
        pen.Il.Emit(OpCodes.Stloc, place);
        return one;
    }

    private static void WriteTo(Pen pen, VariableDefinition place)
    {
        pen.Il.Emit(OpCodes.Ldloc, place);
        pen.Il.Emit(OpCodes.Ldc_I4_1);
        pen.Il.Emit(OpCodes.Stind_I4);
        pen.Exit();
    }
}
