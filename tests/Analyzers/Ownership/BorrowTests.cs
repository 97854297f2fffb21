using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

/// <summary>RL0106 and RL0107: a borrow ends with what it comes from.</summary>
public sealed class BorrowTests
{
    public static TheoryData<string> Ended =>
    [
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); ring.Put(ref p); {|RL0106:s|}[0] = 1;",
        "var p = Pages(context); var s = p.Borrow(context); EatPages(p); See({|RL0106:s|});",
        "var p = Pages(context); var s = p.Borrow(context)[4..]; PageBuffer.Free(context, ref p); See({|RL0106:s|});",
        "var p = Pages(context); var s = p.BorrowAs<int>(context).Slice(1); PageBuffer.Free(context, ref p); _ = "
            + "{|RL0106:s|}.Length;",
        "var r = New(context); ref Header h = ref r.BorrowMutable(context); Eat(r); {|RL0106:h|}.Length = 1;",
        "var r = New(context); ref readonly Header h = ref r.Borrow(context); RRef<Header>.Free(context, ref r); _ = "
            + "{|RL0106:h|}.Length;",
        "var r = New(context); ref int l = ref r.BorrowMutable(context).Length; Eat(r); {|RL0106:l|} = 2;",
        "var p = Pages(context); ref byte b = ref p.BorrowMutable(context)[3]; EatPages(p); {|RL0106:b|}++;",
        "var p = Pages(context); var v = new View(p.BorrowMutable(context)); EatPages(p); _ = {|RL0106:v|}.Length;",
        "var p = Pages(context); scoped View v = default; v.Bytes = p.BorrowMutable(context); EatPages(p); _ = "
            + "{|RL0106:v|}.Length;",
        "var p = Pages(context); var v = new View { Bytes = p.BorrowMutable(context) }; EatPages(p); See({|RL0106:v|}.Bytes);",
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); Span<byte> t = s; EatPages(p); {|RL0106:t|}[0] = 1;",
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); if (flag) { EatPages(p); p = Pages(context); } "
            + "{|RL0106:s|}[0] = 1; EatPages(p);",
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); PageBuffer.Free(context, ref p); p = "
            + "Pages(context); {|RL0106:s|}[0] = 1; EatPages(p);",
        "var p = Pages(context); scoped Span<byte> s = default; s = flag ? p.BorrowMutable(context) : s; EatPages(p); "
            + "{|RL0106:s|}[0] = 1;",
        "var r = New(context); ref Header h = ref r.BorrowMutable(context); Change(ref r); {|RL0106:h|}.Length = 1; Eat(r);",
        "var p = Pages(context); ReadOnlySpan<byte> s = p.BorrowMutable(context); EatPages(p); foreach (byte b in "
            + "{|RL0106:s|}) { Work(); }",
        "Span<byte> s = ring.Content.BorrowMutable(context); var p = ring.Take(); {|RL0106:s|}[0] = 1; ring.Put(ref p);",
        "Span<byte> s = cells[1].Content.BorrowMutable(context); var p = cells[1].Take(); {|RL0106:s|}[0] = 1; ring.Put(ref p);",
        "Span<byte> s = cells[count].Content.BorrowMutable(context); var p = cells[1].Take(); {|RL0106:s|}[0] = 1; "
            + "ring.Put(ref p);",
        "ref readonly PageBuffer b = ref ring.Content; var p = ring.Take(); _ = {|RL0106:b|}.GetLength(context); ring.Put(ref "
            + "p);",
        "Cell<PageBuffer> cell = default; var p = Pages(context); cell.Put(ref p); Span<byte> s = "
            + "cell.Content.BorrowMutable(context); p = cell.Take(); {|RL0106:s|}[0] = 1; EatPages(p);",
        "Span<byte> s = ring.Content.BorrowMutable(context); ring = default; {|RL0106:s|}[0] = 1;",
        "Span<byte> s = ring.Content.BorrowMutable(flag ? context : context); var p = ring.Take(); {|RL0106:s|}[0] = 1; "
            + "ring.Put(ref p);",
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); var q = p; {|RL0106:s|}[0] = 1; EatPages(q);",
        "var p = Pages(context); scoped Span<byte> s = default; for (int i = 0; i < 2; i++) { {|RL0106:s|} .Clear(); s = "
            + "p.BorrowMutable(context); PageBuffer.Free(context, ref p); p = Pages(context); } EatPages(p);",
        "var reply = sink.Take(context); if (!reply.IsOk) { return; } var v = reply.Value; ref readonly Header h = ref "
            + "v.Borrow(context); Eat(v); _ = {|RL0106:h|}.Length;",
    ];

    public static TheoryData<string> Alive =>
    [
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); s[0] = 1; EatPages(p);",
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); EatPages(p); p = Pages(context); s = "
            + "p.BorrowMutable(context); s[0] = 1; EatPages(p);",
        "var a = Pages(context); var b = Pages(context); Span<byte> s = a.BorrowMutable(context); EatPages(b); s[0] = 1; "
            + "EatPages(a);",
        "Span<byte> s = ring.Content.BorrowMutable(context); var p = spare.Take(); s[0] = 1; spare.Put(ref p);",
        "Span<byte> s = cells[1].Content.BorrowMutable(context); var p = cells[2].Take(); s[0] = 1; cells[2].Put(ref p);",
        "Span<byte> s = ring.Content.BorrowMutable(context); Work(); s[0] = 1;",
        "var r = New(context); ref Header h = ref r.BorrowMutable(context); h.Length = 1; int length = h.Length; Eat(r); _ = "
            + "length;",
        "var r = New(context); var q = New(context); ref Header h = ref r.BorrowMutable(context); h.Length = 1; Eat(r); h = "
            + "ref q.BorrowMutable(context); h.Length = 2; Eat(q);",
        "var p = Pages(context); See(p.Borrow(context)); See(p.Borrow(context)[1..]); EatPages(p);",
        "ref readonly PageBuffer p = ref ring.Content; See(p.Borrow(context));",
        "var p = Pages(context); int length = p.Borrow(context).Length; EatPages(p); _ = length;",
        "var p = Pages(context); foreach (byte b in p.Borrow(context)) { Work(); } EatPages(p);",
        "var p = Pages(context); p.Borrow(context).CopyTo(ring.Content.BorrowMutable(context)); EatPages(p);",
        "var p = Pages(context); Span<byte> s = p.BorrowMutable(context); Span<byte> t = new byte[4]; s[..4].CopyTo(t); "
            + "EatPages(p); t[0] = 1;",
        "while (flag) { var p = Pages(context); Span<byte> s = p.BorrowMutable(context); s[0] = 1; EatPages(p); }",
    ];

    public static TheoryData<string> AcrossCalls =>
    [
        "void Drop(CallContext context) { var p = ring.Take(); PageBuffer.Free(context, ref p); } void M(CallContext context) "
            + "{ var s = ring.Content.BorrowMutable(context); Drop(context); {|RL0106:s|}[0] = 1; }",
        "void Outer(CallContext context) => this.Drop(context); void Drop(CallContext context) { var p = ring.Take(); "
            + "PageBuffer.Free(context, ref p); } void M(CallContext context) { var s = ring.Content.BorrowMutable(context); "
            + "Outer(context); {|RL0106:s|}[0] = 1; }",
        "void Drop(CallContext context) { var p = ring.Take(); PageBuffer.Free(context, ref p); } Span<byte> Show(CallContext "
            + "context) => ring.Content.BorrowMutable(context); void M(CallContext context) { var s = Show(context); "
            + "Drop(context); {|RL0106:s|}[0] = 1; }",
        "void Drop(CallContext context) { var p = cells[0].Take(); PageBuffer.Free(context, ref p); } void M(CallContext "
            + "context) { var s = cells[1].Content.BorrowMutable(context); Drop(context); {|RL0106:s|}[0] = 1; }",
        "void Even(CallContext context, int n) { if (n > 0) Odd(context, n - 1); } void Odd(CallContext context, int n) { if "
            + "(n > 0) Even(context, n - 1); } void M(CallContext context) { var s = ring.Content.BorrowMutable(context); "
            + "Even(context, 3); s[0] = 1; }",
        "void Drop(CallContext context) { var p = spare.Take(); PageBuffer.Free(context, ref p); } void M(CallContext "
            + "context) { var s = ring.Content.BorrowMutable(context); Drop(context); s[0] = 1; }",
        "void Swap(ref Cell<PageBuffer> cell) { var p = cell.Take(); EatPages(p); } void M(CallContext context) { var s = "
            + "ring.Content.BorrowMutable(context); Swap(ref ring); {|RL0106:s|}[0] = 1; }",
    ];

    [Theory]
    [MemberData(nameof(Ended))]
    public void Borrow_UsedAfterItsEnd_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(Alive))]
    public void Borrow_UsedBeforeItsEnd_IsSilent(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(AcrossCalls))]
    public void Borrow_OfACell_EndsWithACallThatMayEmptyIt(string members) => OwnershipSnippet.ExpectMembers(
        members.Replace("ring", "own", StringComparison.Ordinal).Replace("spare", "other", StringComparison.Ordinal)
            .Replace("cells", "table", StringComparison.Ordinal)
        + " private Cell<PageBuffer> own; private Cell<PageBuffer> other;"
        + " private readonly Cell<PageBuffer>[] table = new Cell<PageBuffer>[4];");

    [Fact]
    public void Borrow_OfAnotherObjectsCell_EndsWithThatObjectsCall() => OwnershipSnippet.ExpectSource(
        """
        public sealed class Queue
        {
            private Cell<PageBuffer> memory;
            public Span<byte> Borrow(CallContext context) => memory.Content.BorrowMutable(context);
            public void Close(CallContext context) { var p = memory.Take(); PageBuffer.Free(context, ref p); }
            public void Reset(CallContext context) => Borrow(context).Clear();
        }
        public sealed class Driver(Queue queue)
        {
            public void Bad(CallContext context) { var s = queue.Borrow(context); queue.Close(context); {|RL0106:s|}[0] = 1; }
            public void Good(CallContext context) { var s = queue.Borrow(context); queue.Reset(context); s[0] = 1; }
        }
        """);

    [Fact]
    public void Borrow_AliveAcrossAwait_IsReported() => OwnershipSnippet.ExpectMembers(
        """
        public static CallContext Again() => default;
        public async Task M(PageBuffer p, Header[] other)
        {
            Span<byte> s = p.BorrowMutable(Again());
            s[0] = 1;
            ref byte b = ref p.BorrowMutable(Again())[0];
            b = 1;
            await Task.Yield();
            {|RL0107:b|} = 2;
            EatPages(p);
        }
        """);

    [Theory]
    [InlineData("[Reentrant] ", "{|RL0107:s|}")]
    [InlineData("", "s")]
    public void Borrow_OfACellAcrossAWait_IsReportedWhereOthersMayEnter(string attribute, string use) =>
        OwnershipSnippet.ExpectSource(
        $$"""
        {{attribute}}public sealed class Entry
        {
            private Cell<PageBuffer> buffer;
            public void Wait(CallContext context, KernelEvent signal)
            {
                Span<byte> s = buffer.Content.BorrowMutable(context);
                signal.Wait(context);
                {{use}}[0] = 1;
            }
            public void Call(CallContext context, ISink sink)
            {
                Span<byte> s = buffer.Content.BorrowMutable(context);
                if (!Ask(context, sink)) { return; }
                {{use}}[0] = 1;
            }
            private static bool Ask(CallContext context, ISink sink) => Deeper(context, sink);
            private static bool Deeper(CallContext context, ISink sink) => sink.Put(context, default).IsOk;
            public void Stop(CallContext context) { var p = buffer.Take(); PageBuffer.Free(context, ref p); }
        }
        """);

    [Fact]
    public void Borrow_OfACellThatNobodyEmpties_SurvivesAWait() => OwnershipSnippet.ExpectSource(
        """
        [Reentrant] public sealed class Entry
        {
            private Cell<PageBuffer> buffer;
            public void Wait(CallContext context, KernelEvent signal)
            {
                Span<byte> s = buffer.Content.BorrowMutable(context);
                signal.Wait(context);
                s[0] = 1;
            }
        }
        """);

    [Fact]
    public void Borrow_EndedBehindAnInterfaceCall_KnownFalseNegative() => OwnershipSnippet.ExpectSource(
        """
        public interface ICloser { void Close(CallContext context); }
        public sealed class Queue : ICloser
        {
            private Cell<PageBuffer> memory;
            public void Close(CallContext context) { var p = memory.Take(); PageBuffer.Free(context, ref p); }
            public void M(CallContext context, ICloser closer)
            {
                var s = memory.Content.BorrowMutable(context);
                closer.Close(context);
                s[0] = 1;
            }
        }
        """);
}
