using Xunit;

namespace RedLeafSharp.Tests.Verification.Flow;

/// <summary>Moves and copies of exchange references, in C# that compiles.</summary>
public sealed class OwnershipTests
{
    private const string Frame = """
        public delegate PageBuffer Pass(PageBuffer pages);
        public struct Slot { public Cell<PageBuffer> Pages; public int Number; }
        public sealed class T
        {
            private Cell<PageBuffer> cell;
            private Cell<PageBuffer>[] cells = new Cell<PageBuffer>[4];
            private Slot[] slots = new Slot[4];
            static void Sink(PageBuffer pages) { }
            static void Box(object value) { }
            %BODY%
        }
        """;

    [Theory]
    [InlineData("void M(CallContext c, PageBuffer p) { Sink(p); PageBuffer.Free(c, ref p); }", "RL0101")]
    [InlineData("void M(CallContext c, PageBuffer p) { Sink(p); Sink(p); }", "RL0101")]
    [InlineData("void M(CallContext c, PageBuffer p) { Sink(p); p.GetLength(c); }", "RL0101")]
    [InlineData("void M(CallContext c, PageBuffer p, bool b) { if (b) Sink(p); p.GetLength(c); }", "RL0103")]
    [InlineData("void M(CallContext c, PageBuffer p, int n) { for (int i = 0; i < n; i++) Sink(p); }", "RL0103")]
    [InlineData("void M(CallContext c, PageBuffer p) { "
        + "try { Sink(p); } catch (InvalidOperationException) { p.GetLength(c); } }", "RL0103")]
    [InlineData("void M(CallContext c, Reply<PageBuffer, Errno> r) { Sink(r.Value); Sink(r.Value); }", "RL0101")]
    [InlineData("PageBuffer kept; void M(PageBuffer p) { kept = p; }", "RL0108")]
    [InlineData("void M(PageBuffer p) { var a = new PageBuffer[1]; a[0] = p; }", "RL0108")]
    [InlineData("void M(PageBuffer p) { Box(p); }", "RL0108")]
    [InlineData("Func<int> M(PageBuffer p) => () => p.IsNull ? 1 : 0;", "RL0108")]
    [InlineData("void M(PageBuffer p) { var t = (p, 1); Box(t.Item2); }", "RL0109")]
    [InlineData("void M(ref PageBuffer p) { PageBuffer q = p; Sink(q); }", "RL0109")]
    [InlineData("void M(in PageBuffer p) { Sink(p); }", "RL0109")]
    [InlineData("void M() { Sink(cell.Content); }", "RL0109")]
    [InlineData("void M() { Cell<PageBuffer> copy = cell; Sink(copy.Take()); }", "RL0109")]
    [InlineData("void M() { Slot copy = slots[0]; Sink(copy.Pages.Take()); }", "RL0109")]
    [InlineData("void M() { cells.AsSpan(); }", "RL0109")]
    [InlineData("object M() => cells.Clone();", "RL0401")]
    [InlineData("object M() => cells;", "RL0401")]
    [InlineData("object M() => MemberwiseClone();", "RL0109")]
    [InlineData("static T1 Id<T1>(T1 x) => x; void M(PageBuffer p) { Sink(Id(p)); }", "RL0109")]
    public void Source_ThatMisusesAReference_IsRefused(string body, string rule)
    {
        string findings = FlowImage.JudgeSource(Frame.Replace("%BODY%", body, StringComparison.Ordinal));

        Assert.Contains(rule, findings, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("void M(CallContext c, PageBuffer p) { p.Borrow(c).ToString(); Sink(p); p = PageBuffer.Allocate(c); Sink(p); }")]
    [InlineData("PageBuffer M(CallContext c, PageBuffer p, bool b) { if (b) { Sink(p); return default; } return p; }")]
    [InlineData("void M(CallContext c) { PageBuffer p = PageBuffer.Allocate(c); cell.Put(ref p); Sink(cell.Take()); }")]
    [InlineData("void M(CallContext c) { if (PageBuffer.TryAllocate(c, 1, out PageBuffer p)) { cells[2].Put(ref p); } }")]
    [InlineData("void M(CallContext c) { slots[1].Number = 3; Sink(slots[1].Pages.Take()); slots[1] = default; }")]
    [InlineData("void M(CallContext c, Reply<PageBuffer, Errno> r) { if (r.IsOk) { Sink(r.Value); } Box(r.Error); }")]
    [InlineData("void M(CallContext c, Pass pass, PageBuffer p) { p = pass(p); PageBuffer.Free(c, ref p); }")]
    [InlineData("void M(CallContext c, int n) { for (int i = 0; i < n; i++) { var p = PageBuffer.Allocate(c); Sink(p); } }")]
    [InlineData("void M(CallContext c, PageBuffer p) { try { p.GetLength(c); } finally { PageBuffer.Free(c, ref p); } }")]
    public void Source_ThatKeepsTheRules_HasNoFinding(string body)
    {
        Assert.Empty(FlowImage.JudgeSource(Frame.Replace("%BODY%", body, StringComparison.Ordinal)));
    }
}
