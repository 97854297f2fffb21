using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.BlockDevices;
using Xunit;

namespace RedLeafSharp.Tests.Drivers;

/// <summary>The driver on controllers that lose, garble, delay and refuse.</summary>
public class NvmeFaultTests
{
    private const long TimeoutMicros = 10_000;

    private readonly ScriptedFaults faults = new();

    [Theory]
    [InlineData((int)CommandFaultKind.DropCommand)]
    [InlineData((int)CommandFaultKind.DropCompletion)]
    [InlineData((int)CommandFaultKind.FlipPhase)]
    public void Command_ThatNeverEnds_IsAbortedByAResetAndTheDeviceWorksOn(int kind)
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        FaultOnce((CommandFaultKind)kind);

        Assert.Equal(BlockError.Aborted, client.Write(0, new byte[512]));

        Assert.Contains(rig.Services!.Reports, line => line.Contains("controller reset"));
        Assert.Equal(BlockError.None, client.Write(0, BlockDeviceContractTests.Pattern(512, 1)));
        Assert.Equal(BlockDeviceContractTests.Pattern(512, 1), client.Read(0, 1));
    }

    [Fact]
    public void Command_ThatIsSlow_IsAbortedWithoutAReset()
    {
        using NvmeRig rig = Started(deferral: new FixedDelay(1));
        BlockDeviceRig client = rig.Client();
        FaultOnce(CommandFaultKind.Late, 1_000_000_000);

        Assert.Equal(BlockError.Aborted, client.Write(0, new byte[512]));

        Assert.DoesNotContain(rig.Services!.Reports, line => line.Contains("controller reset"));
        Assert.Equal(BlockError.None, client.Write(0, new byte[512]));
    }

    [Fact]
    public void Command_LostAmongOthersThatEnd_TimesOut()
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        FaultOnce(CommandFaultKind.DropCommand);
        client.Device.Submit(client.Context, [client.Request(BlockOperation.Flush, 0, 0, 0) with { Tag = ulong.MaxValue }], []);
        var completions = new BlockCompletion[4];
        bool isSeen = false;

        for (int round = 0; round < 20_000 && !isSeen; round++)
        {
            rig.Scheduler.Advance(10);
            client.Device.Submit(client.Context, [client.Request(BlockOperation.Flush, 0, 0, 0)], []);
            int count = client.Device.Poll(client.Context, completions).Value;
            isSeen = completions[..count].Any(completion => completion.Tag == ulong.MaxValue);
        }

        Assert.True(isSeen);
    }

    [Theory]
    [InlineData(0x00FE)]
    [InlineData(0xFFFF)]
    [InlineData(0x0005)]
    public void Completion_OfACommandNotInFlight_ResetsTheController(int identifier)
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        FaultOnce(CommandFaultKind.WrongCommandId, identifier);

        Assert.Equal(BlockError.Aborted, client.Write(0, new byte[512]));

        Assert.Equal(BlockError.None, client.Write(0, new byte[512]));
    }

    [Fact]
    public void Completion_DeliveredTwice_IsDeliveredOnceAbove()
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        FaultOnce(CommandFaultKind.Duplicate);

        Assert.Equal(BlockError.None, client.Write(0, new byte[512]));

        BlockError second = client.Write(0, new byte[512]);
        Assert.True(second is BlockError.None or BlockError.Aborted, second.ToString());
        Assert.Equal(BlockError.None, client.Write(0, new byte[512]));
    }

    [Fact]
    public void Controller_ThatFails_IsReset()
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        FaultOnce(CommandFaultKind.Fatal);

        Assert.Equal(BlockError.Aborted, client.Write(0, new byte[512]));

        Assert.Equal(BlockError.None, client.Write(0, new byte[512]));
    }

    [Fact]
    public void Controller_ThatFailsAgainAndAgain_IsGivenUp()
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        faults.Command = (queue, _) => queue == 0 ? default : new CommandFault(CommandFaultKind.Fatal);

        var errors = new List<BlockError>();
        for (int i = 0; i < 5; i++)
        {
            errors.Add(client.Write(0, new byte[512]));
        }

        Assert.Equal(BlockError.Aborted, errors[0]);
        Assert.Equal(BlockError.DeviceFailed, errors[^1]);
        Assert.Contains(rig.Services!.Reports, line => line.StartsWith("Error"));
    }

    [Fact]
    public void Device_ThatLeavesTheBus_FailsWhatIsInFlightAndAllLater()
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        FaultOnce(CommandFaultKind.DropCommand);
        BlockRequest request = client.Request(BlockOperation.Flush, 0, 0, 0);
        client.Device.Submit(client.Context, [request], []);
        rig.Device.WriteConfiguration(4, 0);

        BlockCompletion completion = Assert.Single(client.Drain(1));

        Assert.Equal((request.Tag, BlockError.DeviceFailed), (completion.Tag, completion.Error));
        Assert.Equal(BlockError.DeviceFailed, client.Flush());
        Assert.False(client.Device.Wait(client.Context, KernelEvent.Forever).Value);
    }

    [Theory]
    [InlineData(0x0004, BlockError.TransferError)]
    [InlineData(0x0001, BlockError.NotSupported)]
    [InlineData(0x0002, BlockError.InvalidRequest)]
    [InlineData(0x0007, BlockError.Aborted)]
    [InlineData(0x0080, BlockError.OutOfRange)]
    [InlineData(0x0006, BlockError.DeviceFailed)]
    [InlineData(0x0280, BlockError.MediaError)]
    [InlineData(0x0281, BlockError.MediaError)]
    [InlineData(0x0182, BlockError.ReadOnly)]
    [InlineData(0x0020, BlockError.ReadOnly)]
    [InlineData(0x07FF, BlockError.DeviceFailed)]
    public void Status_OfACommand_BecomesAnErrorOfTheContract(int status, BlockError expected)
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        FaultOnce(CommandFaultKind.Status, status);

        Assert.Equal(expected, client.Write(0, new byte[512]));
    }

    [Fact]
    public void Block_ThatCannotBeRead_IsAMediaErrorUntilWritten()
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        rig.Device.Controller.MediaFaults.TryFailReads(5, 1);

        Assert.Equal(BlockError.MediaError, client.Read(4, new byte[1024]));
        Assert.Equal(BlockError.None, client.Write(5, new byte[512]));
        Assert.Equal(BlockError.None, client.Read(4, new byte[1024]));
    }

    [Fact]
    public void Start_OnAControllerThatNeverBecomesReady_Fails()
    {
        faults.IsReadyEver = false;
        using var rig = new NvmeRig(new SimulatedNvmeOptions { Faults = faults });

        Assert.Equal(DomainError.DeviceUnusable, rig.Start().Error);
        Assert.Contains("Error: the controller does not become ready", rig.Services!.Reports);
    }

    [Theory]
    [InlineData(0x06)]
    [InlineData(0x05)]
    [InlineData(0x01)]
    [InlineData(0x09)]
    public void Start_OnAControllerThatRefusesAnAdminCommand_Fails(int opcode)
    {
        faults.Command = (queue, entry) =>
            queue == 0 && entry.Opcode == opcode ? new CommandFault(CommandFaultKind.Status, 2) : default;
        using var rig = new NvmeRig(new SimulatedNvmeOptions { Faults = faults });

        Assert.Equal(DomainError.DeviceUnusable, rig.Start().Error);
    }

    [Fact]
    public void Start_OnAControllerThatAnswersNoAdminCommand_Fails()
    {
        faults.Command = (_, _) => new CommandFault(CommandFaultKind.DropCommand);
        using var rig = new NvmeRig(new SimulatedNvmeOptions { Faults = faults });

        Assert.Equal(DomainError.DeviceUnusable, rig.Start().Error);
    }

    [Theory]
    [InlineData("queueDepth", 0)]
    [InlineData("queueDepth", 256)]
    [InlineData("timeoutMicros", 0)]
    [InlineData("completion", "sometimes")]
    public void Start_WithAWrongSetting_SaysWhich(string name, object value)
    {
        using var rig = new NvmeRig();
        rig.Settings[name] = value;

        Assert.Equal(DomainError.BadSetting, rig.Start().Error);
        Assert.Contains(name, Assert.Single(rig.Services!.Reports));
    }

    [Fact]
    public void Stop_AfterWork_ShutsTheControllerDown()
    {
        using NvmeRig rig = Started(deferral: new FixedDelay(1));
        rig.Client().Write(0, new byte[512]);
        var notices = new List<ulong>();
        faults.Before = (access, offset, value) =>
        {
            if (access == RegisterAccess.Write && offset == 0x14)
            {
                notices.Add(value >> 14 & 3);
            }
        };

        Assert.True(rig.Stop().IsOk);

        Assert.Equal(1UL, notices[0]);
        Assert.DoesNotContain(rig.Services!.Reports, line => line.StartsWith("Warning"));
    }

    [Fact]
    public void Batch_OfRequests_RingsTwoDoorbells()
    {
        using NvmeRig rig = Started();
        BlockDeviceRig client = rig.Client();
        int accesses = 0;
        faults.Before = (_, _, _) => accesses++;
        BlockRequest[] batch = [.. Enumerable.Range(0, 64).Select(i => client.Request(BlockOperation.WriteZeroes, (ulong)i, 1, 0))];

        client.Device.Submit(client.Context, batch, []);
        Assert.Equal(64, client.Device.Poll(client.Context, new BlockCompletion[64]).Value);

        Assert.Equal(2, accesses);
    }

    [Fact]
    public void SubmitAndPoll_InSteadyState_AllocateNothing()
    {
        using var rig = new NvmeRig(medium: new NullMedium(16 << 20));
        IBlockDevice device = rig.Started().Provided;
        PageBuffer page = PageBuffer.Allocate(rig.DriverContext, 4);
        ulong bus = page.GetBusAddress(rig.DriverContext);
        ulong[] pages = [bus, bus + 4096, bus + 8192];
        var requests = new BlockRequest[32];
        var completions = new BlockCompletion[32];
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i] = new BlockRequest { Tag = (ulong)i, Operation = (BlockOperation)(i % 2), BlockCount = 24, PageCount = 3 };
        }

        long Round()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int left = device.Submit(rig.DriverContext, requests, pages).Value;
            while (left > 0)
            {
                device.Wait(rig.DriverContext, 1000);
                left -= device.Poll(rig.DriverContext, completions).Value;
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round();
        Assert.Equal(0, Round());
    }

    private NvmeRig Started(CompletionPolicy? deferral = null)
    {
        var rig = new NvmeRig(new SimulatedNvmeOptions { Faults = faults, Deferral = deferral });
        rig.Settings["timeoutMicros"] = TimeoutMicros;
        return rig.Started();
    }

    private void FaultOnce(CommandFaultKind kind, int argument = 0)
    {
        faults.Command = (queue, _) =>
        {
            if (queue == 0)
            {
                return default;
            }

            faults.Command = null;
            return new CommandFault(kind, argument);
        };
    }
}
