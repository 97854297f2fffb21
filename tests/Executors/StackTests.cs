using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Scheduling;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

[Collection(Alone)]
public sealed class StackTests : IDisposable
{
    // Looks at the mappings of the whole process, which other tests change.
    internal const string Alone = "alone in the process";

    private readonly TestSystem system = new();

    [Fact]
    public void Start_Stack_IsAlignedAndDeep()
    {
        int atStart = 0, deeper = 0;
        system.Run(_ =>
        {
            atStart = AlignedStack.RemainingBytes;
            deeper = Descend(1000);
        });
        Assert.InRange(atStart, AlignedStack.SizeBytes - (256 << 10), AlignedStack.SizeBytes);
        Assert.InRange(atStart - deeper, 1000 * 16, 1 << 20);
    }

    [Fact]
    public void Start_ThousandThreadsThatExit_LeaveNothingMapped()
    {
        system.Run(_ => { });
        long before = StacksMapped();
        int ran = 0;
        KernelThread[] threads = [.. Enumerable.Range(0, 1000).Select(_ => system.Start(_ => ran++))];
        Array.ForEach(threads, TestSystem.Finish);
        Assert.Equal(1000, ran);
        Assert.Equal(system.Group.Executors.Count, system.Group.ThreadCount);
        Assert.Equal(before, StacksMapped());
        Assert.All(threads, thread => Assert.Null(thread.Queue));
        Assert.Equal(0, system.Group.Executors[0].Ready.Count);
    }

    [Fact]
    public void Wait_LittleStackLeft_LeavesPollingToTheHomeThread()
    {
        var signal = new KernelEvent(system.Group);
        int leastSeen = int.MaxValue;
        int polls = 0;
        system.Group.Executors[0].AddPollStep(_ =>
        {
            leastSeen = Math.Min(leastSeen, AlignedStack.RemainingBytes);
            if (++polls % 3 == 0)
            {
                signal.Signal();
            }

            return true;
        });
        WaitResult result = WaitResult.Deadlock;
        system.Run(context => result = WaitDeep(context, signal));
        Assert.Equal(WaitResult.Signaled, result);
        Assert.True(leastSeen >= ExecutorLimits.LeaderStackBytesMin);
    }

    [Fact]
    public void Dispose_WaitingThreads_AreUnwound()
    {
        var other = new TestSystem(2);
        TestDomain domain = other.AddDomain("domain", executor: 1);
        bool wentOn = false;
        KernelThread thread = other.Start(context =>
        {
            domain.Call(context, inner => new KernelEvent(other.Group).Wait(inner));
            wentOn = true;
        });
        Assert.True(SpinWait.SpinUntil(() => thread.State == RunState.Waiting, TestSystem.Patience));
        other.Dispose();
        Assert.True(thread.IsCompleted);
        Assert.False(wentOn);
    }

    public void Dispose() => system.Dispose();

    /// <summary>Our stacks show in /proc/self/maps as 64 MiB less the guard, readable and writable.</summary>
    private static long StacksMapped() => File.ReadLines("/proc/self/maps").Count(line =>
    {
        string[] range = line.Split(' ')[0].Split('-');
        long start = Convert.ToInt64(range[0], 16);
        return line.Contains("rw-p") && (start & (AlignedStack.SizeBytes - 1)) == 64 << 10
            && Convert.ToInt64(range[1], 16) - start == (long)AlignedStack.UsableBytes;
    });

    private static int Descend(int depth) => depth == 0 ? AlignedStack.RemainingBytes : Descend(depth - 1) + 0 * depth;

    private static WaitResult WaitDeep(CallContext context, KernelEvent signal)
    {
        Span<long> frame = stackalloc long[64];
        frame[^1] = 1;
        WaitResult result = AlignedStack.RemainingBytes < ExecutorLimits.LeaderStackBytesMin / 2
            ? signal.Wait(context)
            : WaitDeep(context, signal);
        return frame[^1] == 1 ? result : default;
    }
}

[CollectionDefinition(StackTests.Alone, DisableParallelization = true)]
public sealed class AloneInTheProcess;
