using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Drivers;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Shadow;

/// <summary>The contract over shadow, driver and simulated controller.</summary>
public class ShadowOverNvmeContractTests : BlockDeviceContractTests
{
    internal override BlockDeviceRig CreateRig() =>
        NvmeStack.Create(new SimulatedNvmeOptions { Deferral = new SeededDelay(7, 5) }).Client;
}

/// <summary>Shadow, driver and simulated controller.</summary>
internal sealed record NvmeStack(NvmeRig Rig, NvmeLink Link, BlockDeviceRig Client)
{
    internal static NvmeStack Create(SimulatedNvmeOptions options, long driverTimeoutMicros = 100_000)
    {
        var rig = new NvmeRig(options);
        rig.Settings["timeoutMicros"] = driverTimeoutMicros;
        return Over(rig);
    }

    /// <summary>Starts driver and shadow over a controller of any world.</summary>
    internal static NvmeStack Over(NvmeRig rig)
    {
        rig.Started();
        var link = new NvmeLink(rig);
        var thread = new TestThread(rig.Heap, rig.Scheduler);
        TestServices services = ShadowRig.Start(thread, link, rig.Loans, timeoutMicros: 5_000_000);
        return new NvmeStack(rig, link, new BlockDeviceRig(thread, (IBlockDevice)services.Provided[typeof(IBlockDevice)]));
    }
}

/// <summary>The driver crashes exactly where a test says: at a register access of one kind.</summary>
public class ShadowOverNvmeTests
{
    private const int Configuration = 0x14;
    private const int AdminDoorbell = 0x1000;
    private const int SubmissionDoorbell = 0x1008;
    private const int CompletionDoorbell = 0x100c;

    private readonly ScriptedFaults faults = new();

    [Theory]
    [InlineData(SubmissionDoorbell, true)]
    [InlineData(SubmissionDoorbell, false)]
    [InlineData(CompletionDoorbell, true)]
    [InlineData(CompletionDoorbell, false)]
    public void Driver_CrashingAtADoorbell_LosesNothing(int register, bool isBefore)
    {
        foreach (bool isDeferred in new[] { false, true })
        {
            NvmeStack stack = Create(isDeferred);
            CrashAt(register, isBefore, times: 1);
            byte[] data = BlockDeviceContractTests.Pattern(16384, register);

            Assert.Equal(BlockError.None, stack.Client.Write(3, data));

            Assert.Equal(1, stack.Link.Deaths);
            Assert.Equal(data, stack.Client.Read(3, 32));
            AssertClean(stack);
        }
    }

    [Theory]
    [InlineData(Configuration, 1)]
    [InlineData(Configuration, 4)]
    [InlineData(AdminDoorbell, 1)]
    [InlineData(AdminDoorbell, 3)]
    public void Driver_CrashingDuringItsRecovery_IsRecoveredAgain(int register, int times)
    {
        NvmeStack stack = Create(isDeferred: true);
        byte[] data = BlockDeviceContractTests.Pattern(4096, 1);
        CrashAt(SubmissionDoorbell, isBefore: false, times: 1, then: () => CrashAt(register, isBefore: false, times));

        Assert.Equal(BlockError.None, stack.Client.Write(3, data));

        Assert.Equal(1 + times, stack.Link.Deaths);
        Assert.Equal(data, stack.Client.Read(3, 8));
        AssertClean(stack);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Driver_CrashingInAControllerReset_LosesNothing(bool isBefore)
    {
        NvmeStack stack = Create(isDeferred: true);
        byte[] data = BlockDeviceContractTests.Pattern(4096, 2);
        faults.Command = (queue, _) => queue == 0 || stack.Link.Deaths > 0 ? default : new CommandFault(CommandFaultKind.DropCommand);
        CrashAt(Configuration, isBefore, times: 1);

        Assert.Equal(BlockError.None, stack.Client.Write(3, data));

        Assert.Equal(1, stack.Link.Deaths);
        Assert.Equal(data, stack.Client.Read(3, 8));
        AssertClean(stack);
    }

    [Fact]
    public void Controller_ResettingUnderLoad_IsHiddenByRetries()
    {
        NvmeStack stack = Create(isDeferred: true);
        int count = 0;
        faults.Command = (queue, _) => queue == 1 && ++count == 50 ? new CommandFault(CommandFaultKind.Fatal) : default;

        new RandomBlockWorkload(stack.Client, seed: 3).Run(200);

        Assert.True(stack.Client.Statistics().Retried > 0);
        Assert.Equal(0, stack.Link.Deaths);
        AssertClean(stack);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Operations_WithCrashesAtRandomRegisterAccesses_AgreeWithTheModel(int seed, bool isDeferred)
    {
        NvmeStack stack = Create(isDeferred);
        var random = new Random(seed);
        faults.Before = faults.After = (_, _, _) =>
        {
            if (random.Next(60) == 0)
            {
                throw new PlantedCrashException();
            }
        };

        new RandomBlockWorkload(stack.Client, seed).Run(3_000);

        Assert.True(stack.Link.Deaths > 50, $"{stack.Link.Deaths} deaths");
        AssertClean(stack);
    }

    private static void AssertClean(NvmeStack stack)
    {
        Assert.Equal(0, stack.Rig.Window.FaultCount);
        stack.Rig.Bury();
        Assert.Equal(0, stack.Rig.Heap.CountAll().Blocks);
    }

    private NvmeStack Create(bool isDeferred) => NvmeStack.Create(
        new SimulatedNvmeOptions { Faults = faults, Deferral = isDeferred ? new SeededDelay(11, 6) : null });

    private void CrashAt(int register, bool isBefore, int times, Action? then = null)
    {
        void Crash(RegisterAccess access, int offset, ulong value)
        {
            if (access == RegisterAccess.Write && offset == register && times-- > 0)
            {
                if (times == 0)
                {
                    faults.Before = faults.After = null;
                    then?.Invoke();
                }

                throw new PlantedCrashException();
            }
        }

        faults.Before = isBefore ? Crash : null;
        faults.After = isBefore ? null : Crash;
    }
}
