using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Shadow;

/// <summary>Drivers that answer every call, and do not complete every request.</summary>
public sealed class WithheldCompletionTests : IDisposable
{
    private const ulong CursedBlock = 7;

    private readonly TestThread thread = new();
    private readonly HashSet<ulong> withheld = [];
    private readonly CrashingDriver driver;
    private readonly BlockDeviceRig rig;
    private int drivers = int.MaxValue;
    private ulong nextTag = 1;

    public WithheldCompletionTests()
    {
        driver = new CrashingDriver(thread.Heap, options: new MemoryBlockOptions
        {
            Decide = request =>
            {
                if (request.FirstBlock == CursedBlock && drivers > 0)
                {
                    withheld.Add(request.Tag);
                }

                return BlockError.None;
            },
        });
        driver.PollLie = (completions, count) =>
        {
            BlockCompletion[] told = [.. completions.Take(count).Where(one => !withheld.Contains(one.Tag))];
            told.CopyTo(completions, 0);
            return told.Length;
        };
        rig = ShadowRig.Client(thread, driver);
    }

    public void Dispose() => thread.Dispose();

    [Fact]
    public void Completion_ThatOneDriverWithholds_ComesFromTheNext()
    {
        Submit(CursedBlock);

        Assert.Equal(BlockError.None, EndOfTheCursed(until: () => drivers = driver.Deaths == 0 ? 1 : 0));

        Assert.Equal(1, driver.Deaths);
    }

    [Fact]
    public void Completion_ThatEveryDriverWithholds_IsAnErrorInTheEnd()
    {
        Submit(CursedBlock);

        Assert.Equal(BlockError.DeviceFailed, EndOfTheCursed(until: () => { }));

        Assert.Equal(5, driver.Deaths);
        Assert.False(rig.Statistics().HasGivenUp);
    }

    [Fact]
    public void Completions_ThatComeSlowly_AreNotWithheld()
    {
        for (int round = 0; round < 100; round++)
        {
            Submit(1);
            thread.Scheduler.Advance(900_000);
            Assert.Equal(1, rig.Device.Poll(rig.Context, new BlockCompletion[8]).Value);
        }

        Assert.Equal(0, driver.Deaths);
    }

    /// <summary>Keeps other requests going, so that no driver is ever silent.</summary>
    private BlockError EndOfTheCursed(Action until)
    {
        var completions = new BlockCompletion[8];
        for (int round = 0; round < 100_000; round++)
        {
            until();
            Submit(100 + ((ulong)round % 50));
            thread.Scheduler.Advance(1000);
            int count = rig.Device.Poll(rig.Context, completions).Value;
            foreach (BlockCompletion completion in completions.AsSpan(0, count))
            {
                if (completion.Tag == 1)
                {
                    return completion.Error;
                }
            }
        }

        throw new TimeoutException("the request has no end");
    }

    private void Submit(ulong block)
    {
        BlockRequest request = new() { Tag = nextTag++, Operation = BlockOperation.WriteZeroes, FirstBlock = block, BlockCount = 1 };
        Assert.Equal(1, rig.Device.Submit(rig.Context, [request], []).Value);
    }
}
