using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Recursion that the call graph of the rewriter is meant to miss: by names, by signatures, by methods that are not where they are named.</summary>
internal static class HiddenRecursion
{
    private const string Deep = "InsufficientExecutionStackException";

    private static readonly Family Recursion = new("endless recursion", Wall.Rewriter);

    internal static readonly Attack[] All =
    [
        Recursion.Code("equality of a generic struct of its own", "to have the library call it in a circle", Deep,
            "var all = new S<int>[1]; all[0].All = all; return Find(all);", "internal static int Find(S<int>[] all) => Array.IndexOf(all, all[0]);",
            "public struct S<T> : IEquatable<S<T>> { public S<int>[] All; public bool Equals(S<T> o) => A.Find(All) == 0; }"),
        Recursion.Code("class called StringBuilder", "to be taken for a class of the library that calls nobody", Deep,
            "var all = new System.Text.StringBuilder[1]; all[0] = new() { All = all }; return Array.IndexOf(all, all[0]);",
            types: "namespace System.Text { public sealed class StringBuilder : IEquatable<StringBuilder> { public StringBuilder[] All; "
                + "public bool Equals(StringBuilder o) => Array.IndexOf(All, o) == 0; } }"),
        Recursion.Code("struct called Boolean", "to be taken for a number that calls nobody", Deep,
            "var all = new System.Boolean[1]; all[0].All = all; return Array.IndexOf(all, all[0]);",
            types: "namespace System { public struct Boolean : IEquatable<Boolean> { public Boolean[] All; "
                + "public bool Equals(Boolean o) { if (Array.IndexOf(All, o) == 0) return 1 == 1; return 1 == 2; } } }"),
        Recursion.Changed("implementation under another name, overridden once more", "to be called by a name that leads elsewhere", Deep,
            Guest.Program("return new Last().Other(0);", types: """
                public interface IStep { int Step(int n); }
                public class First : IStep { public virtual int Step(int n) => n; }
                public class Last : First { public override int Step(int n) => n; public int Other(int n) => ((IStep)this).Step(n + 1) + 1; }
                """), Rename),
        Recursion.Changed("method that is inherited, named as its own", "to have a method of the library taken for one without code", Deep,
            Guest.Program("return new E().Again();",
                types: "public class E : Exception { public override string Message => Again().ToString(); public int Again() => ToString().Length + 1; }"),
            module =>
            {
                TypeDefinition type = module.GetType("E");
                Instruction call = type.Methods.Single(one => one.Name == "Again").Body.Instructions.First(one => one.OpCode == OpCodes.Callvirt);
                var named = (MethodReference)call.Operand;
                call.Operand = new MethodReference(named.Name, named.ReturnType, type) { HasThis = true };
            }),
        Recursion.Changed("property that calls a delegate a value", "to have the rewriter take a delegate for a number", Deep,
            Guest.Program("kept = new Action(Again); Again(); return 0;",
                "object kept; void Again() { ((Action)kept)(); depth++; } int depth; int Odd => 1;"), module =>
            {
                TypeDefinition type = module.GetType("A");
                TypeReference action = ((MethodReference)type.Methods.Single(one => one.Name == "Again").Body.Instructions
                    .First(one => one.OpCode == OpCodes.Callvirt).Operand).DeclaringType;
                action.IsValueType = true;
                type.Properties.Single().PropertyType = action;
            }),
    ];

    /// <summary>Last overrides First's method under its new name; the interface's name leads to First's.</summary>
    private static void Rename(ModuleDefinition module)
    {
        MethodDefinition first = module.GetType("First").Methods.Single(one => one.Name == "Step");
        MethodDefinition last = module.GetType("Last").Methods.Single(one => one.Name == "Step");
        first.Overrides.Add(module.GetType("IStep").Methods.Single());
        (first.Name, last.Name) = ("Renamed", "Renamed");
        last.Body = new MethodBody(last);
        ILProcessor il = last.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Callvirt, module.GetType("IStep").Methods.Single());
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ret);
    }
}
