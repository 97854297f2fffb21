using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public class NvmeQueueTests
{
    [Fact]
    public void PhaseTag_FlipsAtEveryWrap()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1, size: 5, completionSize: 3);
        ulong page = rig.Map();
        for (int command = 0; command < 50; command++)
        {
            HostCompletion completion = rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 1, page));
            Assert.Equal((0, 1, (command + 1) % 5), (completion.Status, completion.QueueId, completion.SubmissionHead));
        }
    }

    [Fact]
    public void CompletionQueue_Full_StopsTheDeviceUntilTheHeadMoves()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1, size: 16, completionSize: 4);
        ulong page = rig.Map();
        for (int command = 0; command < 10; command++)
        {
            queue.Put(rig.Transfer(IoOpcode.Read, 0, 1, page));
        }

        queue.Ring();
        for (int taken = 0; taken < 3; taken++)
        {
            Assert.True(queue.TryTake(out _, ringsDoorbell: false));
        }

        Assert.False(queue.TryTake(out _, ringsDoorbell: false));
        queue.RingHead();
        for (int taken = 3; taken < 10; taken++)
        {
            Assert.True(queue.TryTake(out _));
        }

        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public void CompletionQueue_Shared_NamesTheSubmissionQueue()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue first = rig.CreateQueue(1);
        ulong memory = rig.Map();
        Assert.Equal(0, rig.CreateSubmission(2, 16, memory, 1).Status);
        var second = new HostQueue(rig, 2, memory, 0, 16, 16);
        second.Put(rig.Command((byte)IoOpcode.Flush));
        second.Ring();
        Assert.True(first.TryTake(out HostCompletion completion));
        Assert.Equal(2, completion.QueueId);
    }

    [Fact]
    public void Arbitration_Deferred_TakesQueuesInTurn()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new FixedDelay(0) }).Enable();
        HostQueue first = rig.CreateQueue(1);
        ulong memory = rig.Map();
        rig.CreateSubmission(2, 16, memory, 1);
        var second = new HostQueue(rig, 2, memory, 0, 16, 16);
        for (int command = 0; command < 3; command++)
        {
            first.Put(rig.Command((byte)IoOpcode.Flush));
            second.Put(rig.Command((byte)IoOpcode.Flush));
        }

        first.Ring();
        second.Ring();
        rig.Steps();
        int[] order = new int[6];
        for (int index = 0; index < order.Length; index++)
        {
            Assert.True(first.TryTake(out HostCompletion completion));
            order[index] = completion.QueueId;
        }

        Assert.Equal(order[0] == 1 ? [1, 2, 1, 2, 1, 2] : new[] { 2, 1, 2, 1, 2, 1 }, order);
    }

    [Fact]
    public void Deferred_WithASeed_ReordersTheSameWayEachTime()
    {
        ushort[] first = DeferredOrder(7);
        Assert.Equal(first, DeferredOrder(7));
        Assert.NotEqual(first, DeferredOrder(8));
        Assert.NotEqual(first.Order(), first);
        Assert.Equal(32, first.Distinct().Count());
    }

    [Fact]
    public void Deferred_CommandIdInUse_Conflicts()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new FixedDelay(1) }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        SubmissionEntry read = rig.Transfer(IoOpcode.Read, 0, 1, rig.Map());
        queue.Put(read);
        queue.Put(read);
        queue.Ring();
        rig.Steps();
        Assert.True(queue.TryTake(out HostCompletion conflict));
        Assert.Equal(0x003, conflict.Status);
        Assert.True(queue.TryTake(out HostCompletion done));
        Assert.Equal(0, done.Status);
    }

    /// <summary>Who leaps to what is due next would stand still before a command that is overdue and never carried out.</summary>
    [Fact]
    public void NextDue_OfAControllerThatHasFailed_NeverComes()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new SlowQueues(), Clock = () => 7 }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        queue.Put(rig.Command((byte)IoOpcode.Flush));
        queue.Ring();
        rig.Device.Step();
        Assert.Equal(7 + SlowQueues.Steps, rig.Device.Controller.NextDue);
        rig.Device.Controller.Fail();
        Assert.Equal(long.MaxValue, rig.Device.Controller.NextDue);
    }

    [Fact]
    public void Step_WithNothingToDo_SaysSo()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new FixedDelay(3) }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        Assert.False(rig.Device.Step());
        queue.Put(rig.Command((byte)IoOpcode.Flush));
        queue.Ring();
        Assert.True(rig.Device.Step());
        Assert.True(rig.Device.Step());
        Assert.True(rig.Device.Step());
        Assert.True(rig.Device.Step());
        Assert.False(rig.Device.Step());
        Assert.True(queue.TryTake(out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Interrupt_IsRaisedWhereTheQueueWantsIt(bool hasInterrupt)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(3, hasInterrupt: hasInterrupt);
        Assert.False(rig.IsSignaled(3));
        rig.Run(queue, rig.Command((byte)IoOpcode.Flush));
        Assert.Equal(hasInterrupt, rig.IsSignaled(3));
        Assert.False(rig.IsSignaled(2));
    }

    [Fact]
    public void Interrupt_Masked_StaysPendingUntilUnmasked()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1, hasInterrupt: true);
        KernelEvent interrupt = rig.Device.GetInterrupt(1);
        RedLeafSharp.Devices.RegisterBank table = rig.Device.GetBar(4)!;
        table.Write32(16 + 12, 1);
        rig.Run(queue, rig.Command((byte)IoOpcode.Flush));
        Assert.False(interrupt.IsSignaled);
        Assert.Equal(2u, table.Read32(0x800) & 2);
        table.Write32(16 + 12, 0);
        Assert.True(interrupt.IsSignaled);
        Assert.Equal(0u, table.Read32(0x800) & 2);
    }

    [Theory]
    [InlineData((int)CommandFaultKind.DropCommand, 0, false, 0)]
    [InlineData((int)CommandFaultKind.DropCompletion, 0, false, 0)]
    [InlineData((int)CommandFaultKind.FlipPhase, 0, false, 0)]
    [InlineData((int)CommandFaultKind.Fatal, 0, false, 0)]
    [InlineData((int)CommandFaultKind.Status, 0x281, true, 0x281)]
    [InlineData((int)CommandFaultKind.Late, 3, true, 0)]
    [InlineData((int)CommandFaultKind.WrongCommandId, 999, true, 0)]
    [InlineData((int)CommandFaultKind.Duplicate, 0, true, 0)]
    public void CommandFault_OnOneCommand_HappensToThatOne(int kind, int argument, bool isAnswered, int status)
    {
        var faults = new OneFault(new CommandFault((CommandFaultKind)kind, argument));
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Faults = faults }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        rig.Run(queue, rig.Command((byte)IoOpcode.Flush));
        SubmissionEntry hit = rig.Command((byte)IoOpcode.Flush);
        queue.Put(hit);
        queue.Ring();
        Assert.Equal(isAnswered && kind != (int)CommandFaultKind.Late, queue.TryTake(out HostCompletion completion));
        rig.Steps();
        if (kind == (int)CommandFaultKind.Late)
        {
            Assert.True(queue.TryTake(out completion));
        }

        Assert.Equal(status, completion.Status);
        Assert.Equal(kind == (int)CommandFaultKind.WrongCommandId, isAnswered && completion.CommandId != hit.CommandId);
        Assert.Equal(kind == (int)CommandFaultKind.Duplicate, queue.TryTake(out _));
        Assert.Equal(kind == (int)CommandFaultKind.Fatal, (rig.Status & 2) != 0);
    }

    private static ushort[] DeferredOrder(ulong seed)
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new SeededDelay(seed, 16) }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        for (int command = 0; command < 32; command++)
        {
            queue.Put(rig.Transfer(IoOpcode.Read, 0, 1, page));
        }

        queue.Ring();
        rig.Steps();
        var order = new List<ushort>();
        while (queue.TryTake(out HostCompletion completion))
        {
            order.Add(completion.CommandId);
        }

        return [.. order];
    }

    private sealed class SlowQueues : CompletionPolicy
    {
        internal const int Steps = 5;

        internal override int StepsUntilDone(int queueId, ushort commandId) => queueId == 0 ? 0 : Steps;
    }

    private sealed class OneFault(CommandFault fault) : NvmeFaults
    {
        internal override CommandFault OnCommand(int queueId, long index, in SubmissionEntry command) =>
            queueId == 1 && index == 1 ? fault : default;
    }
}
