using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis.CSharp;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>What was let through once. Each was found by reading the verifier, the list and the rewriter beside the runtime's source.</summary>
internal static class Loopholes
{
    private const string Handler = "System.Runtime.CompilerServices.DefaultInterpolatedStringHandler";

    private static readonly Family Places = new("exchange references in places", Wall.Verifier);
    private static readonly Family Memory = new("memory through the framework", Wall.Verifier);
    private static readonly Family Wrong = new("wrong handlers", Wall.Verifier);
    private static readonly Family Cost = new("calls without a bound", Wall.Verifier);
    private static readonly Family References = new("references to places", Wall.Verifier);
    private static readonly Family Late = new("exchange references used late", Wall.Verifier);
    private static readonly Family Files = new("malformed files and metadata", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Places.Assembly("element of an array of cells by its method Get", "to copy a cell with the reference in it", "RL0109/RL0108/RL0401", pen =>
        {
            TypeReference cells = pen.Field("A", "cells").FieldType;
            TypeReference cell = ((ArrayType)cells).ElementType;
            VariableDefinition copy = pen.Local(cell);
            var get = new MethodReference("Get", cell, cells) { HasThis = true, Parameters = { new ParameterDefinition(pen.Int) } };
            pen.Il.Emit(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Ldarg_1);
            pen.Il.Emit(OpCodes.Call, pen.Call("A", "Fill"));
            pen.Il.Emit(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Ldfld, pen.Field("A", "cells"));
            pen.Il.Emit(OpCodes.Ldc_I4_0);
            pen.Il.Emit(OpCodes.Call, get);
            pen.Il.Emit(OpCodes.Stloc, copy);
            pen.Il.Emit(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Ldarg_1);
            pen.Il.Emit(OpCodes.Ldloca, copy);
            pen.Il.Emit(OpCodes.Call, pen.Call("A", "FreeCopy"));
            pen.Leave();
        }, """
            Cell<RRef<long>>[] cells = new Cell<RRef<long>>[1];
            void Fill(CallContext context) { var r = RRef<long>.Allocate(context); cells[0].Put(ref r); }
            int FreeCopy(CallContext context, ref Cell<RRef<long>> copy) {
                var r = copy.Take(); RRef<long>.Free(context, ref r); return cells[0].IsEmpty ? 0 : 66; }
            """),
        Memory.Changed("handler of an interpolated text copied", "to have the process's pool give one buffer out twice", "RL0109/RL0001/RL0401",
            Guest.Program("long n = context.UptimeMicros; string s = $\"x{n}\"; return s.Length > 100 ? 66 : 0;"), module =>
            {
                MethodBody body = Family.MainOf(module).Body;
                VariableDefinition handler = body.Variables.Single(one => one.VariableType.FullName == Handler);
                var copy = new VariableDefinition(handler.VariableType);
                body.Variables.Add(copy);
                ILProcessor il = body.GetILProcessor();
                Instruction end = body.Instructions.Single(one => one.Operand is MethodReference { Name: "ToStringAndClear" });
                il.InsertBefore(end.Previous, il.Create(OpCodes.Ldloc, handler));
                il.InsertBefore(end.Previous, il.Create(OpCodes.Stloc, copy));
                il.InsertAfter(end, il.Create(OpCodes.Call, (MethodReference)end.Operand));
                il.InsertAfter(end, il.Create(OpCodes.Ldloca, copy));
                il.InsertAfter(end, il.Create(OpCodes.Pop));
            }),
        Wrong.Assembly("handler that begins behind a load of literal data", "to have an exception taken for the address of the data",
            "RL0401/RL0402/RL0003/RL0405", pen => Literal(pen), "static ReadOnlySpan<byte> Data => new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 };"),
        Late.Code("cell emptied by the static constructor of a generic class", "to have code run that no instruction calls", "RL0106",
            "var r = RRef<long>.Allocate(context); Held.One.Put(ref r); ref long p = ref Held.One.Content.BorrowMutable(context); int x = G<int>.X; "
                + "var s = Held.Two.Take(); RRef<long>.Free(context, ref s); p = 1; return x == 1 && Held.One.IsEmpty ? 66 : 0;",
            "internal static readonly H Held = new();",
            "public sealed class H { public Cell<RRef<long>> One; public Cell<RRef<long>> Two; } "
                + "public static class G<T> { public static readonly int X; static G() { var r = A.Held.One.Take(); A.Held.Two.Put(ref r); X = 1; } }"),
        References.Code("reference to nothing out of a struct", "to end whoever is called with it", "RL0003/RL0401",
            "Nothing n = default; return system.SetLimit(context, LimitedResource.DescriptorCount, in n.Limit).IsFault ? 66 : 0;",
            types: "public ref struct Nothing { public ref ResourceLimit Limit; }"),
        References.Assembly("local reference that nobody assigned", "to end whoever is called with it", "RL0401", pen =>
        {
            VariableDefinition nothing = pen.Local(new ByReferenceType(pen.Long));
            pen.Il.Emit(OpCodes.Ldloc, nothing);
            pen.Il.Emit(OpCodes.Call, pen.Call("A", "Read"));
            pen.Leave();
        }, "static int Read(ref long number) => number == 0 ? 1 : 2;"),
        References.Assembly("local reference that one path assigns", "to end whoever is called with it", "RL0401", pen =>
        {
            VariableDefinition nothing = pen.Local(new ByReferenceType(pen.Long));
            VariableDefinition number = pen.Local(pen.Long);
            Instruction load = pen.Il.Create(OpCodes.Ldloc, nothing);
            pen.Il.Emit(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Brtrue, load);
            pen.Il.Emit(OpCodes.Ldloca, number);
            pen.Il.Emit(OpCodes.Stloc, nothing);
            pen.Il.Append(load);
            pen.Il.Emit(OpCodes.Call, pen.Call("A", "Read"));
            pen.Leave();
        }, "static int Read(ref long number) => number == 0 ? 1 : 2;"),
        Cost.Code("list from a collection that says it is large", "to fill the heap with one call", "RL0001/RL0019/RL0016",
            "var list = new List<long>(new Liar()); return list.Count > 1 ? 66 : 0;",
            types: """
                public sealed class Liar : ICollection<long> {
                    public int Count => 0x7ffffff0 / 4; public bool IsReadOnly => true; public void Add(long n) { } public void Clear() { }
                    public bool Contains(long n) => false; public void CopyTo(long[] to, int at) { } public bool Remove(long n) => false;
                    public IEnumerator<long> GetEnumerator() => null; IEnumerator IEnumerable.GetEnumerator() => null; }
                """),
        new Attack("malformed files and metadata", "native resources that contain themselves", "to send the rewriter's library round in a circle",
            Wall.Verifier, "RL0402", ResourcesInThemselves),
        Files.Bytes("section behind a method's exceptions", "to send the rewriter's library from section to section", "RL0402", _ =>
        {
            byte[] image = Guest.Compile(Guest.Program("try { return (int)context.UptimeMicros / 0x7fffffff; } catch (Exception) { }"));
            int start = Image.CodeOffsetOf(image, Guest.Entry, "Main") - 1;
            int sections = (start + 12 + BitConverter.ToInt32(image, start + 4) + 3) & ~3;
            return Image.With(image, sections, (byte)(image[sections] | 0x80));
        }),
    ];

    private static byte[] ResourcesInThemselves()
    {
        CSharpCompilation compilation = Guest.CompilationOf(Guest.Program(string.Empty), "Resources");
        var file = new MemoryStream();
        _ = compilation.Emit(file, win32Resources: compilation.CreateDefaultWin32Resources(versionResource: true, noManifest: false, null, null));
        byte[] image = file.ToArray();
        using var reader = new PEReader([.. image]);
        SectionHeader section = reader.PEHeaders.SectionHeaders.Single(one => one.Name == ".rsrc");

        // What the first entry of the first directory leads to: the same directory.
        return Image.With(image, section.PointerToRawData + 20, 0, 0, 0, 0x80);
    }

    /// <summary>The three instructions of a span literal, with a handler that begins at the second.</summary>
    private static void Literal(Pen pen)
    {
        Instruction[] made = [.. pen.Call("A", "get_Data").Body.Instructions];
        ILProcessor il = pen.Il;
        VariableDefinition span = pen.Local(((MethodReference)made[2].Operand).DeclaringType);
        Instruction start = il.Create(OpCodes.Ldstr, "x");
        Instruction length = il.Create(OpCodes.Ldc_I4_8);
        Instruction end = il.Create(OpCodes.Nop);
        il.Append(start);
        il.Emit(OpCodes.Pop);
        il.Emit(OpCodes.Leave, end);
        Instruction dead = il.Create(made[0].OpCode, (FieldReference)made[0].Operand);
        il.Append(dead);
        il.Append(length);
        il.Emit(OpCodes.Newobj, (MethodReference)made[2].Operand);
        il.Emit(OpCodes.Stloc, span);
        il.Emit(OpCodes.Leave, end);
        il.Append(end);
        pen.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Catch)
        {
            CatchType = pen.Type<Exception>(),
            TryStart = start,
            TryEnd = dead,
            HandlerStart = length,
            HandlerEnd = end,
        });
        pen.Exit();
    }
}
