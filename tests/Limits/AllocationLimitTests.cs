using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Executors;
using RedLeafSharp.Tests.Safepoints;
using Xunit;

namespace RedLeafSharp.Tests.Limits;

/// <summary>Managed memory, as a rewritten domain allocates it. Alone: what the process allocates is measured.</summary>
[Collection(StackTests.Alone)]
public sealed class AllocationLimitTests : IDisposable
{
    private const string Source = """
        using System;
        using System.Collections.Generic;

        public static class Garbage { public static void Run() { while (true) { GC.KeepAlive(new byte[1000]); } } }
        public static class Hoard { public static void Run() { var list = new List<object>(); while (true) { list.Add(new object()); } } }
        public static class Swallow { public static void Run() { while (true) { try { Work(); } catch (Exception) { } } }
            static void Work() { for (int i = 0; i < 1000; i++) { GC.KeepAlive(new byte[1000]); } } }
        public static class LargeArrays { public static void Run() { while (true) { GC.KeepAlive(new byte[1 << 20]); } } }
        public static class OneArray { public static void Run() { GC.KeepAlive(new byte[64 << 20]); } }
        public static class Modest { public static void Run() { for (int i = 0; i < 3000; i++) { GC.KeepAlive(new byte[1000]); } } }
        public static class Idle { public static void Run() { long end = Environment.TickCount64 + 60; while (Environment.TickCount64 < end) { } } }
        """;

    private static readonly RewrittenImage Image = StoppableCode.Rewrite(Source);

    private readonly TestSystem system = new();
    private readonly List<string> exceeded = [];

    public AllocationLimitTests() => system.Group.LimitExceeded = (gate, cause) =>
    {
        lock (exceeded)
        {
            exceeded.Add(cause);
        }

        system.Group.Kill(gate);
    };

    public void Dispose() => system.Dispose();

    [Theory]
    [InlineData("Garbage")]
    [InlineData("Hoard")]
    [InlineData("Swallow")]
    [InlineData("LargeArrays")]
    public void Code_ThatAllocatesWithoutEnd_IsKilledForIt(string attack)
    {
        Assert.Equal(Fault.CalleeKilled, Run(attack));

        Assert.Contains("1 MiB a second and 8 MiB saved up", Assert.Single(exceeded), StringComparison.Ordinal);
    }

    [Fact]
    public void Array_LargerThanWhatIsLeft_IsNotMade()
    {
        long before = GC.GetTotalAllocatedBytes();

        Assert.Equal(Fault.CalleeKilled, Run("OneArray"));

        Assert.StartsWith("it wants an array of 67108864 bytes and may allocate 8388608 now", Assert.Single(exceeded), StringComparison.Ordinal);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 64 << 20);
    }

    [Theory]
    [InlineData("Modest")]
    [InlineData("Idle")]
    public void Code_ThatKeepsToTheLimit_IsLeftAlone(string work)
    {
        Assert.Equal(Fault.None, Run(work));

        Assert.Empty(exceeded);
    }

    [Fact]
    public void Code_WithoutALimit_MayMakeWhatItLikes() => Assert.Equal(Fault.None, Run("OneArray", isLimited: false));

    private Fault Run(string name, bool isLimited = true)
    {
        StoppableCode code = StoppableCode.Load(system, Image);
        if (isLimited)
        {
            var limits = new DomainLimits { AllocatedBytesPerSecond = 1 << 20, AllocatedBurstBytes = 8 << 20 };
            system.Group.Limit(code.Gate, new ResourceAccount(limits, system.Group.UptimeMicros));
        }

        return code.Attack(system, name, isKilled: false);
    }
}
