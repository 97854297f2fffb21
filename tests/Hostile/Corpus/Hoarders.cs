namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Programs that take and never give back, and programs that throw things at the kernel.</summary>
internal static class Hoarders
{
    private const string Quota = "quota/kill/OutOfMemoryException";
    private const string Answered = "answer";

    private static readonly Family Memory = new("memory without end", Wall.Runtime);
    private static readonly Family Exchange = new("exchange heap without end", Wall.Runtime);
    private static readonly Family Things = new("descriptors, pipes, processes without end", Wall.Runtime);
    private static readonly Family Calls = new("system calls with mad arguments", Wall.Runtime);
    private static readonly Family Thrown = new("exceptions thrown at the kernel", Wall.Runtime);
    private static readonly Family Contracts = new("contracts abused", Wall.Runtime);

    internal static readonly Attack[] All =
    [
        Hoard("list of small objects", "var l = new List<object>(); while (true) l.Add(new object());"),
        Hoard("list of arrays", "var l = new List<byte[]>(); while (true) l.Add(new byte[1 << 16]);"),
        Hoard("one array as large as can be", "var l = new List<byte[]>(); while (true) l.Add(new byte[0x7fffffc7]);"),
        Hoard("array of references", "var l = new List<object[]>(); while (true) l.Add(new object[1 << 26]);"),
        Hoard("array of arrays",
            "var l = new List<int[][]>(); while (true) { var a = new int[1 << 14][]; for (int i = 0; i < a.Length; i++) a[i] = new "
            + "int[1 << 14]; l.Add(a); }"),
        Hoard("doubling string", "string s = \"xx\"; while (true) s += s;"),
        Hoard("doubling list", "var l = new List<long> { 1 }; while (true) l.AddRange(l);"),
        Hoard("dictionary", "var d = new Dictionary<long, object>(); for (long i = 0; ; i++) d[i] = new object();"),
        Hoard("linked list", "N head = null; while (true) head = new N { Next = head };", "class N { public N Next; }"),
        Hoard("string builder", "var b = new System.Text.StringBuilder(); while (true) b.Append(\"xxxxxxxxxxxxxxxx\");"),
        Hoard("garbage", "object o = null; while (true) o = new byte[4096];"),
        Hoard("delegates", "Action a = () => { }; while (true) a += a;"),
        Hoard("boxes", "var l = new List<object>(); for (int i = 0; ; i++) l.Add(i);"),
        Exchange.Code("small blocks", "to leave nothing of the exchange heap to others", Quota + "/ExchangeHeapFullException",
            "Say(context, system); var l = new C(); while (true) { var r = RRef<long>.Allocate(context); l = new C { Next = "
                + "l }; l.R.Put(ref r); }",
            types: "class C { public Cell<RRef<long>> R; public C Next; }"),
        Exchange.Code("pages", "to leave nothing of the exchange heap to others", Quota + "/ExchangeHeapFullException",
            "Say(context, system); var l = new C(); while (true) { var r = PageBuffer.Allocate(context, 64); l = new C { "
                + "Next = l }; l.R.Put(ref r); }",
            types: "class C { public Cell<PageBuffer> R; public C Next; }"),
        Exchange.Code("pages lent to no device", "to leave pages that cannot be freed", Quota + "/ExchangeHeapFullException",
            "Say(context, system); var l = new C(); while (true) { var r = PageBuffer.Allocate(context, 64); "
                + "r.Lend(context, LoanAccess.DeviceReads); l = new C { Next = l }; l.R.Put(ref r); }",
            types: "class C { public Cell<PageBuffer> R; public C Next; }"),
        Exchange.Code("blocks, then a throw", "to leave blocks that nobody frees", "InvalidOperationException",
            "var r = PageBuffer.Allocate(context, 64); throw new InvalidOperationException();"),
        Exchange.Code("blocks, then an end", "to leave blocks that nobody frees", Answered,
            "var r = RRef<long>.Allocate(context);"),
        Exchange.Code("blocks let go of one by one", "to lose blocks without a trace", Quota + "/ExchangeHeapFullException",
            "Say(context, system); while (true) { var r = RRef<long>.Allocate(context); if (r.IsNull) break; }"),

        Things.Code("descriptors", "to leave no file to others", Answered,
            "int n = 0; ReadOnlySpan<byte> p = \"/\"u8; while (system.Open(context, p, OpenFlags.Directory, 0).IsOk) if "
                + "(++n > 100000) return 66;"),
        Things.Code("duplicates", "to leave no descriptor to others", Answered,
            "int n = 0; while (system.Duplicate(context, 1, -1).IsOk) if (++n > 100000) return 66;"),
        Things.Code("pipes", "to take the personality's memory by pipes", Answered,
            "int n = 0; while (system.MakePipe(context).IsOk) if (++n > 100000) return 66;"),
        Things.Code("full pipes", "to take the personality's memory by what lies in pipes", Answered,
            "var b = new byte[4096]; for (int n = 0; n < 100000; n++) { var p = system.MakePipe(context); if (!p.IsOk) "
                + "return 0; system.Write(context, p.Value.WriteEnd, b); } return 66;"),
        Things.Code("children that sleep", "to leave no thread to others", "answer/quota",
            "ReadOnlySpan<byte> a = \"sleep\\01000\\0\"u8; for (int n = 0; n < 100000; n++) { var c = system.Spawn(context, "
                + "a, 0, 1, 2); if (!c.IsOk) { KillChildren(context, system); return 0; } } return 66;",
            KillSleepers),
        Things.Code("children that nobody waits for", "to fill the table of processes with the dead", "answer/quota",
            "ReadOnlySpan<byte> a = \"true\\0\"u8; for (int n = 0; n < 2000; n++) if (!system.Spawn(context, a, 0, 1, "
                + "2).IsOk) return 0; return 0;"),
        Things.Code("depth of directories", "to have the walk of a path overflow the stack", Answered,
            "ReadOnlySpan<byte> d = \"d\"u8; for (int n = 0; n < 300; n++) { if (!system.MakeDirectory(context, d, "
                + "0x1ff).IsOk) break; if (!system.ChangeDirectory(context, d).IsOk) break; }"),
        Things.Code("circle of links", "to have the walk of a path go on for ever", Answered,
            "ReadOnlySpan<byte> a = \"/loop-a\"u8; ReadOnlySpan<byte> b = \"/loop-b\"u8; system.MakeSymbolicLink(context, "
                + "a, b); system.MakeSymbolicLink(context, b, a); return system.Open(context, a, OpenFlags.ReadOnly, "
                + "0).IsOk ? 66 : 0;"),

        Calls.Code("descriptors that are not there", "to index outside of a table", Answered,
            "foreach (int d in new[] { -1, int.MinValue, int.MaxValue, 1 << 20, 4096 }) { if (system.Close(context, d).IsOk "
                + "|| system.Duplicate(context, d, 5).IsOk || system.Duplicate(context, 1, d).IsOk && d != -1 || "
                + "system.IsTerminal(context, d).Value) return 66; }"),
        Calls.Code("offsets at the ends of numbers", "to have an offset wrap round", Answered,
            "int f = system.Open(context, \"/mad\"u8, OpenFlags.Create | OpenFlags.ReadWrite, 0x1a4).Value; "
                + "ReadOnlySpan<byte> x = \"x\"u8; if (system.WriteAt(context, f, ulong.MaxValue, x).IsOk || "
                + "system.WriteAt(context, f, long.MaxValue, x).IsOk || system.Seek(context, f, long.MinValue, "
                + "SeekOrigin.Start).IsOk || system.Seek(context, f, long.MaxValue, (SeekOrigin)99).IsOk) return 66; var b "
                + "= new byte[1]; if (system.ReadAt(context, f, ulong.MaxValue, b).Value != 0) return 66; "
                + "system.Unlink(context, \"/mad\"u8);"),
        Calls.Code("paths of all kinds", "to break the walk of a path", Answered,
            "foreach (int n in new[] { 0, 1, 255, 256, 4095, 4096, 65536 }) { var p = new byte[n]; for (int c = 0; c < 256; "
                + "c += 47) { p.AsSpan().Fill((byte)c); if (c != '.' && c != '/' && system.Open(context, p, "
                + "OpenFlags.ReadOnly, 0).IsOk) return 66; system.RemoveDirectory(context, p); system.Rename(context, p, "
                + "p); } }"),
        Calls.Code("kill of everybody", "to end the processes of others", Answered,
            "foreach (int p in new[] { 0, -1, int.MinValue, int.MaxValue }) system.Kill(context, p, 0); return "
                + "system.Kill(context, int.MaxValue, 9).IsOk ? 66 : 0;"),
        Calls.Code("signals that are none", "to have a signal taken for an index", Answered,
            "int self = system.GetProcessId(context).Value; foreach (int s in new[] { -1, int.MinValue, 65, int.MaxValue }) "
                + "if (system.Kill(context, self, s).IsOk) return 66;"),
        Calls.Code("wait for a stranger", "to learn of another's end", Answered,
            "foreach (int p in new[] { 1, int.MaxValue, -2, int.MinValue }) if (system.WaitForChild(context, p).IsOk) "
                + "return 66;"),
        Calls.Code("sleep below nought", "to be woken in the past", Answered,
            "system.Sleep(context, -1); system.Sleep(context, long.MinValue);"),
        Calls.Code("flags that are none", "to have unknown bits do something", Answered,
            "ReadOnlySpan<byte> p = \"/flags\"u8; foreach (int f in new[] { -1, int.MinValue, 3, 0x7ffffff0 }) { var d = "
                + "system.Open(context, p, (OpenFlags)f, uint.MaxValue); if (d.IsOk) system.Close(context, d.Value); } "
                + "system.Unlink(context, p);"),
        Calls.Code("arguments without an end", "to have the arguments of a child read on", Answered,
            "foreach (int n in new[] { 0, 1, 4096, 1 << 20 }) { var a = new byte[n]; a.AsSpan().Fill((byte)'a'); if "
                + "(system.Spawn(context, a, 0, 1, 2).IsOk) return 66; }"),
        Calls.Code("attributes of a mad size", "to have a file of all blocks there are", Answered,
            "ReadOnlySpan<byte> p = \"/size\"u8; int f = system.Open(context, p, OpenFlags.Create | OpenFlags.ReadWrite, "
                + "0x1a4).Value; var c = new FileAttributesChange { Fields = (FileAttributeFields)(-1), SizeBytes = "
                + "ulong.MaxValue, Mode = uint.MaxValue }; if (system.SetDescriptorAttributes(context, f, c).IsOk) return "
                + "66; system.Unlink(context, p);"),

        Thrown.Code("exception with an endless message", "to be asked for its message", "E", "throw new E();",
            types: "public class E : Exception { public override string Message { get { while (true) { } } } public "
                + "override string ToString() { while (true) { } } public override string StackTrace { get { while (true) { "
                + "} } } public override int GetHashCode() { while (true) { } } public override bool Equals(object o) { "
                + "while (true) { } } }"),
        Thrown.Code("exception that throws when asked", "to throw inside the barrier", "E/RL0002", "throw new E();",
            types: "public class E : Exception { public override string Message => throw new E(); public override string "
                + "ToString() => throw new E(); public override IDictionary Data => throw new E(); public override "
                + "Exception GetBaseException() => throw new E(); }").At(Wall.Verifier),
        Thrown.Code("exception with an endless base", "to be asked for its cause", "E/RL0019", "throw new E();",
            types: "public class E : Exception { public E() : base(\"\", new Exception()) { } public override Exception "
                + "GetBaseException() { while (true) { } } public override string Source { get => throw new E(); set { } } }").At(Wall.Verifier),
        Thrown.Code("nothing", "to throw null", "NullReferenceException", "throw null;"),
        Thrown.Code("the runtime's own exceptions", "to pass for a failure of the runtime",
            "StackOverflowException/OutOfMemoryException/RL0001/RL0002", "throw new StackOverflowException();").At(Wall.Verifier),
        Thrown.Code("generic exception with a long name", "to fill the log with its name", "E`1/RL0018",
            "throw new E<E<E<E<E<E<E<E<int>>>>>>>>();", types: "public class E<T> : Exception { }"),
        Thrown.Code("name of the class as long as a line", "to fill the log with its name",
            "Eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
            "throw new Eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee();",
                types: "public class Eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee : Exception { }"),
        Thrown.Code("throw in a finally", "to replace what unwinds", "InvalidOperationException",
            "try { throw new ArgumentException(); } finally { throw new InvalidOperationException(); }"),
        Thrown.Code("throw in a filter", "to throw while handlers are looked for", "ArgumentException",
            "try { throw new ArgumentException(); } catch when (M()) { }",
                "static bool M() => throw new InvalidOperationException();"),
        Thrown.Code("deep throw", "to make unwinding slow", "InvalidOperationException",
            "M(2000);",
                "static int M(int n) { try { return n == 0 ? throw new InvalidOperationException() : M(n - 1) + 1; } "
                + "finally { n = 1; } }"),

        Contracts.Code("cast of a proxy to its class", "to reach what stands behind a proxy", "answer/RL0001/RL0002/RL0016",
            "return (object)system is IDomain || (object)system is IFileSystem || (object)system is IProcessLoader ? 66 : 0;"),
        Contracts.Code("proxy as a key", "to call virtuals of a kernel's object", "answer/RL0001/RL0002",
            "var d = new Dictionary<object, int> { [system] = 1 }; return d[system] == 1 && system.ToString().Length > 0 ? "
                + "0 : 66;"),
        Contracts.Code("span of its own stack", "to have a callee keep a span", Answered,
            "int x = 0; Span<ProcessStatus> s = new ProcessStatus[1]; if (system.ListProcesses(context, s).Value < 1) "
            + "return 66; return x;"),
        Contracts.Code("empty spans", "to have the first byte of nothing read", Answered,
            "system.GetArguments(context, default); system.GetWorkingDirectory(context, default); "
                + "system.ReadDirectory(context, 0, default); system.Open(context, default, 0, 0); system.Spawn(context, "
                + "default, 0, 0, 0); system.Rename(context, default, default); system.GetProcessName(context, 1, default);"),
        Contracts.Code("thousands of events", "to have the scheduler remember them", Answered,
            "for (int i = 0; i < 100000; i++) KernelEvent.Create(context).Wait(context, 0);"),
        Contracts.Code("events that signal nobody", "to wake what sleeps elsewhere", Answered,
            "var e = KernelEvent.Create(context); for (int i = 0; i < 100000; i++) e.SignalAll();"),
    ];

    private const string KillSleepers = "static void KillChildren(CallContext c, ISystem s) { var t = new "
        + "ProcessStatus[4096]; int n = s.ListProcesses(c, t).Value; int self = s.GetProcessId(c).Value; for (int i = 0; i "
        + "< n; i++) if (t[i].ParentId == self) s.Kill(c, t[i].ProcessId, 9); }";

    private static Attack Hoard(string name, string body, string types = "") =>
        Memory.Code(name, "to leave no memory to others", Quota, $"Say(context, system); {body}", types: types);
}
