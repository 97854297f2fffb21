using RedLeafSharp.Analyzers.Ownership;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

/// <summary>An analyzer runs while code is written, so most of what it sees does not compile.</summary>
public sealed class BrokenCodeTests
{
    private const string Sample =
        """
        [Reentrant]
        public sealed class Subject(KernelEvent signal) : Base
        {
            private Cell<PageBuffer> own;
            private RRef<Header> kept;
            public Reply<RRef<Header>, SinkError> Take(CallContext context, ISink sink, bool flag, RRef<Header> r)
            {
                var reply = sink.Take(context);
                if (reply is { IsOk: false } || reply.Error != SinkError.None) { return reply.Error; }
                foreach (var p in new[] { Pages(context), default }) { EatPages(p); }
                try { Span<byte> s = own.Content.BorrowMutable(context)[1..]; signal.Wait(context); s[0] = 1; Eat(r); }
                catch (Exception e) when (e.Message is { Length: > 3 }) { RRef<Header>.Free(context, ref r); throw; }
                finally { if (flag && !r.IsNull) { while (true) { Work(); break; } } }
                (var a, var b) = (New(context), New(context)); (a, b) = (b, a);
                Func<RRef<Header>, int> f = x => { Eat(x); return flag ? 1 : Local(ref a); };
                int Local(ref RRef<Header> x) { ref var y = ref x; Eat(y); return y.Borrow(context).Length; }
                return TryMake(out var q) ? q : flag switch { true => a, _ => reply.Value };
            }
            public async IAsyncEnumerable<int> Each(PageBuffer p) { await Task.Yield(); yield return p is var q ? 1 : 2; }
        }
        """;

    [Fact]
    public void Analyzer_OnEveryPrefixOfASource_DoesNotThrow()
    {
        for (int length = 0; length <= Sample.Length; length += 17)
        {
            ExpectNoException(OwnershipSnippet.Prelude + Sample[..length]);
        }
    }

    [Fact]
    public void Analyzer_OnSourcesWithAPieceMissing_DoesNotThrow()
    {
        for (int start = 0; start < Sample.Length; start += 23)
        {
            ExpectNoException(OwnershipSnippet.Prelude + Sample.Remove(start, Math.Min(9, Sample.Length - start)));
        }
    }

    [Fact]
    public void Analyzer_WithoutTheKernel_IsSilent() =>
        Assert.Empty(AnalyzerHarness.Analyze(new OwnershipAnalyzer(),
            "public struct RRef<T> { } public class C { RRef<int> field; }"));

    private static void ExpectNoException(string source) =>
        Assert.DoesNotContain(AnalyzerHarness.Analyze(new OwnershipAnalyzer(), source), d =>
            !d.Id.StartsWith("RL", StringComparison.Ordinal));
}
