using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Drivers;
using RedLeafSharp.Tests.Shadow;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>What goes wrong below QEMU's controller, and in the driver above it.</summary>
public class QemuFailureTests
{
    private const int InputOutput = 5;
    private const int SubmissionDoorbell = 0x1008;
    private const int CompletionDoorbell = 0x100C;

    private static readonly NvmeDescription Disk = new() { Name = "disk0", MemoryBytes = 16 << 20 };

    private static readonly QemuDisturbance Broken = new()
    {
        Errors =
        [
            new QemuBlockError("read", 8, InputOutput),
            new QemuBlockError("write", 16, InputOutput),
            new QemuBlockError("flush", -1, InputOutput, IsOnce: true),
        ],
    };

    /// <summary>The same sectors are bad in both worlds; statuses and data must be the same.</summary>
    [FactNeeding(Need.Qemu)]
    public void BadSectors_AtTheRegisters_GiveTheSameStatusesInBothWorlds()
    {
        using var simulated = new Tests.Machine.NvmeRig();
        simulated.Device.Controller.MediaFaults.TryFailReads(8, 1);
        simulated.Device.Controller.MediaFaults.FailWrites(16, 1);
        using var qemu = new Tests.Machine.NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, Disk, Broken));

        string here = Statuses(simulated);

        Assert.Equal("281 000 281 281 000 280 280 000", here);
        Assert.Equal(here, Statuses(qemu));
    }

    [FactNeeding(Need.Qemu)]
    public void BadSectors_UnderTheDriver_AreMediaErrorsAndNothingElse()
    {
        using var rig = new NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, Disk, Broken));
        using BlockDeviceRig client = rig.Started().Client();
        byte[] data = BlockDeviceContractTests.Pattern(8 * 512, 1);

        Assert.Equal(BlockError.None, client.Write(0, data));
        Assert.Equal(BlockError.MediaError, client.Flush());
        Assert.Equal(BlockError.None, client.Flush());
        Assert.Equal(BlockError.MediaError, client.Read(0, new byte[16 * 512]));
        Assert.Equal(data, client.Read(0, 8));
        Assert.Equal(BlockError.MediaError, client.Write(12, data));
        Assert.Equal(BlockError.None, client.Write(17, data));
        Assert.Equal(data, client.Read(17, 8));
    }

    [FactNeeding(Need.Qemu)]
    public void CommandsThatTakeTooLong_AreEndedByAResetAndTheDeviceGoesOn()
    {
        var slow = new QemuDisturbance { AccessesPerSecondMax = 1 };
        using var rig = new NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, Disk, slow));
        rig.Settings["timeoutMicros"] = 1_000L;
        using BlockDeviceRig client = rig.Started().Client();
        Lent lent = client.Lend(new byte[4096], LoanAccess.DeviceWrites);
        BlockRequest[] reads = [.. Enumerable.Range(0, 12).Select(block => client.Request(BlockOperation.Read, (ulong)block, 1, 1))];

        Assert.Equal(reads.Length, client.Device.Submit(client.Context, reads, lent.Pages).Value);
        List<BlockCompletion> ended = client.Drain(reads.Length);

        Assert.All(ended, one => Assert.Contains(one.Error, new[] { BlockError.None, BlockError.Aborted }));
        Assert.Contains(ended, one => one.Error == BlockError.Aborted);
        Assert.Contains(rig.Services!.Reports, report => report.Contains("is aborted", StringComparison.Ordinal));
        Assert.Contains(rig.Services.Reports, report => report.Contains("controller reset", StringComparison.Ordinal));
        Assert.Equal(reads.Select(one => one.Tag).Order(), ended.Select(one => one.Tag).Order());
        Assert.Equal(BlockError.None, client.Flush());
        client.Return(lent, 0);
    }

    [TheoryNeeding(Need.Qemu)]
    [InlineData(SubmissionDoorbell, true, 0)]
    [InlineData(SubmissionDoorbell, false, 0)]
    [InlineData(CompletionDoorbell, true, 1)]
    [InlineData(CompletionDoorbell, false, 1)]
    public void Driver_CrashingAtADoorbell_IsReplacedAndTheWriteDoneAgain(int register, bool isBefore, int replayed)
    {
        var faults = new ScriptedFaults();
        using NvmeRig rig = Faulty(faults);
        NvmeStack stack = NvmeStack.Over(rig);
        byte[] data = BlockDeviceContractTests.Pattern(16384, 5);
        void Crash(RegisterAccess access, int offset, ulong value)
        {
            if (access == RegisterAccess.Write && offset == register)
            {
                faults.Before = faults.After = null;
                throw new PlantedCrashException();
            }
        }

        faults.Before = isBefore ? Crash : null;
        faults.After = isBefore ? null : Crash;

        Assert.Equal(BlockError.None, stack.Client.Write(3, data));

        Assert.Equal(1, stack.Link.Deaths);
        Assert.Equal(data, stack.Client.Read(3, 32));
        Assert.Equal(replayed, (int)stack.Client.Statistics().Replayed);
    }

    /// <summary>What a fence must do where there is no IOMMU: the device itself lets go of all memory.</summary>
    [FactNeeding(Need.Qemu)]
    public void Fence_WithCommandsInFlight_DisablesControllerAndBusMastering()
    {
        World? world = null;
        using var rig = new NvmeRig((heap, scheduler) => world = new QemuWorld(heap, scheduler, Disk));
        using BlockDeviceRig client = rig.Started().Client();
        Lent lent = client.Lend(new byte[64 * 512], LoanAccess.DeviceWrites);
        BlockRequest[] reads = [.. Enumerable.Range(0, 32).Select(_ => client.Request(BlockOperation.Read, 0, 64, lent.Pages.Length))];
        client.Device.Submit(client.Context, reads, lent.Pages);

        rig.Bury();

        FunctionState state = Look(world!);
        Assert.Equal((0u, 0u, 0u), (state.Command & 4, state.Configuration & 1, state.Status));
        client.Return(lent, 0);
        byte[] data = BlockDeviceContractTests.Pattern(512, 9);
        using BlockDeviceRig next = rig.Started().Client();
        Assert.Equal(BlockError.None, next.Write(1, data));
        Assert.Equal(data, next.Read(1, 1));
    }

    [FactNeeding(Need.Qemu)]
    public void Operations_WithCrashesAtRandomRegisterAccesses_AgreeWithTheModel()
    {
        QemuFigures figures = QemuRun.Execute(operations: 2_000, seed: 7, accessesPerCrash: 100);

        Assert.Equal(2_000, figures.Operations);
        Assert.True(figures is { Deaths: > 20, Replayed: > 0, BlocksLeft: 0 }, figures.ToString());
    }

    private static NvmeRig Faulty(ScriptedFaults faults) =>
        new((heap, scheduler) => new FaultyWorld(new QemuWorld(heap, scheduler, Disk), faults));

    private static FunctionState Look(World world)
    {
        WorldFunction function = world.Functions[0];
        RegisterBank registers = function.Backend.GetBar(0)!;
        return new FunctionState(function.Backend.ReadConfiguration(4), registers.Read32(0x14), registers.Read32(0x1C));
    }

    private static string Statuses(Tests.Machine.NvmeRig rig)
    {
        Tests.Machine.HostQueue queue = rig.Enable().CreateQueue(1);
        ulong page = rig.Map(2);
        return ProtocolDialogues.Text(
            rig.Run(queue, rig.Transfer(IoOpcode.Read, 8, 1, page)),
            rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 8, page)),
            rig.Run(queue, rig.Transfer(IoOpcode.Read, 1, 8, page)),
            rig.Run(queue, rig.Transfer(IoOpcode.Read, 8, 8, page)),
            rig.Run(queue, rig.Transfer(IoOpcode.Write, 17, 8, page)),
            rig.Run(queue, rig.Transfer(IoOpcode.Write, 16, 1, page)),
            rig.Run(queue, rig.Transfer(IoOpcode.Write, 9, 8, page)),
            rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 8, page)));
    }

    private sealed record FunctionState(uint Command, uint Configuration, uint Status);
}
