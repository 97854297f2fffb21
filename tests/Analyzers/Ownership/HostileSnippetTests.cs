using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

/// <summary>Moves and borrows hidden in what C# offers for it: what the analyzer sees of them, and what it leaves to the verifier.</summary>
public sealed class HostileSnippetTests
{
    public static TheoryData<string> Reported =>
    [
        "var (a, b) = (New(context), New(context)); Eat(a); Eat(b); Eat({|RL0101:a|});",
        "RRef<Header> a, b; (a, b) = (New(context), New(context)); Eat(a); Eat(b); Eat({|RL0101:a|});",
        "var r = New(context); Eat(count switch { 0 => r, _ => New(context) }); Eat({|RL0103:r|});",
        "var r = New(context); ref var a = ref {|RL0109:r|}; Eat(r);",
        "ISink? x = sink; var r = New(context); x?.Put(context, r); Eat({|RL0103:r|});",
        "var r = New(context); try { Eat(r); } catch (Exception) when ({|RL0103:r|}.IsNull) { }",
        "var r = New(context); if (flag) goto done; Eat(r); done: Eat({|RL0103:r|});",
        "var r = New(context); RRef<Header> q; Eat(q = r); Eat({|RL0101:q|});",
        "var r = New(context); bool b = sink.Put(context, r).IsOk && {|RL0101:r|}.IsNull; _ = b;",
        "if (sink.Take(context) is {|RL0109:{ IsOk: true, Value: var v }|}) { Eat(v); }",
        "var r = New(context); Eat(flag ? r : throw new InvalidOperationException()); Eat({|RL0101:r|});",
        "Span<Cell<PageBuffer>> s = cells; s[0] = {|RL0109:s[1]|};",
        "var p = Pages(context); var e = p.Borrow(context).GetEnumerator(); EatPages(p); {|RL0106:e|}.MoveNext();",
        "var r = New(context); Span<Header> s = new(ref r.BorrowMutable(context)); Eat(r); {|RL0106:s|}[0].Length = 1;",
        "var p = Pages(context); var t = new View(p.BorrowMutable(context)) { }; var u = t; EatPages(p); _ = {|RL0106:u|}.Length;",
        "RRef<Header> r; for (r = New(context); flag; Eat({|RL0105:r|})) { }",
        "var r = New(context); for (;; ) { if (flag) { Eat({|RL0105:r|}); } else { break; } } Eat({|RL0103:r|});",
        "var r = New(context); { var q = r; Eat(q); } Eat({|RL0101:r|});",
        "var r = New(context); void F() => Work(); F(); Eat(r); F(); Eat({|RL0101:r|});",
    ];

    /// <summary>Each is refused by the verifier in the end (docs/verifier-flow.md).</summary>
    public static TheoryData<string> Missed =>
    [
        "foreach (var c in cells) { _ = c.IsEmpty; }",
        "var a = New(context); var b = New(context); ref Header h = ref (flag ? ref a.BorrowMutable(context) : ref b.BorrowMutable(context)); "
            + "Eat(a); h.Length = 1; Eat(b);",
        "var p = Pages(context); if (p.Borrow(context) is [1, .. var rest]) { EatPages(p); See(rest); } else { EatPages(p); }",
        "var r = New(context); RRef<Header>.Free(context, ref Pick(ref r)); Eat(r); ref RRef<Header> Pick(ref RRef<Header> a) => ref a;",
    ];

    [Theory]
    [MemberData(nameof(Reported))]
    public void Move_HiddenInTheLanguage_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(Missed))]
    public void Move_HiddenTooWell_KnownFalseNegative(string body) => OwnershipSnippet.ExpectBody(body);

    /// <summary>The graph of the compiler has a path for "no arm matches", also where the last one always does.</summary>
    public static TheoryData<string> MovedInEachArm =>
    [
        "var r = New(context); var q = count switch { 0 => r, 1 => r, _ => r }; Eat(q);",
        "var r = New(context); var q = flag switch { true => r, false => r }; Eat(q);",
        "var r = New(context); var q = count switch { 0 => r, > 3 and var n when n % 2 == 0 => r, _ => r }; Eat(q);",
        "var r = New(context); Eat(count switch { 0 => r, var n => Same(r, n) }); RRef<Header> Same(RRef<Header> x, int n) => x;",
        "var r = New(context); try { var q = flag switch { true => r, false => r }; Eat(q); } finally { Work(); }",
        "var p = Pages(context); if (p.Borrow(context) is var s) { EatPages(p); }",
    ];

    public static TheoryData<string> NotMovedInEachArm =>
    [
        "var {|RL0104:r|} = New(context); var q = count switch { 0 => r, 1 => New(context), _ => r }; Eat(q);",
        "var {|RL0104:r|} = New(context); var q = count switch { 0 => r, _ when flag => New(context), _ => r }; Eat(q);",
        "var {|RL0104:r|} = New(context); var q = count switch { 0 => r, _ => throw new InvalidOperationException() }; Eat(q);",
        "var {|RL0104:r|} = New(context); var q = flag switch { true => r, false => New(context) }; Eat(q);",
        "var r = New(context); var q = flag switch { true => r, false => r }; Eat(q); Eat({|RL0101:r|});",
        "var {|RL0104:p|} = Pages(context); if (p.Borrow(context) is var s && flag) { EatPages(p); }",
        "var {|RL0104:p|} = Pages(context); if (p.Borrow(context) is var s) { See(s); } else { EatPages(p); }",
        "var {|RL0104:p|} = Pages(context); if (p.Borrow(context) is { Length: > 3 } s) { EatPages(p); }",
    ];

    [Theory]
    [MemberData(nameof(MovedInEachArm))]
    public void Move_InEachArmOfAPattern_IsNoLeak(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(NotMovedInEachArm))]
    public void Move_NotInEachArmOfAPattern_IsReported(string body) => OwnershipSnippet.ExpectBody(body);
}
