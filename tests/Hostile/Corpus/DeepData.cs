using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>
/// Data, exceptions and code that go so deep that whoever walks them by recursion runs out of stack: the framework, the exception
/// handling of the runtime, its compiler.
/// </summary>
internal static class DeepData
{
    private const string Overflow = "to have the framework recur until the stack is gone";
    private const string Guarded = "InsufficientExecutionStackException/kill";
    private const string Link = "struct S { public object Next; }";

    /// <summary>What crashes the compiler of .NET 10.0.12: a finally in a handler, dead for a reason found late, and a filter next.</summary>
    private const string DeadFinally =
        "{ if (bound < bound) { try { Work(); } finally { Work(); } } }";

    private static readonly Family Boxes = new("recursion inside the framework", Wall.Verifier);
    private static readonly Family Own = new("recursion inside the framework", Wall.Rewriter);
    private static readonly Family Stale = new("enumerators and chains of delegates", Wall.Runtime);
    private static readonly Family Thrown = new("exceptions inside exceptions", Wall.Runtime);
    private static readonly Family Compiled = new("code that breaks compilers", Wall.Runtime);

    internal static readonly Attack[] All =
    [
        Chain("tuples that are hashed", "t = (t, 1);", "return t.GetHashCode() == 7 ? 1 : 0;"),
        Chain("tuples that are compared", "t = (t, 1); u = (u, 1);", "return t.Equals(u) ? 1 : 0;"),
        Chain("tuples that are sorted", "t = (t, 1); u = (u, 1);", "return Comparer<object>.Default.Compare(t, u);"),
        Chain("pairs that are printed", "t = new KeyValuePair<object, int>(t, 1);", "return t.ToString().Length;"),
        Chain("structs that are hashed", "t = new S { Next = t };", "return t.GetHashCode() == 7 ? 1 : 0;", types: Link),
        Chain("structs that are compared", "t = new S { Next = t }; u = new S { Next = u };", "return t.Equals(u) ? 1 : 0;", types: Link),
        Chain("structs as keys", "t = new S { Next = t };", "new Dictionary<object, int>()[t] = 1;", types: Link),
        Chain("structs behind an interface", "x = new S { Next = x };", "return x.GetHashCode() == 7 ? 1 : 0;", "I x = null;",
            types: "interface I { } struct S : I { public I Next; }"),
        Chain("generic structs", "t = new S<object> { Next = t };", "return t.GetHashCode() == 7 ? 1 : 0;",
            types: "struct S<T> { public T Next; }"),
        Chain("structs in structs", "t = new O { In = new S { Next = t } };", "return t.GetHashCode() == 7 ? 1 : 0;",
            types: Link + "struct O { public S In; }"),
        Chain("tuples boxed by a generic method", "t = Box((t, 1));", "return t.GetHashCode();", members: "static object Box<T>(T x) => x;"),
        Chain("tuples boxed by a generic class", "t = new G<(object, int)> { V = (t, 1) }.Box();", "return t.GetHashCode();",
            types: "class G<T> { public T V; public object Box() => V; }"),
        Chain("tuples that may be absent", "(object, int)? n = (t, 1); t = n;", "return t.GetHashCode();"),
        Chain("tuples boxed by an enumerator", "foreach (object o in (IEnumerable)new List<(object, int)> { (t, 1) }) t = o;",
            "return t.GetHashCode();"),
        Chain("tuples boxed by a list", "t = ((IList)new List<(object, int)> { (t, 1) })[0];", "return t.GetHashCode();"),
        Chain("tuples boxed by a copy", "var a = new object[1]; Array.Copy(new (object, int)[] { (t, 1) }, a, 1); t = a[0];",
            "return t.GetHashCode();"),
        Chain("tuples boxed by a collection's copy", "var a = new object[1]; ((ICollection)new (object, int)[] { (t, 1) }).CopyTo(a, 0); t = a[0];",
            "return t.GetHashCode();"),
        Chain("tuples boxed by a delegate", "var a = new object[1]; copy(new (object, int)[] { (t, 1) }, a, 1); t = a[0];",
            "return t.GetHashCode();", "Action<Array, Array, int> copy = Array.Copy;"),
        Chain("enumerators of each other",
            "var e = ((IEnumerable<object>)new List<object> { t }).GetEnumerator(); e.MoveNext(); t = e;", "return t.Equals(t) ? 1 : 0;"),
        Chain("enumerators of enumerators",
            "var e = ((IEnumerable<IEnumerator>)new Queue<IEnumerator>(new[] { (IEnumerator)x })).GetEnumerator(); e.MoveNext(); x = e;",
            "return x.Equals(x) ? 1 : 0;", "IEnumerator x = null;"),
        Chain("enumerators of what has no type", "IEnumerable l = new Stack<object>(new[] { t }); var e = l.GetEnumerator(); e.MoveNext(); t = e;",
            "return t.Equals(t) ? 1 : 0;"),
        Chain("enumerators by a generic method", "var e = Of<object>(new List<object> { t }); e.MoveNext(); t = e;", "return t.Equals(t) ? 1 : 0;",
            members: "static IEnumerator<T> Of<T>(IEnumerable<T> l) => l.GetEnumerator();"),
        Chain("enumerators by a delegate", "Func<IEnumerator<object>> f = ((IEnumerable<object>)new List<object> { t }).GetEnumerator; var e = f(); "
            + "e.MoveNext(); t = e;", "return t.Equals(t) ? 1 : 0;"),
        Own.Code("enumerator that holds itself", Overflow, "answer", "var e = new E(); e.It = e; return e.Equals(e) ? 0 : 66;",
            types: "class E : IEnumerator<object> { public object It; public object Current => It; public bool MoveNext() => true; public void Reset() { } "
                + "public void Dispose() { } }").At(Wall.Runtime),
        Stale.Code("enumerator copied out of its box", "to enumerate behind a change", "InvalidOperationException/RL0019",
            "var l = new List<int> { 1, 2, 3 }; IEnumerator<int> b = ((IEnumerable<int>)l).GetEnumerator(); b.MoveNext(); var c = (List<int>.Enumerator)b; l.Clear(); "
            + "return c.MoveNext() ? 66 : 66;"),
        Stale.Code("enumerator of nothing", "to enumerate a list that is not there", "NullReferenceException",
            "List<int>.Enumerator e = default; return e.MoveNext() ? 66 : 66;"),
        Stale.Code("enumerator behind the end", "to read behind an array", "answer",
            "var l = new List<long> { 1, 2, 3 }; var e = l.GetEnumerator(); while (e.MoveNext()) { } e.MoveNext(); return e.Current == 0 ? 0 : 66;"),
        Stale.Code("enumerator of a dictionary that shrinks", "to read an entry that is gone", "InvalidOperationException",
            "var d = new Dictionary<long, object>(); for (int i = 0; i < 99; i++) d[i] = i.ToString(); foreach (var p in d) { d[100] = d; d.Clear(); }"),
        Stale.Code("chain of a million delegates", "to have the framework recur over a chain", "answer",
            "int n = 0; Action a = null, f = () => n++; for (int i = 0; i < 1000000; i++) a += f; Action b = a; a += b; a(); return n == 2000000 && a.Equals(b + b) "
            + "&& a.GetHashCode() != 7 ? 0 : 66;"),
        Stale.Code("chain of delegates that call the chain", "to have the framework recur over a chain", Guarded,
            "Action a = null; Action f = () => a(); for (int i = 0; i < 1000; i++) a += f; a();").At(Wall.Rewriter),
        Boxes.Code("delegates taken out of delegates", "to have the framework compare for ever", "RL0019",
            "Action a = null, b = null, f = () => { }; for (int i = 0; i < 100000; i++) a += f; for (int i = 0; i < 50000; i++) b += f; b += "
            + "() => { }; a -= b;"),
        Own.Code("structs that hash themselves", Overflow, Guarded, Many("t = new S { Next = t };", "return t.GetHashCode() == 7 ? 1 : 0;"),
            types: "struct S { public object Next; public override int GetHashCode() => Next.GetHashCode(); public override bool "
                + "Equals(object o) => false; }"),
        Own.Code("records that hash themselves", Overflow, Guarded, Many("t = new S(t);", "return t.GetHashCode() == 7 ? 1 : 0;"),
            types: "record struct S(object Next);"),
        Own.Code("records that print themselves", Overflow, Guarded, Many("t = new S(t);", "return t.ToString().Length;"),
            types: "record S(object Next);"),

        Boxes.Code("exceptions with inner ones", "to have a chain of exceptions walked", "RL0019/RL0001",
            "Exception e = null; for (int i = 0; i < 100000; i++) e = new InvalidOperationException(\"x\", e); throw e;"),
        Boxes.Code("exceptions that are many", "to have a chain of exceptions flattened", "RL0019/RL0001/RL0002",
            "Exception e = null; for (int i = 0; i < 100000; i++) e = new AggregateException(e); throw e;"),
        Thrown.Code("chain of its own", "to have a chain of exceptions walked", "E",
            "E e = null; for (int i = 0; i < 100000; i++) e = new E { Next = e }; throw e;",
            types: "class E : Exception { public E Next; public override string Message => Next?.Message + Next?.Message; public override "
                + "string ToString() => Next.ToString(); }"),
        Deep("filter, hundreds deep", "try { throw new InvalidOperationException(); } catch when (n > 0 && M(n - 1)) { } return true;"),
        Deep("catch, hundreds deep", "try { throw new InvalidOperationException(); } catch { if (n > 0) M(n - 1); } return true;"),
        Deep("finally, hundreds deep",
            "try { try { throw new InvalidOperationException(); } finally { if (n > 0) M(n - 1); } } catch { } return true;"),
        Deep("catch that throws, hundreds deep",
            "try { throw new InvalidOperationException(); } catch { if (n > 0) try { M(n - 1); throw new ArgumentException(); } catch "
            + "(ArgumentException) { } } return true;"),
        Deep("filter, finally and catch in turn, hundreds deep",
            "try { try { throw new InvalidOperationException(); } finally { if (n % 3 == 0 && n > 0) M(n - 1); } } catch when (n % 3 == 1 && "
            + "M(n - 1)) { } catch { if (n % 3 == 2) M(n - 1); } return true;"),
        Thrown.Code("one exception thrown again and again", "to have its trace grow without end", "answer/quota",
            "Exception e = new InvalidOperationException(); for (int i = 0; i < 3000; i++) try { Deeper(e, 20); } catch (Exception x) { e = x; }",
            "static void Deeper(Exception e, int n) { if (n == 0) throw e; try { Deeper(e, n - 1); } catch { throw; } }"),
        Thrown.Code("exception out of the filter of a static constructor", "to have a type half made",
            "TypeInitializationException", "return L.N;",
            types: "class L { public static readonly int N = F(); static bool G() => throw new ArgumentException(); static int F() { try { throw new "
                + "InvalidOperationException(); } catch when (G()) { return 1; } } }"),

        Compiled.Code("dead finally before a filter", "to crash the compiler of the runtime", "answer", "return Run(1, 2) - 1;", Shape(
            $"try {{ Work(); }} catch (FormatException) {DeadFinally} catch when (Asks()) {{ }}")),
        Compiled.Code("dead finally before two filters", "to crash the compiler of the runtime", "answer", "return Run(1, 2) - 1;", Shape(
            $"try {{ Work(); }} catch (FormatException) {DeadFinally} catch (ArgumentException) when (Asks()) {DeadFinally} catch when (Asks()) {{ }}")),
        Compiled.Code("dead finally in a nested handler", "to crash the compiler of the runtime", "answer", "return Run(1, 2) - 1;", Shape(
            $"try {{ try {{ Work(); }} catch (FormatException) {{ try {{ Work(); }} catch (FormatException) {DeadFinally} catch when (Asks()) {{ }} }} "
            + "finally { Work(); } } catch (ArgumentException) { foreach (int i in new List<int>()) { Work(); } } catch when (Asks()) { }")),
        Compiled.Assembly("switch of ten thousand targets", "to make the compiler slow", "answer/RL0017/RL0402", pen =>
        {
            Instruction end = pen.Il.Create(OpCodes.Nop);
            pen.Il.Emit(OpCodes.Ldc_I4_3);
            pen.Il.Emit(OpCodes.Switch, Enumerable.Repeat(end, 10_000).ToArray());
            pen.Il.Append(end);
            pen.Exit();
        }),
        Slow("chain of 990 subtractions", "answer", Chained(990)),
        Slow("chain of 7,900 subtractions", "answer", Chained(7_900)),
        Slow("chain of 120,000 subtractions", "RL0017", Chained(120_000)).At(Wall.Verifier),
        Slow("two thousand loops", "answer", Loops(1_900, isNested: false)),
        Slow("two thousand nested loops", "answer", Loops(1_900, isNested: true)),
        Slow("twenty thousand nested loops", "RL0017", Loops(20_000, isNested: true)).At(Wall.Verifier),
        Compiled.Code("methods that are to be inlined into each other", "to make the compiler slow", "answer",
            string.Concat(Enumerable.Repeat("n = I2(n, 1); ", 100)) + "return n == 7 ? 1 : 0;",
            "int n; " + Inlined(0, "") + Inlined(1, "I0") + Inlined(2, "I1")),
    ];

    private static string Inlined(int number, string next) => "[MethodImpl(MethodImplOptions.AggressiveInlining)] static int I" + number
        + "(int a, int b) { " + string.Concat(Enumerable.Repeat("a -= b; " + (next.Length > 0 ? $"a = {next}(a, b); " : ""), 100)) + "return a; } ";

    private static Attack Slow(string name, string by, Action<Pen> write) => Compiled.Assembly(name, "to make the compiler slow", by, write);

    private static Action<Pen> Chained(int count) => pen =>
    {
        VariableDefinition local = pen.Local(pen.Int);
        pen.Il.Emit(OpCodes.Ldloc, local);
        for (int i = 0; i < count; i++)
        {
            pen.Il.Emit(OpCodes.Ldloc, local);
            pen.Il.Emit(OpCodes.Sub);
        }

        pen.Leave();
    };

    private static Action<Pen> Loops(int count, bool isNested) => pen =>
    {
        VariableDefinition local = pen.Local(pen.Int);
        Instruction[] heads = [.. Enumerable.Range(0, count).Select(_ => pen.Il.Create(OpCodes.Ldloc, local))];
        foreach (Instruction head in isNested ? heads : [])
        {
            pen.Il.Append(head);
            pen.Il.Emit(OpCodes.Pop);
        }

        foreach (Instruction head in heads.Reverse())
        {
            pen.Il.Append(isNested ? pen.Il.Create(OpCodes.Nop) : head);
            if (!isNested)
            {
                pen.Il.Emit(OpCodes.Pop);
            }

            pen.Il.Emit(OpCodes.Ldloc, local);
            pen.Il.Emit(OpCodes.Brtrue, head);
        }

        pen.Exit();
    };

    private static string Shape(string body) =>
        $"static void Work() {{ }} static bool Asks() => true; static int Run(int n, int bound) {{ Func<int> unused = () => bound; {body} return n; }}";

    private static string Many(string link, string use, string before = "") =>
        $"object t = 1, u = 1; {before} for (int i = 0; i < 2000000; i++) {{ {link} }} {use}";

    private static Attack Chain(string name, string link, string use, string before = "", string members = "", string types = "") =>
        Boxes.Code(name, Overflow, "RL0019", Many(link, use, before), members, types);

    private static Attack Deep(string name, string body) => Thrown.Code(
        name, "to hold the stack while exceptions are handled", Guarded, "M(600);", "static bool M(int n) { " + body + " }").At(Wall.Rewriter);
}
