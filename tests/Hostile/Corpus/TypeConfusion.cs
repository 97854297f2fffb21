using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>IL whose types do not fit. The runtime believes it: only a verifier stands between this and the kernel's memory.</summary>
internal static class TypeConfusion
{
    private const string Types = """
        public class P { public long One; public virtual int V() => 1; public int N() => 2; }
        public class Q : P { public long Two; public override int V() => 3; }
        public class R { public object One; public object Two; public virtual int W() => 4; }
        public interface II { int I(); }
        public interface IJ { int J(object o); }
        public class L : IJ { public int J(object o) => o.GetHashCode(); int IJ.J(object o) => 1; }
        public class H { public readonly int Fixed = 1; public static readonly int StaticFixed = 1; public int Free; }
        public struct S { public int A; public int B; public override int GetHashCode() => A; }
        public delegate int D(P p);
        public abstract class Z { public abstract int M(); }
        """;

    private static readonly Family Objects = new("one object taken for another", Wall.Verifier);
    private static readonly Family Places = new("references to places", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Write(Objects, "field of the wrong class", "to write a number where an object is expected", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "R"));
            pen.Il.Emit(OpCodes.Ldc_I8, 0x41414141L);
            pen.Il.Emit(OpCodes.Stfld, pen.Field("P", "One"));
            pen.Exit();
        }),
        Write(Objects, "read of a field of the wrong class", "to take a number for an object", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "P"));
            pen.Il.Emit(OpCodes.Ldfld, pen.Field("R", "One"));
            pen.Il.Emit(OpCodes.Callvirt, pen.Method_(typeof(object), "GetHashCode"));
            pen.Leave();
        }),
        Write(Objects, "field behind the end", "to read behind an object", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "P"));
            pen.Il.Emit(OpCodes.Ldfld, pen.Field("Q", "Two"));
            pen.Il.Emit(OpCodes.Conv_I4);
            pen.Leave();
        }),
        Write(Objects, "virtual call on the wrong class", "to jump through another class's table", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "P"));
            pen.Il.Emit(OpCodes.Callvirt, pen.Call("R", "W"));
            pen.Leave();
        }),
        Write(Objects, "call on an integer", "to have a number for this", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4, 0x10000);
            pen.Il.Emit(OpCodes.Call, pen.Call("P", "N"));
            pen.Leave();
        }),
        Write(Objects, "integer as an object", "to make a reference out of a number", "RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Object);
            pen.Il.Emit(OpCodes.Ldc_I8, 0x10000L);
            pen.Il.Emit(OpCodes.Conv_I);
            pen.Il.Emit(OpCodes.Stloc, local);
            pen.Il.Emit(OpCodes.Ldloc, local);
            pen.Il.Emit(OpCodes.Callvirt, pen.Method_(typeof(object), "GetHashCode"));
            pen.Leave();
        }),
        Write(Objects, "argument of the wrong class", "to have a callee take one class for another", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "R"));
            pen.Il.Emit(OpCodes.Call, pen.Call("A", "Take"));
            pen.Leave();
        }),
        Write(Objects, "result of the wrong class", "to return one class for another", "RL0401", pen =>
        {
            MethodDefinition give = pen.Call("A", "Give");
            give.Body = new Mono.Cecil.Cil.MethodBody(give);
            give.Body.GetILProcessor().Emit(OpCodes.Newobj, Constructor(pen, "R"));
            give.Body.GetILProcessor().Emit(OpCodes.Ret);
            pen.Exit();
        }),
        Write(Objects, "unbox of the wrong struct", "to see one struct's bytes as another's", "RL0401/InvalidCastException",
            pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "P"));
            pen.Il.Emit(OpCodes.Unbox_Any, pen.Int);
            pen.Il.Emit(OpCodes.Pop);
            pen.Il.Emit(OpCodes.Ldstr, "x");
            pen.Il.Emit(OpCodes.Ldfld, pen.Field("S", "B"));
            pen.Leave();
        }),
        Write(Objects, "element of the wrong array", "to read an object out of an array of numbers", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4_8);
            pen.Il.Emit(OpCodes.Newarr, pen.Long);
            pen.Il.Emit(OpCodes.Ldc_I4_0);
            pen.Il.Emit(OpCodes.Ldelem_Ref);
            pen.Il.Emit(OpCodes.Callvirt, pen.Method_(typeof(object), "GetHashCode"));
            pen.Leave();
        }),
        Write(Objects, "store of the wrong width", "to write over the end of an array of bytes", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Newarr, pen.Type<byte>());
            pen.Il.Emit(OpCodes.Ldc_I4_0);
            pen.Il.Emit(OpCodes.Ldc_I8, -1L);
            pen.Il.Emit(OpCodes.Stelem_I8);
            pen.Exit();
        }),
        Write(Objects, "length of what is no array", "to take an object's first word for a length", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "P"));
            pen.Il.Emit(OpCodes.Ldlen);
            pen.Il.Emit(OpCodes.Conv_I4);
            pen.Leave();
        }),
        Write(Objects, "delegate of the wrong signature", "to call a method with arguments it does not expect", "RL0401/RL0404",
            pen =>
        {
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Ldftn, pen.Call("A", "Number"));
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "D"));
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "P"));
            pen.Il.Emit(OpCodes.Callvirt, pen.Call("D", "Invoke"));
            pen.Leave();
        }),
        Write(Objects, "delegate with the wrong target", "to run a method on another class's object", "RL0401/RL0404", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "R"));
            pen.Il.Emit(OpCodes.Ldftn, pen.Call("L", "J"));
            pen.Il.Emit(OpCodes.Newobj, pen.Method_(typeof(Func<object, int>), ".ctor", typeof(object), typeof(nint)));
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Write(Objects, "delegate from a number", "to call any address through a delegate", "RL0401/RL0003", pen =>
        {
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Ldc_I4, 0x10000);
            pen.Il.Emit(OpCodes.Conv_I);
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "D"));
            pen.Il.Emit(OpCodes.Ldnull);
            pen.Il.Emit(OpCodes.Callvirt, pen.Call("D", "Invoke"));
            pen.Leave();
        }),
        Write(Objects, "ldvirtftn apart from its object", "to bind one object's method to another object", "RL0401", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "R"));
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "Q"));
            pen.Il.Emit(OpCodes.Ldvirtftn, pen.Call("P", "V"));
            pen.Il.Emit(OpCodes.Newobj, pen.Method_(typeof(Func<int>), ".ctor", typeof(object), typeof(nint)));
            pen.Il.Emit(OpCodes.Callvirt, pen.Method_(typeof(Func<int>), "Invoke"));
            pen.Leave();
        }),
        Write(Objects, "interface that is not implemented", "to call an interface's method on a class without it",
            "RL0401/EntryPointNotFoundException", pen =>
            {
                pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "P"));
                pen.Il.Emit(OpCodes.Callvirt, pen.Call("II", "I"));
                pen.Leave();
            }),
        Write(Objects, "constrained call on the wrong type", "to have a place taken for a struct", "RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Long);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Constrained, pen.Own("S"));
            pen.Il.Emit(OpCodes.Callvirt, pen.Method_(typeof(object), "GetHashCode"));
            pen.Leave();
        }),
        Write(Objects, "object of an abstract class", "to call a method that has no body", "RL0401/RL0402/RL0403", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "Z"));
            pen.Il.Emit(OpCodes.Callvirt, pen.Call("Z", "M"));
            pen.Leave();
        }),
        Write(Objects, "this before its base constructor", "to use an object that has not been made", "RL0401", pen =>
        {
            MethodDefinition constructor = Constructor(pen, "Q");
            constructor.Body = new Mono.Cecil.Cil.MethodBody(constructor);
            ILProcessor il = constructor.Body.GetILProcessor();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Callvirt, pen.Call("P", "V"));
            il.Emit(OpCodes.Pop);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, Constructor(pen, "P"));
            il.Emit(OpCodes.Ret);
            pen.Exit();
        }),
        Write(Objects, "no base constructor", "to have an object whose base was never made", "RL0401", pen =>
        {
            MethodDefinition constructor = Constructor(pen, "Q");
            constructor.Body = new Mono.Cecil.Cil.MethodBody(constructor);
            constructor.Body.GetILProcessor().Emit(OpCodes.Ret);
            pen.Exit();
        }),
        Write(Objects, "base constructor of another class", "to run another class's constructor on its own object", "RL0401",
            pen =>
        {
            MethodDefinition constructor = Constructor(pen, "Q");
            constructor.Body = new Mono.Cecil.Cil.MethodBody(constructor);
            ILProcessor il = constructor.Body.GetILProcessor();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, Constructor(pen, "R"));
            il.Emit(OpCodes.Ret);
            pen.Exit();
        }),
        Write(Objects, "constructor called twice", "to change an object that its holder takes for finished", "RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Own("H"));
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "H"));
            pen.Il.Emit(OpCodes.Stloc, local);
            pen.Il.Emit(OpCodes.Ldloc, local);
            pen.Il.Emit(OpCodes.Call, Constructor(pen, "H"));
            pen.Exit();
        }),
        Write(Objects, "box of a span", "to keep a span on the heap", "RL0401/RL0404/RL0402/RL0002/InvalidProgramException",
            pen =>
        {
            VariableDefinition local = pen.Local(SpanOf(pen));
            pen.Il.Emit(OpCodes.Ldloc, local);
            pen.Il.Emit(OpCodes.Box, SpanOf(pen));
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Write(Places, "write through a place that may be read only", "to change what it was lent to read", "RL0401/RL0403", pen =>
        {
            MethodDefinition look = pen.Call("A", "Look");
            look.Body = new Mono.Cecil.Cil.MethodBody(look);
            ILProcessor il = look.Body.GetILProcessor();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4_7);
            il.Emit(OpCodes.Stind_I4);
            il.Emit(OpCodes.Ldc_I4_0);
            il.Emit(OpCodes.Ret);
            pen.Exit();
        }),
        Write(Places, "readonly field", "to change what is fixed", "RL0401/RL0403", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "H"));
            pen.Il.Emit(OpCodes.Ldc_I4_7);
            pen.Il.Emit(OpCodes.Stfld, pen.Field("H", "Fixed"));
            pen.Exit();
        }),
        Write(Places, "static readonly field", "to share state through what is fixed", "RL0401/RL0403/RL0006", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4_7);
            pen.Il.Emit(OpCodes.Stsfld, pen.Field("H", "StaticFixed"));
            pen.Exit();
        }),
        Write(Places, "address of a readonly field", "to change what is fixed through its address", "RL0401/RL0403", pen =>
        {
            pen.Il.Emit(OpCodes.Newobj, Constructor(pen, "H"));
            pen.Il.Emit(OpCodes.Ldflda, pen.Field("H", "Fixed"));
            pen.Il.Emit(OpCodes.Ldc_I4_7);
            pen.Il.Emit(OpCodes.Stind_I4);
            pen.Exit();
        }),
        Write(Places, "place of another type", "to write eight bytes where four are", "RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Int);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Ldc_I8, -1L);
            pen.Il.Emit(OpCodes.Stind_I8);
            pen.Exit();
        }),
        Write(Places, "object into the place of a number", "to learn an address", "RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Long);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Stind_Ref);
            pen.Exit();
        }),
        Write(Places, "return of a local's address", "to hold a place on a stack that is gone", "RL0401", pen =>
        {
            MethodDefinition slot = pen.Call("A", "Slot");
            slot.Body = new Mono.Cecil.Cil.MethodBody(slot) { InitLocals = true };
            slot.Body.Variables.Add(new VariableDefinition(pen.Int));
            ILProcessor il = slot.Body.GetILProcessor();
            il.Emit(OpCodes.Ldloca, slot.Body.Variables[0]);
            il.Emit(OpCodes.Ret);
            pen.Il.Emit(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Ldfld, pen.Entry.Fields[0]);
            pen.Il.Emit(OpCodes.Call, slot);
            pen.Il.Emit(OpCodes.Ldc_I4_7);
            pen.Il.Emit(OpCodes.Stind_I4);
            pen.Exit();
        }),
        Write(Places, "load of a larger object from a place", "to read the stack around a local", "RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Type<byte>());
            VariableDefinition copy = pen.Local(pen.Own("S"));
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Ldobj, pen.Own("S"));
            pen.Il.Emit(OpCodes.Stloc, copy);
            pen.Exit();
        }),
        Write(Places, "initobj of a larger struct", "to wipe the stack around a local", "RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Type<byte>());
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Initobj, pen.Own("S"));
            pen.Exit();
        }),
        Write(Places, "address of an element of a wider array", "to have references stored into an array of strings",
            "RL0401/RL0403/ArrayTypeMismatchException", pen =>
            {
                pen.Il.Emit(OpCodes.Ldc_I4_1);
                pen.Il.Emit(OpCodes.Newarr, pen.Text);
                pen.Il.Emit(OpCodes.Ldc_I4_0);
                pen.Il.Emit(OpCodes.Readonly);
                pen.Il.Emit(OpCodes.Ldelema, pen.Object);
                pen.Il.Emit(OpCodes.Ldarg_0);
                pen.Il.Emit(OpCodes.Stind_Ref);
                pen.Exit();
            }),
    ];

    private static Attack Write(Family family, string name, string tries, string by, Action<Pen> write) =>
        family.Assembly(name, tries, by, write, Members, Types);

    private const string Members = """
        int number;
        static int Take(P p) => (int)p.One + p.V();
        static P Give() => null;
        static int Number(long n) => (int)n;
        static int Look(in int n) => n;
        static ref int Slot(int n) => ref (new int[1])[0];
        """;

    private static MethodDefinition Constructor(Pen pen,
        string type) => pen.Own(type).Methods.First(one => one.IsConstructor && !one.IsStatic);

    private static GenericInstanceType SpanOf(Pen pen) =>
        new(pen.Module.ImportReference(typeof(Span<>))) { GenericArguments = { pen.Int } };
}
