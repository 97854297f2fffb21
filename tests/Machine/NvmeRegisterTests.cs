using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public class NvmeRegisterTests
{
    [Fact]
    public void Capabilities_Read_AreTheSameInOneAndInTwoAccesses()
    {
        using var rig = new NvmeRig();
        ulong whole = rig.Registers.Read64(0);
        Assert.Equal(whole, rig.Registers.Read32(0) | ((ulong)rig.Registers.Read32(4) << 32));
        Assert.Equal(4095u, whole & 0xFFFF);
        Assert.Equal(1u, (whole >> 37) & 0xFF);
        Assert.Equal(0x00010400u, rig.Registers.Read32(8));
    }

    [Fact]
    public void ReadOnlyRegisters_Written_KeepTheirValue()
    {
        using var rig = new NvmeRig();
        ulong capabilities = rig.Registers.Read64(0);
        rig.Registers.Write64(0, ~0UL);
        rig.Registers.Write32(8, ~0u);
        rig.Registers.Write32(0x1C, ~0u);
        Assert.Equal(capabilities, rig.Registers.Read64(0));
        Assert.Equal(0x00010400u, rig.Registers.Read32(8));
        Assert.Equal(0u, rig.Status);
    }

    [Fact]
    public void ReservedRegisters_Read_AreZero()
    {
        using var rig = new NvmeRig();
        for (int offset = 0x38; offset < 0x1000; offset += 4)
        {
            rig.Registers.Write32(offset, ~0u);
            Assert.Equal(0u, rig.Registers.Read32(offset));
        }
    }

    [Fact]
    public void InterruptMask_SetAndCleared_IsReadInBothRegisters()
    {
        using var rig = new NvmeRig();
        rig.Registers.Write32(0x0C, 0xFF);
        rig.Registers.Write32(0x10, 0x0F);
        Assert.Equal(0xF0u, rig.Registers.Read32(0x0C));
        Assert.Equal(0xF0u, rig.Registers.Read32(0x10));
    }

    [Fact]
    public void Enable_ThenDisable_FollowsWithReady()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Registers.Write32(0x14, 0);
        Assert.Equal(0u, rig.Status);
    }

    [Fact]
    public void Enable_Deferred_BecomesReadyInAStep()
    {
        using var rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new FixedDelay(1) });
        ulong queues = rig.Map(4);
        rig.Registers.Write32(0x24, 0x001F_001F);
        rig.Registers.Write64(0x28, queues);
        rig.Registers.Write64(0x30, queues + 4096);
        rig.Registers.Write32(0x14, 0x0046_0001);
        Assert.Equal(0u, rig.Status);
        Assert.True(rig.Device.Step());
        Assert.Equal(1u, rig.Status);
        rig.Registers.Write32(0x14, 0);
        Assert.Equal(1u, rig.Status);
        rig.Device.Step();
        Assert.Equal(0u, rig.Status);
    }

    [Theory]
    [InlineData(0x0000_001Fu, 0ul, 0x0046_0001u)]
    [InlineData(0x001F_0000u, 0ul, 0x0046_0001u)]
    [InlineData(0x001F_001Fu, 8ul, 0x0046_0001u)]
    [InlineData(0x001F_001Fu, 0ul, 0x0046_0081u)]
    [InlineData(0x001F_001Fu, 0ul, 0x0046_0011u)]
    [InlineData(0x001F_001Fu, 0ul, 0x0046_0801u)]
    public void Enable_WithAnInvalidConfiguration_IsFatalUntilReset(uint attributes, ulong misalignment, uint configuration)
    {
        using var rig = new NvmeRig();
        ulong queues = rig.Map(4);
        rig.Registers.Write32(0x24, attributes);
        rig.Registers.Write64(0x28, queues + misalignment);
        rig.Registers.Write64(0x30, queues + 4096);
        rig.Registers.Write32(0x14, configuration);
        Assert.Equal(2u, rig.Status);
        rig.Registers.Write32(0x14, 0);
        Assert.Equal(0u, rig.Status);
        rig.Enable();
    }

    [Fact]
    public void Disable_KeepsTheAdminQueueRegisters()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Registers.Write32(0x14, 0);
        Assert.Equal(rig.Admin.Submission, rig.Registers.Read64(0x28));
        Assert.Equal(rig.Admin.Completion, rig.Registers.Read64(0x30));
        Assert.Equal(0x001F_001Fu, rig.Registers.Read32(0x24));
    }

    [Fact]
    public void SubsystemReset_WithTheSignature_ResetsAndSaysSo()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Registers.Write32(0x20, 1);
        Assert.Equal(1u, rig.Status);
        rig.Registers.Write32(0x20, 0x4E564D65);
        Assert.Equal(0x10u, rig.Status);
        Assert.Equal(0u, rig.Registers.Read32(0x14));
        rig.Registers.Write32(0x1C, 0x10);
        Assert.Equal(0u, rig.Status);
    }

    [Fact]
    public void Shutdown_Notified_CompletesAndStopsCommands()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Registers.Write32(0x14, 0x0046_4001);
        Assert.Equal(0x9u, rig.Status);
        rig.Admin.Put(rig.Command((byte)AdminOpcode.Abort, 0));
        rig.Admin.Ring();
        Assert.False(rig.Admin.TryTake(out _));
        rig.Registers.Write32(0x14, 0);
        Assert.Equal(0u, rig.Status);
        rig.Enable();
    }

    [Fact]
    public void QueueMemory_OutOfReach_IsFatal()
    {
        using var rig = new NvmeRig();
        ulong unmapped = rig.Allocate();
        rig.Registers.Write32(0x24, 0x001F_001F);
        rig.Registers.Write64(0x28, unmapped);
        rig.Registers.Write64(0x30, rig.Map());
        rig.Registers.Write32(0x14, 0x0046_0001);
        Assert.Equal(1u, rig.Status);
        rig.Registers.Write32(0x1000, 1);
        Assert.Equal(3u, rig.Status);
        DmaFault fault = Assert.Single(rig.Faults);
        Assert.Equal(new DmaFault("nvme0", unmapped, 64, LoanAccess.DeviceReads), fault);
    }

    [Fact]
    public void BusMaster_Off_StopsDmaUntilItIsOnAgain()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Device.WriteConfiguration(4, 2);
        rig.Admin.Put(rig.Command((byte)AdminOpcode.Abort, 0));
        rig.Admin.Ring();
        Assert.False(rig.Admin.TryTake(out _));
        rig.Device.WriteConfiguration(4, 6);
        Assert.True(rig.Admin.TryTake(out _));
        Assert.Empty(rig.Faults);
    }

    [Fact]
    public void MemorySpace_Off_ReadsAllOnes()
    {
        using var rig = new NvmeRig(new SimulatedNvmeOptions { PowerOnCommand = 0 });
        Assert.Equal(uint.MaxValue, rig.Registers.Read32(8));
        rig.Device.WriteConfiguration(4, 6);
        Assert.Equal(0x00010400u, rig.Registers.Read32(8));
    }

    [Fact]
    public void FunctionReset_InTheMiddleOfWork_LeavesNothingBehind()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new FixedDelay(5) }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        queue.Put(rig.Transfer(IoOpcode.Read, 0, 1, rig.Map()));
        queue.Ring();
        rig.Device.Step();
        Assert.Equal(1, rig.Device.Controller.PendingCount);
        rig.Device.Reset();
        Assert.False(rig.Device.Step());
        Assert.False(queue.TryTake(out _));
        Assert.Equal(0u, rig.Registers.Read32(0x14));
        rig.Enable();
    }

    [Fact]
    public void ControllerReset_InTheMiddleOfWork_AnswersNothingAndForgetsQueues()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new FixedDelay(5) }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        queue.Put(rig.Transfer(IoOpcode.Read, 0, 1, rig.Map()));
        queue.Ring();
        rig.Device.Step();
        rig.Registers.Write32(0x14, 0);
        rig.Steps();
        Assert.False(queue.TryTake(out _));
        rig.Enable();
        Assert.Equal(0x101, rig.RunAdmin(AdminOpcode.DeleteSubmissionQueue, 1).Status);
    }

    [Fact]
    public void RegisterFaults_Thrown_ReachTheDriverBeforeOrAfterTheAccess()
    {
        var faults = new ThrowingFaults();
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Faults = faults }).Enable();
        faults.Before = 0x1000;
        rig.Admin.Put(rig.Command((byte)AdminOpcode.Abort, 0));
        Assert.Throws<TimeoutException>(rig.Admin.Ring);
        Assert.False(rig.Admin.TryTake(out _));
        faults.Before = -1;
        faults.After = 0x1000;
        Assert.Throws<TimeoutException>(rig.Admin.Ring);
        Assert.True(rig.Admin.TryTake(out _));
    }

    [Fact]
    public void Ready_Withheld_NeverComes()
    {
        var faults = new ThrowingFaults { IsReadyWithheld = true };
        using var rig = new NvmeRig(new SimulatedNvmeOptions { Faults = faults });
        ulong queues = rig.Map(4);
        rig.Registers.Write32(0x24, 0x001F_001F);
        rig.Registers.Write64(0x28, queues);
        rig.Registers.Write64(0x30, queues + 4096);
        rig.Registers.Write32(0x14, 0x0046_0001);
        rig.Steps();
        Assert.Equal(0u, rig.Status);
        faults.IsReadyWithheld = false;
        rig.Device.Step();
        Assert.Equal(1u, rig.Status);
    }

    private sealed class ThrowingFaults : NvmeFaults
    {
        internal int Before { get; set; } = -1;

        internal int After { get; set; } = -1;

        internal bool IsReadyWithheld { get; set; }

        internal override bool BecomesReady => !IsReadyWithheld;

        internal override void BeforeRegister(RegisterAccess access, int offsetBytes, ulong value)
        {
            if (offsetBytes == Before)
            {
                throw new TimeoutException();
            }
        }

        internal override void AfterRegister(RegisterAccess access, int offsetBytes, ulong value)
        {
            if (offsetBytes == After)
            {
                throw new TimeoutException();
            }
        }
    }
}
