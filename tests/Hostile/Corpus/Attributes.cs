using System.Text;
using Mono.Cecil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Attributes: code that runs if somebody makes their objects, and data that somebody has to parse.</summary>
internal static class Attributes
{
    /// <summary>Tags of custom attributes (ECMA-335 II.23.3).</summary>
    private const byte SingleArray = 0x1d, Boxed = 0x51, Field = 0x53, Enumeration = 0x55, TypeName = 0x50;

    private const int Levels = 200_000;

    private const string Trap =
        "[AttributeUsage(AttributeTargets.All, AllowMultiple = true)] public class XAttribute : Attribute { public object P { get => null; set { while "
        + "(true) { } } } public XAttribute() { while (true) { } } public XAttribute(object o) { while (true) { } } public override object TypeId { get { "
        + "while (true) { } } } public override bool Match(object o) { while (true) { } } public override int GetHashCode() { while (true) { } } }";

    private static readonly Family Run = new("attributes that run code", Wall.Runtime);
    private static readonly Family Read = new("attributes that are hard to read", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Placed("of the assembly", "[assembly: X]"),
        Placed("of the module", "[module: X]"),
        Placed("of the entry class", "[X]"),
        Placed("of the method that is called", entry: "[X]"),
        Placed("of a parameter", parameter: "[X]"),
        Placed("of what is returned", entry: "[return: X]"),
        Placed("of a field, a property, an event",
            member: "[X] readonly int f = 1; [X] int P { [X] get; } [X] event Action E { add { } remove { } } int U => f + P;"),
        Placed("of a type parameter and a constructor", member: "[X] public A() { } static void G<[X] T>() { }"),
        Placed("with a setter that never ends", "[X(P = 1)]"),
        Placed("that answers what it is by itself", "[X(typeof(A))] [X(new object[] { 1, \"2\", typeof(A) })]"),
        Placed("with the name of the mark for re-entrancy", "[Y]",
            types: "public sealed class YAttribute : XAttribute { public YAttribute() : base(1) { } }"),
        Data("name of a type that never ends", "to have the name of a type parsed by recursion", Named(Enumeration, Nested("[[", "]]"))),
        Data("name of an array of arrays", "to have the name of a type resolved by recursion", Named(Enumeration, "A" + Repeat("[]", Levels))),
        Data("name of a pointer to pointers", "to have the name of a type resolved by recursion", Named(Enumeration, "A" + Repeat("*", Levels))),
        Data("name of a type within types", "to have the name of a type resolved by recursion", Named(Enumeration, "A" + Repeat("+A", Levels))),
        Data("name in an argument", "to have the name of a type parsed by recursion", Argument([TypeName, .. Text(Nested("[[", "]]"))])),
        Data("arrays of boxes of arrays", "to have an argument parsed by recursion", Argument(Boxes(Levels))),
        Data("array of no end", "to have an array of two thousand million made", Argument([SingleArray, 0x08, 0xff, 0xff, 0xff, 0x7f])),
        Data("text of no end", "to have bytes behind the attribute read", Argument([0x0e, 0xdf, 0xff, 0xff, 0xff])),
        Data("thousands of named values", "to have an array of all of them made", [1, 0, 0xff, 0xff]),
    ];

    private static Attack Placed(string name, string onType = "", string entry = "", string parameter = "", string member = "", string types = "")
    {
        bool isGlobal = onType.StartsWith("[assembly", StringComparison.Ordinal) || onType.StartsWith("[module", StringComparison.Ordinal);
        return Run.Source("attribute " + name, "to run when somebody reads attributes", "answer", $$"""
            using System; using RedLeafSharp; using RedLeafSharp.Contracts;
            {{(isGlobal ? onType : "")}}
            {{Trap}} {{types}}
            {{(isGlobal ? "" : onType)}}
            public sealed class A : IProgram {
                {{member}}
                {{entry}} public Reply<int, ProgramError> Main({{parameter}} CallContext context, ProgramServices services) => 0;
            }
            """);
    }

    /// <summary>A program whose entry method and class have an attribute with these bytes.</summary>
    private static Attack Data(string name, string tries, byte[] blob) => Read.Changed(
        name, tries, "RL0402", Guest.Program("", types: Trap), module =>
        {
            TypeDefinition trap = module.GetType("XAttribute");
            MethodDefinition constructor = trap.Methods.Single(one => one.IsConstructor && one.Parameters.Count == (blob[2] is 1 or 0xff ? 0 : 1));
            module.GetType(Guest.Entry).CustomAttributes.Add(new CustomAttribute(constructor, blob));
            Family.MainOf(module).CustomAttributes.Add(new CustomAttribute(constructor, blob));
        });

    /// <summary>One value of the constructor's only parameter, an object.</summary>
    private static byte[] Argument(byte[] boxed) => [1, 0, .. boxed, 0, 0];

    /// <summary>No parameter, and one field of a type that is named.</summary>
    private static byte[] Named(byte tag, string type) => [1, 0, 1, 0, Field, tag, .. Text(type), .. Text("F"), 0, 0, 0, 0];

    private static byte[] Boxes(int levels)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < levels; i++)
        {
            bytes.AddRange([SingleArray, Boxed, 1, 0, 0, 0]);
        }

        return [.. bytes, 0x08, 1, 0, 0, 0];
    }

    private static string Nested(string open, string close) =>
        string.Concat(Enumerable.Repeat("A`1" + open, Levels)) + "A" + string.Concat(Enumerable.Repeat(close, Levels));

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    /// <summary>A text with its length before it (ECMA-335 II.23.2).</summary>
    private static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = bytes.Length;
        return length < 0x80 ? [(byte)length, .. bytes]
            : [(byte)(0xc0 | (length >> 24)), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. bytes];
    }
}
