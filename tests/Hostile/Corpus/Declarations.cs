namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Types and attributes that need not run to do harm.</summary>
internal static class Declarations
{
    private const string Bases = "RL0016/RL0001/RL0002";

    private static readonly Family Layouts = new("layouts and sizes", Wall.Verifier);
    private static readonly Family Statics = new("state that outlives an instance", Wall.Verifier);
    private static readonly Family Derived = new("bases and finalizers", Wall.Verifier);
    private static readonly Family Access = new("around access checks", Wall.Verifier);

    private const string IgnoresAccess = """
        [assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("RedLeafSharp.Trusted")]
        namespace System.Runtime.CompilerServices {
            [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
            public sealed class IgnoresAccessChecksToAttribute : Attribute { public IgnoresAccessChecksToAttribute(string name) { } } }
        """;

    internal static readonly Attack[] All =
    [
        Layouts.Code("union of two arrays", "to see long[] as byte[]", "RL0011",
            "var u = new U { Longs = new long[1] }; u.Bytes[1 << 20] = 1;",
            types: "[StructLayout(LayoutKind.Explicit)] struct U { [FieldOffset(0)] public byte[] Bytes; [FieldOffset(0)] "
                + "public long[] Longs; }"),
        Layouts.Code("union of an object and a string", "to change a string", "RL0011",
            "var u = new U { Text = \"x\" }; u.Own.Length = 1 << 30;",
            types: "class C { public int Length; } [StructLayout(LayoutKind.Explicit)] struct U { [FieldOffset(0)] public C "
                + "Own; [FieldOffset(0)] public string Text; }"),
        Layouts.Code("union of a reference and a number", "to forge an object reference", "RL0011/RL0402",
            "",
                types: "[StructLayout(LayoutKind.Explicit)] struct U { [FieldOffset(0)] public object O; [FieldOffset(0)] "
                + "public long N; }"),
        Layouts.Code("union with an exchange reference", "to forge a reference into the exchange heap", "RL0011/RL0108",
            "var u = new U { Header = 0x10000, Generation = 1 }; u.Reference.BorrowMutable(context) = 1;",
            types: "[StructLayout(LayoutKind.Explicit)] struct U { [FieldOffset(0)] public RRef<long> Reference; "
                + "[FieldOffset(0)] public ulong Header; [FieldOffset(8)] public uint Generation; }"),
        Layouts.Code("union with an answer", "to forge a fault", "RL0011",
            "var u = new U { Value = 0, Code = -1 }; return u.Reply.Fault == Fault.CalleeFaulted ? 66 : 0;",
            types: "[StructLayout(LayoutKind.Explicit)] struct U { [FieldOffset(0)] public Reply<int, Errno> Reply; "
                + "[FieldOffset(0)] public int Value; [FieldOffset(4)] public int Code; }"),
        Layouts.Code("union of two exchange references", "to see one type's bytes as another's", "RL0011/RL0108",
            "var u = new U { Small = RRef<byte>.Allocate(context) }; u.Large.BorrowMutable(context).D = 1;",
            types: "struct L { public long A, B, C, D; } [StructLayout(LayoutKind.Explicit)] struct U { [FieldOffset(0)] "
                + "public RRef<byte> Small; [FieldOffset(0)] public RRef<L> Large; }"),
        Layouts.Code("negative offset", "to lie outside itself", "RL0011/RL0402/RL0404/loader", "return new U().N;",
            types: "[StructLayout(LayoutKind.Explicit)] struct U { [FieldOffset(0x7ffffff0)] public int N; }"),
        Layouts.Code("inline array", "to have a frame of a megabyte", "RL0017/RL0003",
            "var b = new B(); b[0] = 1; return M(b);", "static int M(B b) => b[1];",
            "[InlineArray(1 << 20)] struct B { byte first; }"),
        Layouts.Code("struct of structs", "to have a frame of a megabyte", "RL0017",
            "return M(default);", "static int M(S4 s) { S4 t = s; return t.A.A.A.A.A; }",
            "struct S0 { public int A; long b, c, d, e, f, g, h; } struct S1 { public S0 A; S0 b, c, d, e, f, g, h; } "
                + "struct S2 { public S1 A; S1 b, c, d, e, f, g, h; } struct S3 { public S2 A; S2 b, c, d, e, f, g, h; } "
                + "struct S4 { public S3 A; S3 b, c, d, e, f, g, h; }"),
        Layouts.Code("size in the layout", "to have a struct of a gigabyte", "RL0011/RL0017",
            "S s = default; return s.A;",
                types: "[StructLayout(LayoutKind.Sequential, Size = 1 << 20)] struct S { public int A; }"),
        Layouts.Code("generic class that expands", "to fill the runtime's tables of types", "RL0018",
            "new G<int>().M(1 << 30);", types: "class G<T> { public void M(int n) { if (n > 0) new G<G<T>>().M(n - 1); } }"),
        Layouts.Code("generic method that expands", "to have code compiled without end", "RL0018",
            "M<int>(1 << 30);", "static void M<T>(int n) { if (n > 0) M<List<T>>(n - 1); }"),
        Layouts.Code("generic struct that expands", "to overflow the loader", "RL0018/RL0402/RL0017",
            "new S<int>().M(1 << 30);",
                types: "struct S<T> { T a; public void M(int n) { if (n > 0) new S<S<T>>().M(n - 1); } }"),
        Layouts.Code("generic base that expands", "to overflow the loader", "RL0018/RL0402",
            "new C<int>();", types: "class B<T> { } class C<T> : B<C<C<T>>> { }"),
        Layouts.Code("SkipLocalsInit", "to read what others left on the stack", "RL0012/RL0003",
            "", "[SkipLocalsInit] static long M() { unsafe { long a; long* p = &a; return *p; } }"),
        Layouts.Changed("locals without init", "to read what others left on the stack", "RL0012",
            Guest.Program("long n = context.UptimeMicros; if (n == 1) { Guid g = default; return g.GetHashCode(); }"), module =>
                Family.MainOf(module).Body.InitLocals = false),

        Statics.Code("static field", "to share state between the rehearsal and the real generation", "RL0006",
            "count++;", "static int count;"),
        Statics.Code("static array", "to share state that only looks constant", "RL0006/answer",
            "Table[0]++;", "static readonly int[] Table = new int[4];").At(Wall.Runtime),
        Statics.Code("static list", "to share state that only looks constant", "RL0006/answer",
            "Table.Add(1);", "static readonly List<int> Table = new();").At(Wall.Runtime),
        Statics.Code("thread-static field", "to leave state on the kernel's threads", "RL0006/RL0007/RL0002/RL0001",
            "count++;", "[ThreadStatic] static int count;"),
        Statics.Code("static exchange reference", "to keep a reference where no owner is", "RL0108/RL0006",
            "kept = RRef<int>.Allocate(context);", "static RRef<int> kept;"),
        Statics.Code("static capability", "to keep the system's calls for the next life", "RL0006",
            "kept = system;", "static ISystem kept;"),
        Statics.Code("static event", "to be a callback for ever", "RL0006", "E += () => { }; E();", "static event Action E;"),
        Statics.Code("module initializer", "to run before anybody looks", "RL0013",
            "", "[ModuleInitializer] internal static void M() => throw new Exception();"),

        Derived.Code("finalizer", "to run on the runtime's thread after its death", "RL0009",
            "new F();", types: "class F { ~F() { throw new Exception(); } }"),
        Derived.Code("Dispose of a finalizable base", "to run on the runtime's thread without a finalizer of its own", Bases,
            "new F();",
                types: "class F : System.IO.FileStream { public F() : base(\"/dev/null\", System.IO.FileMode.Open) { } "
                + "protected override void Dispose(bool d) => throw new Exception(); }"),
        Derived.Code("CriticalFinalizerObject", "to run last of all", "RL0016/RL0001/RL0002/RL0009",
            "", types: "class F : System.Runtime.ConstrainedExecution.CriticalFinalizerObject { }"),
        Derived.Code("MarshalByRefObject", "to be served by the runtime specially", Bases, "",
            types: "class F : MarshalByRefObject { }"),
        Derived.Code("TextWriter", "to be handed to the framework as a sink", Bases,
            "", types: "class F : System.IO.TextWriter { public override System.Text.Encoding Encoding => null; }"),
        Derived.Code("own attribute", "to run when somebody reads attributes", Bases + "/answer",
            "", types: "[X] class F { } class XAttribute : Attribute { public XAttribute() { while (true) { } } }").At(Wall.Runtime),
        Derived.Code("own implementation of a contract", "to be taken for the system by a program", "RL0016/answer",
            "object o = new F(); return o is ISystem ? 66 : 0;",
            types: "class F : IConsole { public Reply<int, Errno> Read(CallContext c, Span<byte> b) => 0; public Reply<int, "
                + "Errno> Write(CallContext c, int s, ReadOnlySpan<byte> d) => 0; public Reply<bool, Errno> "
                + "IsTerminal(CallContext c, int s) => true; }").At(Wall.Runtime),
        Derived.Code("SafeHandle", "to have a handle closed by the finalizer", Bases,
            "",
                types: "class F : SafeHandle { public F() : base(0, true) { } public override bool IsInvalid => false; "
                + "protected override bool ReleaseHandle() => throw new Exception(); }"),

        Access.Source("IgnoresAccessChecksTo", "to call the kernel's private members", "RL0014/RL0403",
            "using System; using RedLeafSharp; using RedLeafSharp.Contracts;\n" + IgnoresAccess
            + "public sealed class A : IProgram { public Reply<int, ProgramError> Main(CallContext c, ProgramServices s) { "
                + "return (int)c.Thread.CurrentDomain; } }",
            ignoresAccess: true),
        Access.Source("private field without an attribute", "to read the kernel's thread out of the context", "RL0403",
            "using RedLeafSharp; using RedLeafSharp.Contracts; public sealed class A : IProgram { public Reply<int, "
                + "ProgramError> Main(CallContext c, ProgramServices s) { return (int)c.Thread.CurrentDomain == 0 ? 0 : 66; "
                + "} }",
            ignoresAccess: true),
        Access.Source("private member of the framework", "to take a string's first character by reference",
            "RL0403/RL0001/RL0002",
            "using RedLeafSharp; using RedLeafSharp.Contracts; public sealed class A : IProgram { public Reply<int, "
                + "ProgramError> Main(CallContext c, ProgramServices s) { var l = new "
                + "System.Collections.Generic.List<int>(); l._size = 1 << 20; return 66; } }",
            ignoresAccess: true),
        Access.Source("private constructor of an answer", "to forge a fault", "RL0403",
            "using RedLeafSharp; using RedLeafSharp.Contracts; public sealed class A : IProgram { public Reply<int, "
                + "ProgramError> Main(CallContext c, ProgramServices s) { return Reply<int, "
                + "ProgramError>.FromFault(Fault.CalleeKilled); } }",
            ignoresAccess: true),
        Access.Source("Detach of a proxy", "to cut the system off from all others", "RL0403",
            "using RedLeafSharp; using RedLeafSharp.Contracts; public sealed class A : IProgram { public Reply<int, "
                + "ProgramError> Main(CallContext c, ProgramServices s) { ((IProxy)s.System).Detach(); return 66; } }",
            ignoresAccess: true),
        Access.Source("friend's name", "to be a friend of the kernel by its simple name", "RL0014/RL0403/RL0402/loader",
            "using RedLeafSharp; using RedLeafSharp.Contracts; public sealed class A : IProgram { public Reply<int, "
                + "ProgramError> Main(CallContext c, ProgramServices s) { return c.Thread.CurrentDomain == 0 ? 0 : 66; } }",
            assembly: "RedLeafSharp.Bench"),
        Access.Code("UnsafeAccessor", "to read a private field by its name", "RL0014/RL0005",
            "M(new List<int>()) = 1 << 20;",
            "[UnsafeAccessor(UnsafeAccessorKind.Field, Name = \"_size\")] static extern ref int M(List<int> list);"),
        Access.Code("suppression", "to silence the rules", "RL0015/RL0006",
            "count++;", "#pragma warning disable RL0006\n static int count;\n#pragma warning restore RL0006\n"),
    ];
}
