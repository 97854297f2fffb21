namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Programs that mean never to end. Each says that it is inside and is then killed from outside.</summary>
internal static class Endless
{
    private const string Kill = "kill";
    private const string Overflow = "kill/InsufficientExecutionStackException/quota";

    private static readonly Family Loops = new("endless loops", Wall.Rewriter);
    private static readonly Family Recursion = new("endless recursion", Wall.Rewriter);
    private static readonly Family Unwinding = new("resisting the kill", Wall.Rewriter);
    private static readonly Family Waits = new("endless waits", Wall.Runtime);
    private static readonly Family Early = new("before the first call", Wall.Rewriter);

    internal static readonly Attack[] All =
    [
        Loop("for", "for (; ; ) { }"),
        Loop("counting", "long n = 0; while (true) n++;"),
        Loop("nested", "while (true) for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) { }"),
        Loop("goto", "again: if (system != null) goto again;"),
        Loop("switch",
            "int s = 0; while (true) switch (s) { case 0: s = 1; continue; case 1: s = 2; continue; default: s = 0; "
            + "continue; }"),
        Loop("over memory", "var a = new byte[1 << 16]; while (true) for (int i = 0; i < a.Length; i++) a[i]++;"),
        Loop("over an exchange block", "var r = RRef<long>.Allocate(context); while (true) r.BorrowMutable(context)++;"),
        Loop("long calls of the framework", "var a = new byte[1 << 20]; while (true) a.AsSpan().Fill(1);"),
        Loop("crossings", "while (true) system.GetProcessId(context);"),
        Loop("exceptions", "while (true) try { throw new InvalidOperationException(); } catch (InvalidOperationException) { }"),
        Loop("delegate", "Action a = () => { while (true) { } }; a();"),
        Loop("generic method", "M<string>();", "static void M<T>() { while (true) { } }"),
        Loop("virtual", "B b = new C(); b.M();",
            types: "class B { public virtual void M() { } } class C : B { public override void M() { while (true) { } } }"),
        Loop("interface", "I i = new C(); i.M();",
            types: "interface I { void M(); } class C : I { public void M() { while (true) { } } }"),
        Loop("default interface method", "I i = new C(); i.M();",
            types: "interface I { void M() { while (true) { } } } class C : I { }"),
        Loop("struct's enumerator", "foreach (int i in new E()) { }",
            types: "struct E { public E GetEnumerator() => this; public int Current => 0; public bool MoveNext() => true; }"),
        Loop("iterator", "foreach (int i in M()) { }", "static IEnumerable<int> M() { while (true) yield return 1; }"),
        Loop("comparer of a sort", "var a = new int[4096]; Array.Sort(a, Compare);",
            "static int Compare(int a, int b) { while (true) { } }"),
        Loop("comparer that lies", "var a = new int[1 << 20]; while (true) Array.Sort(a, (x, y) => 1);"),
        Loop("hash of a key", "new Dictionary<K, int>()[new K()] = 1;",
            types: "class K { public override int GetHashCode() { while (true) { } } }"),
        Loop("equality of a key", "var d = new Dictionary<K, int>(); d[new K()] = 1; d[new K()] = 2;",
            types: "class K { public override int GetHashCode() => 1; public override bool Equals(object o) { while (true) "
                + "{ } } }"),
        Loop("ToString in a concatenation", "string s = \"\" + new K();",
            types: "class K { public override string ToString() { while (true) { } } }"),
        Loop("Dispose", "using (new K()) { }", types: "class K : IDisposable { public void Dispose() { while (true) { } } }"),
        Loop("operator", "var k = new K() + new K();",
            types: "class K { public static K operator +(K a, K b) { while (true) { } } }"),
        Loop("lazy static constructor", "L.M();",
            types: "class L { static readonly int N = M0(); static int M0() { while (true) { } } public static void M() { "
            + "if (N == 0) return; } }"),
        Recursive("method", "M(0);", "static int M(int n) => M(n + 1) + 1;"),
        Recursive("two methods", "M(0);", "static int M(int n) => N(n + 1) + 1; static int N(int n) => M(n + 1) + 1;"),
        Recursive("virtual", "new C().M(0);", types: "class C { public virtual int M(int n) => M(n + 1) + 1; }"),
        Recursive("interface", "((I)new C()).M(0);",
            types: "interface I { int M(int n); } class C : I { public int M(int n) => ((I)this).M(n + 1) + 1; }"),
        Recursive("delegate", "Func<int, int> f = null; f = n => f(n + 1) + 1; f(0);"),
        Recursive("large frames", "M(default);", "static int M(B b) { B c = b; c.N++; return M(c) + c.N; }",
            "struct B { public int N; public long a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p; }"),
        Recursive("property", "int n = new C().P;", types: "class C { public int P => P + 1; }"),
        Recursive("constructor", "new C();", types: "class C { readonly C next; public C() { next = new C(); } }"),
        Recursive("ToString in a concatenation", "new C().ToString();",
            types: "class C { public override string ToString() => \"\" + this; }"),
        Recursive("comparer of a sort", "M();",
            "static void M() { var a = new[] { 2, 1 }; Array.Sort(a, (x, y) => { M(); return 0; }); }"),
        Recursive("hash of a key", "new C().GetHashCode();",
            types: "class C { public override int GetHashCode() => new HashSet<C> { new C() }.Count; }"),
        Recursive("enumerators", "foreach (int i in M()) { }",
            "static IEnumerable<int> M() { foreach (int i in M()) yield return i; }"),
        Recursive("generic", "M<int>(0);", "static int M<T>(int n) => M<T>(n + 1) + 1;"),
        Recursive("catch", "M();",
            "static void M() { try { throw new InvalidOperationException(); } catch (InvalidOperationException) { M(); } }"),
        Recursive("finally", "M();", "static void M() { try { } finally { M(); } }"),
        Recursive("filter", "M();",
            "static bool M() { try { throw new InvalidOperationException(); } catch (InvalidOperationException) when (M()) "
            + "{ } return true; }"),
        Recursive("local function", "int F(int n) => F(n + 1) + 1; F(0);"),
        Resisting("catch of everything", "while (true) try { while (true) { } } catch { }"),
        Resisting("catch that loops", "try { while (true) { } } catch { while (true) { } }"),
        Resisting("finally that loops", "try { while (true) { } } finally { while (true) { } }"),
        Resisting("filter that loops", "try { while (true) { } } catch when (Spin()) { }",
            "static bool Spin() { while (true) { } }"),
        Resisting("catch that recurses", "M();", "static void M() { try { while (true) { } } catch { M(); } }"),
        Resisting("finally that throws",
            "while (true) try { try { while (true) { } } finally { throw new InvalidOperationException(); } } catch "
            + "(InvalidOperationException) { }"),
        Resisting("catch that calls out",
            "while (true) try { while (true) system.GetProcessId(context); } catch { system.Sync(context); }"),
        Resisting("catch around a wait", "while (true) try { system.Sleep(context, long.MaxValue); } catch { }"),
        Resisting("Dispose that loops", "using var k = new K(); while (true) { }",
            types: "class K : IDisposable { public void Dispose() { while (true) { } } }"),
        Thrower("nested throws", "M(0);",
            "static void M(int n) { try { throw new InvalidOperationException(); } catch { try { M(n + 1); } catch { M(n + "
            + "1); } } }"),
        Resisting("catch by the kernel's own type",
            "while (true) try { while (true) system.GetProcessId(context); } catch (Exception e) when (e is "
            + "DomainKilledException) { }", by: "kill/RL0002").At(Wall.Verifier),
        Resisting("rethrow for ever", "while (true) try { try { while (true) { } } catch { throw; } } catch { }"),
        Resisting("exception kept and thrown again",
            "Exception kept = null; while (true) try { if (kept != null) throw kept; while (true) { } } catch (Exception e) "
            + "{ kept = e; }"),
        Waiting("event that nobody signals", "var e = KernelEvent.Create(context); while (true) e.Wait(context);"),
        Waiting("sleep for ever", "system.Sleep(context, long.MaxValue);"),
        Waiting("read of an empty pipe",
            "PipeEnds p = system.MakePipe(context).Value; var b = new byte[1]; system.Read(context, p.ReadEnd, b);"),
        Waiting("write to a full pipe",
            "PipeEnds p = system.MakePipe(context).Value; var b = new byte[1 << 20]; system.Write(context, p.WriteEnd, b);"),
        Waiting("short waits for ever", "while (true) KernelEvent.Create(context).Wait(context, 1);"),
        Waiting("signals for ever", "var e = KernelEvent.Create(context); while (true) { e.SignalAll(); e.Wait(context, 0); }"),
        BeforeMain("static constructor that loops", "to hold the loader", "loader/kill/quota/RL0006", "",
            "static A() { while (true) { } }"),
        BeforeMain("static constructor that recurses", "to overflow the loader's stack", Overflow + "/loader/RL0006",
            "return N;", "static readonly int N = M(0); static int M(int n) => M(n + 1) + 1;"),
        BeforeMain("static constructors that need each other", "to deadlock the loader", "loader/kill/quota/RL0006/answer",
            "return P.X;",
            types: "class P { public static readonly int X = Q.Y + 1; static P() { } } class Q { public static readonly int "
                + "Y = P.X + 1; static Q() { } }").At(Wall.Runtime),
        BeforeMain("constructor that loops", "to hold the loader", "loader/kill/quota", "", "public A() { while (true) { } }"),
        BeforeMain("constructor that recurses", "to overflow the loader's stack", Overflow + "/loader", "",
            "readonly A next; public A() { next = new A(); }"),
        BeforeMain("constructor that throws a class of its own", "to have the loader print its message", "loader/E", "",
            "public A() { throw new E(); }",
                "class E : Exception { public override string Message { get { while (true) { } } } }").At(Wall.Runtime),
        BeforeMain("constructor that allocates", "to take the process's memory before it has a name", "loader/kill/quota", "",
            "public A() { var l = new List<byte[]>(); while (true) l.Add(new byte[1 << 20]); }").At(Wall.Runtime),
    ];

    private static Attack Loop(string name, string body, string members = "", string types = "") =>
        Say(Loops, name, "to keep its executor for ever", Kill, body, members, types);

    private static Attack Recursive(string name, string body, string members = "", string types = "") =>
        Say(Recursion, name, "to end the process by a stack overflow", Overflow, body, members, types);

    private static Attack Resisting(string name, string body, string members = "", string types = "", string by = Kill) =>
        Say(Unwinding, name, "to live on after it has been killed", by, body, members, types);

    private static Attack Thrower(string name, string body, string members) =>
        Say(Unwinding, name, "to eat the stack by exceptions inside exceptions", Overflow, body, members, string.Empty);

    private static Attack Waiting(string name, string body) =>
        Say(Waits, name, "to keep a thread for ever", Kill, body, string.Empty, string.Empty);

    private static Attack BeforeMain(string name, string tries, string by, string body, string members = "", string types = "") =>
        Early.Code(name, tries, by, body, members, types) with { IsSilent = true };

    private static Attack Say(Family family, string name, string tries, string by, string body, string members, string types) =>
        family.Code(name, tries, by, $"Say(context, system); {body}", members, types);
}
