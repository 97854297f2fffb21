using Xunit;

namespace RedLeafSharp.Tests.Verification.Flow;

/// <summary>How long a borrow may be used, in C# that compiles.</summary>
public sealed class BorrowTests
{
    private const string Frame = """
        public abstract class Base { public abstract void Work(CallContext c); }
        public ref struct Guard { public Span<byte> Bytes; }
        public sealed class Due(T t) : ITimedWork
        {
            public Reply<long, DomainError> DoDue(CallContext c, KernelEvent e) { t.Empty(c); return 0L; }
        }
        public sealed class Order(T t) : System.Collections.Generic.IComparer<CallContext>
        {
            public int Compare(CallContext one, CallContext other) { t.Empty(one); return 0; }
        }
        %ATTRIBUTE% public sealed class T : Base
        {
            private Cell<PageBuffer> cell;
            private Cell<PageBuffer> other;
            private Cell<PageBuffer>[] cells = new Cell<PageBuffer>[4];
            private KernelEvent done;
            private Action work;
            static void Sink(PageBuffer pages) { }
            internal void Empty(CallContext c) { PageBuffer p = cell.Take(); PageBuffer.Free(c, ref p); }
            void EmptyElement(CallContext c) { PageBuffer p = cells[0].Take(); PageBuffer.Free(c, ref p); }
            static void EmptyAny(CallContext c, ref Cell<PageBuffer> any) { var p = any.Take(); PageBuffer.Free(c, ref p); }
            void Drop() { Sink(cell.Take()); }
            public override void Work(CallContext c) => Empty(c);
            Span<byte> Bytes(CallContext c) => cell.Content.BorrowMutable(c);
            void Get(CallContext c, out Span<byte> s) { Empty(c); s = cell.Content.BorrowMutable(c); }
            static void Use(CallContext c, T t, Span<byte> s) { t.Empty(c); s[0] = 1; }
            %BODY%
        }
        """;

    [Theory]
    [InlineData("void M(CallContext c, PageBuffer p) { var s = p.BorrowMutable(c); Sink(p); s[0] = 1; }")]
    [InlineData("void M(CallContext c, PageBuffer p) { var s = p.BorrowMutable(c); PageBuffer.Free(c, ref p); s[0] = 1; }")]
    [InlineData("void M(CallContext c, RRef<long> p) { ref long s = ref p.BorrowMutable(c); RRef<long>.Free(c, ref p); s = 1; }")]
    [InlineData("void M(CallContext c, PageBuffer p) { var s = p.BorrowMutable(c).Slice(8); Sink(p); s[0] = 1; }")]
    [InlineData("void M(CallContext c, PageBuffer p) "
        + "{ scoped Guard g = default; g.Bytes = p.BorrowMutable(c); Sink(p); g.Bytes[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = cell.Content.BorrowMutable(c); Empty(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = Bytes(c); Empty(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { Get(c, out Span<byte> s); Empty(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = cells[1].Content.BorrowMutable(c); EmptyElement(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = other.Content.BorrowMutable(c); EmptyAny(c, ref cell); s[0] = 1; }")]
    [InlineData("void M(CallContext c, Base b) { var s = Bytes(c); b.Work(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c, ITimedWork due) { var s = Bytes(c); due.DoDue(c, done); s[0] = 1; }")]
    [InlineData("void M(CallContext c, System.Collections.Generic.IComparer<CallContext> order) { var s = Bytes(c); order.Compare(c, c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = Bytes(c); string.Create(1, c, (_, inner) => Empty(inner)); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { work = Drop; var s = Bytes(c); work(); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { Use(c, this, Bytes(c)); }")]
    [InlineData("void M(CallContext c, PageBuffer p) { var s = p.BorrowMutable(c); "
        + "try { s[1] = 1; } finally { Sink(p); } s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = Bytes(c); try { Empty(c); } catch (InvalidOperationException) { } s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = Bytes(c); try { done.Signal(); } finally { s[0] = 1; } }")]
    [InlineData("void M(CallContext c, ref PageBuffer p) { var s = p.BorrowMutable(c); PageBuffer.Free(c, ref p); s[0] = 1; }")]
    [InlineData("static bool No(T t, CallContext c) { t.Empty(c); return true; } void M(CallContext c) { var s = Bytes(c); "
        + "try { } catch (Exception) when (No(this, c)) { s[0] = 1; } s[0] = 1; Work(c); s[0] = 1; }")]
    public void Borrow_UsedAfterItsOrigin_IsRefused(string body)
    {
        Assert.Contains("RL0106", Judge(body, string.Empty), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("void M(CallContext c) { var s = Bytes(c); done.Wait(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c, IBlockDevice device) { var s = Bytes(c); device.GetGeometry(c); s[0] = 1; }")]
    public void Borrow_KeptOverAWaitOfAReentrantDomain_IsRefused(string body)
    {
        Assert.Contains("RL0107", Judge(body, "[Reentrant]"), StringComparison.Ordinal);
        Assert.Empty(Judge(body, string.Empty));
    }

    [Theory]
    [InlineData("void M(CallContext c) { var s = Bytes(c); s[0] = 1; Empty(c); s = Bytes(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = other.Content.BorrowMutable(c); Empty(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { for (int i = 0; i < 3; i++) { Get(c, out Span<byte> s); s[0] = 1; } }")]
    [InlineData("void M(CallContext c, Span<byte> s) { Empty(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c) { var s = Bytes(c); s[0] = 1; s = default; Work(c); }")]
    [InlineData("void M(CallContext c, IBlockDevice device) { var s = Bytes(c); device.GetGeometry(c); s[0] = 1; }")]
    [InlineData("void M(CallContext c, PageBuffer p) { foreach (byte b in p.Borrow(c)) { done.Signal(); } Sink(p); }")]
    public void Borrow_UsedInTime_HasNoFinding(string body)
    {
        Assert.Empty(Judge(body, string.Empty));
    }

    private static string Judge(string body, string attribute) => FlowImage.JudgeSource(Frame
        .Replace("%BODY%", body, StringComparison.Ordinal).Replace("%ATTRIBUTE%", attribute, StringComparison.Ordinal));
}
