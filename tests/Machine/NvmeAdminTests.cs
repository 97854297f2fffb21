using System.Buffers.Binary;
using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public class NvmeAdminTests
{
    private const int MaxQueues = 16;

    [Fact]
    public void IllegalOpcode_IsRefusedForGood()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostCompletion completion = rig.RunAdmin((AdminOpcode)0x7F);
        Assert.Equal(0x001, completion.Status);
        Assert.True(completion.HasDoNotRetry);
        Assert.Equal(1, completion.SubmissionHead);
    }

    [Theory]
    [InlineData(0x0100u)]
    [InlineData(0x4000u)]
    public void FusedOrSgl_IsInvalidField(uint flags)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        SubmissionEntry entry = rig.Command((byte)AdminOpcode.Identify, 0, rig.Map(), 0, 1);
        entry.Dword0 |= flags;
        Assert.Equal(0x002, rig.Run(rig.Admin, entry).Status);
    }

    [Fact]
    public void IdentifyController_TellsLimits()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        ulong page = rig.Map();
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.Identify, 1, 0, page).Status);
        ReadOnlySpan<byte> data = rig.Bytes(page, 4096);
        Assert.Equal(8, data[77]);
        Assert.Equal(0x00010400u, BinaryPrimitives.ReadUInt32LittleEndian(data[80..]));
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(data[516..]));
        Assert.Equal(0x66, data[512]);
        Assert.Equal(0x44, data[513]);
    }

    [Theory]
    [InlineData(512, 9)]
    [InlineData(4096, 12)]
    public void IdentifyNamespace_TellsSizeAndFormat(int blockBytes, int shift)
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { BlockBytes = blockBytes }).Enable();
        ulong page = rig.Map();
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.Identify, 0, 0, page, nsid: 1).Status);
        Assert.Equal(NvmeRig.BlockCount, BinaryPrimitives.ReadUInt64LittleEndian(rig.Bytes(page, 8)));
        Assert.Equal(shift, rig.Bytes(page, 4096)[130]);
    }

    [Theory]
    [InlineData(0u, 0u, 0x00B)]
    [InlineData(0u, 2u, 0x00B)]
    [InlineData(0u, 0xFFFFFFFFu, 0x00B)]
    [InlineData(2u, 0xFFFFFFFEu, 0x00B)]
    [InlineData(3u, 2u, 0x00B)]
    [InlineData(0x10u, 1u, 0x002)]
    public void Identify_OfWhatIsNotThere_IsRefused(uint cns, uint nsid, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(status, rig.RunAdmin(AdminOpcode.Identify, cns, 0, rig.Map(), nsid).Status);
    }

    [Fact]
    public void IdentifyActiveList_HasTheNamespacesAboveTheGivenOne()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        ulong page = rig.Map();
        rig.RunAdmin(AdminOpcode.Identify, 2, 0, page, nsid: 0);
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(rig.Bytes(page, 4)));
        rig.RunAdmin(AdminOpcode.Identify, 2, 0, page, nsid: 1);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(rig.Bytes(page, 4)));
    }

    [Fact]
    public void IdentifyDescriptors_EndWithLengthZero()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        ulong page = rig.Map();
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.Identify, 3, 0, page, nsid: 1).Status);
        ReadOnlySpan<byte> data = rig.Bytes(page, 4096);
        Assert.Equal((1, 8, 2, 16, 0), (data[0], data[1], data[12], data[13], data[33]));
    }

    [Fact]
    public void Identify_IntoABufferAcrossPages_UsesBothEntries()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        ulong first = rig.Map();
        ulong second = rig.Map();
        SubmissionEntry entry = rig.Command((byte)AdminOpcode.Identify, 0, first + 2048, second, 1);
        Assert.Equal(0, rig.Run(rig.Admin, entry).Status);
        Assert.Equal(0x1B36, BinaryPrimitives.ReadUInt16LittleEndian(rig.Bytes(first + 2048, 2)));
        Assert.Equal(2500, BinaryPrimitives.ReadUInt16LittleEndian(rig.Bytes(second, 2)));
    }

    [Fact]
    public void Identify_IntoMemoryOutOfReach_IsATransferErrorAndOneFault()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        ulong unmapped = rig.Allocate();
        byte[] before = rig.Fill(unmapped, 4096);
        Assert.Equal(0x004, rig.RunAdmin(AdminOpcode.Identify, 1, 0, unmapped).Status);
        Assert.Single(rig.Faults);
        Assert.Equal(before, rig.Bytes(unmapped, 4096));
    }

    [Theory]
    [InlineData(0, 16, 1u, 0u, 0x101)]
    [InlineData(MaxQueues + 1, 16, 1u, 0u, 0x101)]
    [InlineData(1, 1, 1u, 0u, 0x102)]
    [InlineData(1, 4097, 1u, 0u, 0x102)]
    [InlineData(1, 16, 0u, 0u, 0x002)]
    [InlineData(1, 16, 3u, MaxQueues + 1u, 0x108)]
    [InlineData(1, 16, 1u, 0u, 0x000)]
    [InlineData(MaxQueues, 4096, 1u, 0u, 0x000)]
    public void CreateCompletionQueue_ChecksItsFields(int id, int size, uint flags, uint vector, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(status, rig.CreateCompletion(id, size, rig.Map(64), flags, vector).Status);
    }

    [Fact]
    public void CreateCompletionQueue_Twice_IsInvalidIdentifier()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(0, rig.CreateCompletion(1, 16, rig.Map()).Status);
        Assert.Equal(0x101, rig.CreateCompletion(1, 16, rig.Map()).Status);
    }

    [Fact]
    public void CreateCompletionQueue_Misaligned_IsPrpOffsetInvalid()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(0x013, rig.CreateCompletion(1, 16, rig.Map() + 64).Status);
    }

    [Theory]
    [InlineData(0, 16, 1, 1u, 0x101)]
    [InlineData(MaxQueues + 1, 16, 1, 1u, 0x101)]
    [InlineData(1, 16, 0, 1u, 0x101)]
    [InlineData(1, 16, MaxQueues + 1, 1u, 0x101)]
    [InlineData(1, 16, 2, 1u, 0x100)]
    [InlineData(1, 1, 1, 1u, 0x102)]
    [InlineData(1, 16, 1, 0u, 0x002)]
    [InlineData(5, 16, 1, 1u, 0x000)]
    public void CreateSubmissionQueue_ChecksItsFields(int id, int size, int completionId, uint flags, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(0, rig.CreateCompletion(1, 16, rig.Map()).Status);
        Assert.Equal(status, rig.CreateSubmission(id, size, rig.Map(), completionId, flags).Status);
    }

    [Fact]
    public void DeleteQueues_InOrder_WorksOnceAndInThatOrderOnly()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.CreateQueue(1);
        Assert.Equal(0x10C, rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1).Status);
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.DeleteSubmissionQueue, 1).Status);
        Assert.Equal(0x101, rig.RunAdmin(AdminOpcode.DeleteSubmissionQueue, 1).Status);
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1).Status);
        Assert.Equal(0x101, rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1).Status);
        Assert.Equal(0x101, rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 0).Status);
    }

    [Fact]
    public void NumberOfQueues_Set_BoundsIdentifiersAndIsReadBack()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(0x0001_0001u, rig.RunAdmin(AdminOpcode.SetFeatures, 7, 0x0001_0001).Dword0);
        Assert.Equal(0x0001_0001u, rig.RunAdmin(AdminOpcode.GetFeatures, 7).Dword0);
        Assert.Equal(0x101, rig.CreateCompletion(3, 16, rig.Map()).Status);
        Assert.Equal(0, rig.CreateCompletion(2, 16, rig.Map()).Status);
        Assert.Equal(0x00C, rig.RunAdmin(AdminOpcode.SetFeatures, 7, 0x0001_0001).Status);
    }

    [Theory]
    [InlineData(7u, 0xFFFFu, 0u, 0x002)]
    [InlineData(7u, 0xFFFF0000u, 0u, 0x002)]
    [InlineData(0x3Fu, 0u, 0u, 0x002)]
    [InlineData(0x80000001u, 0u, 0u, 0x10D)]
    [InlineData(1u, 0u, 1u, 0x10F)]
    [InlineData(2u, 1u, 0u, 0x002)]
    [InlineData(9u, 0xFFu, 0u, 0x002)]
    [InlineData(5u, 0u, 9u, 0x00B)]
    [InlineData(6u, 1u, 0u, 0x002)]
    public void SetFeatures_ChecksItsFields(uint dword10, uint dword11, uint nsid, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(status, rig.RunAdmin(AdminOpcode.SetFeatures, dword10, dword11, 0, nsid).Status);
    }

    [Fact]
    public void Features_AfterAControllerReset_AreDefaults()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.RunAdmin(AdminOpcode.SetFeatures, 1, 3);
        Assert.Equal(3u, rig.RunAdmin(AdminOpcode.GetFeatures, 1).Dword0);
        Assert.Equal(0u, rig.RunAdmin(AdminOpcode.GetFeatures, 1 | (1 << 8)).Dword0);
        Assert.Equal(4u, rig.RunAdmin(AdminOpcode.GetFeatures, 1 | (3 << 8)).Dword0);
        rig.Registers.Write32(0x14, 0);
        rig.Enable();
        Assert.Equal(0u, rig.RunAdmin(AdminOpcode.GetFeatures, 1).Dword0);
    }

    [Fact]
    public void ErrorLog_AfterErrors_HasTheNewestFirst()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.RunAdmin((AdminOpcode)0x7F);
        HostCompletion second = rig.RunAdmin(AdminOpcode.DeleteSubmissionQueue, 9);
        ulong page = rig.Map();
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.GetLogPage, 1 | (31 << 16), 0, page).Status);
        ReadOnlySpan<byte> log = rig.Bytes(page, 128);
        Assert.Equal(2ul, BinaryPrimitives.ReadUInt64LittleEndian(log));
        Assert.Equal(second.CommandId, BinaryPrimitives.ReadUInt16LittleEndian(log[10..]));
        Assert.Equal(second.RawStatus, BinaryPrimitives.ReadUInt16LittleEndian(log[12..]) >> 1);
        Assert.Equal(1ul, BinaryPrimitives.ReadUInt64LittleEndian(log[64..]));
    }

    [Theory]
    [InlineData(0x7Fu, 0u, 0u, 0x109)]
    [InlineData(0x02u, 0u, 2u, 0x00B)]
    [InlineData(0x02u, 2u, 0u, 0x002)]
    [InlineData(0x02u, 516u, 0u, 0x002)]
    [InlineData(0x02u, 8u, 0xFFFFFFFFu, 0x000)]
    [InlineData(0x03u, 0u, 0u, 0x000)]
    [InlineData(0x05u, 0u, 0u, 0x000)]
    public void GetLogPage_ChecksItsFields(uint page, uint offset, uint nsid, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        SubmissionEntry entry = rig.Command(
            (byte)AdminOpcode.GetLogPage, nsid, rig.Map(), 0, page | (127 << 16), 0, offset);
        Assert.Equal(status, rig.Run(rig.Admin, entry).Status);
    }

    [Fact]
    public void HealthLog_CountsCommandsAndData()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 8, page));
        rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 8, page));
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.GetLogPage, 2 | (127 << 16), 0, page).Status);
        ReadOnlySpan<byte> log = rig.Bytes(page, 512);
        Assert.Equal(313, BinaryPrimitives.ReadUInt16LittleEndian(log[1..]));
        Assert.Equal((1, 1, 1, 1), (log[32], log[48], log[64], log[80]));
    }

    [Fact]
    public void EventRequests_BeyondTheLimit_AreRefused()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        for (int request = 0; request < 4; request++)
        {
            rig.Admin.Put(rig.Command((byte)AdminOpcode.AsynchronousEventRequest, 0));
        }

        rig.Admin.Ring();
        Assert.False(rig.Admin.TryTake(out _));
        Assert.Equal(0x105, rig.RunAdmin(AdminOpcode.AsynchronousEventRequest).Status);
    }

    [Theory]
    [InlineData(0x1008, 5u, 0x0001_0000u)]
    [InlineData(0x1000, 32u, 0x0001_0100u)]
    [InlineData(0x1004, 32u, 0x0001_0100u)]
    [InlineData(0x1004, 20u, 0x0001_0100u)]
    public void InvalidDoorbell_IsReportedAsAnEvent(int offset, uint value, uint dword0)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Admin.Put(rig.Command((byte)AdminOpcode.AsynchronousEventRequest, 0));
        rig.Admin.Ring();
        rig.Registers.Write32(offset, value);
        Assert.True(rig.Admin.TryTake(out HostCompletion completion));
        Assert.Equal(dword0, completion.Dword0);
        Assert.Equal(0, completion.Status);
    }

    [Fact]
    public void Event_OfOneType_IsMaskedUntilTheLogPageIsRead()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Admin.Put(rig.Command((byte)AdminOpcode.AsynchronousEventRequest, 0));
        rig.Admin.Put(rig.Command((byte)AdminOpcode.AsynchronousEventRequest, 0));
        rig.Admin.Ring();
        rig.Registers.Write32(0x1008, 1);
        rig.Registers.Write32(0x1008, 1);
        Assert.True(rig.Admin.TryTake(out _));
        Assert.False(rig.Admin.TryTake(out _));
        rig.Admin.Put(rig.Command((byte)AdminOpcode.GetLogPage, 0, rig.Map(), 0, 1));
        rig.Admin.Ring();
        Assert.True(rig.Admin.TryTake(out HostCompletion log));
        Assert.Equal(0u, log.Dword0);
        Assert.True(rig.Admin.TryTake(out HostCompletion second));
        Assert.Equal(0x0001_0000u, second.Dword0);
    }

    [Fact]
    public void TemperatureThreshold_Crossed_IsReportedWhenConfigured()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.RunAdmin(AdminOpcode.SetFeatures, 0x0B, 2);
        rig.Admin.Put(rig.Command((byte)AdminOpcode.AsynchronousEventRequest, 0));
        rig.Admin.Ring();
        rig.RunAdmin(AdminOpcode.SetFeatures, 4, 300);
        Assert.True(rig.Admin.TryTake(out HostCompletion completion));
        Assert.Equal(0x0002_0101u, completion.Dword0);
    }

    [Fact]
    public void Abort_OfAnEventRequest_AnswersBoth()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        SubmissionEntry request = rig.Command((byte)AdminOpcode.AsynchronousEventRequest, 0);
        rig.Admin.Put(request);
        rig.Admin.Put(rig.Command((byte)AdminOpcode.Abort, 0, 0, 0, (uint)request.CommandId << 16));
        rig.Admin.Ring();
        Assert.True(rig.Admin.TryTake(out HostCompletion aborted));
        Assert.Equal((request.CommandId, 0x007), (aborted.CommandId, aborted.Status));
        Assert.True(rig.Admin.TryTake(out HostCompletion abort));
        Assert.Equal((0u, 0), (abort.Dword0, abort.Status));
    }

    [Fact]
    public void Abort_OfACommandInFlight_EndsItEarly()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new SlowIo() }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        SubmissionEntry read = rig.Transfer(IoOpcode.Read, 0, 1, rig.Map());
        queue.Put(read);
        queue.Ring();
        rig.Device.Step();
        rig.Admin.Put(rig.Command((byte)AdminOpcode.Abort, 0, 0, 0, 1 | ((uint)read.CommandId << 16)));
        rig.Admin.Ring();
        rig.Device.Step();
        Assert.True(rig.Admin.TryTake(out HostCompletion abort));
        Assert.Equal(0u, abort.Dword0);
        Assert.True(queue.TryTake(out HostCompletion aborted));
        Assert.Equal((read.CommandId, 0x007), (aborted.CommandId, aborted.Status));
        rig.Steps();
        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public void DeleteSubmissionQueue_WithCommandsInFlight_DropsThem()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new SlowIo() }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        queue.Put(rig.Transfer(IoOpcode.Read, 0, 1, rig.Map()));
        queue.Ring();
        rig.Device.Step();
        Assert.Equal(1, rig.Device.Controller.PendingCount);
        rig.Admin.Put(rig.Command((byte)AdminOpcode.DeleteSubmissionQueue, 0, 0, 0, 1));
        rig.Admin.Ring();
        rig.Device.Step();
        Assert.True(rig.Admin.TryTake(out HostCompletion deleted));
        Assert.Equal(0, deleted.Status);
        rig.Steps();
        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public void Abort_OfWhatIsNotThere_SaysSo()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(1u, rig.RunAdmin(AdminOpcode.Abort, 0x0063_0000).Dword0);
        Assert.Equal(0x002, rig.RunAdmin(AdminOpcode.Abort, 7).Status);
    }

    [Fact]
    public void CommandId_InUse_Conflicts()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        SubmissionEntry request = rig.Command((byte)AdminOpcode.AsynchronousEventRequest, 0);
        rig.Admin.Put(request);
        rig.Admin.Ring();
        Assert.Equal(0x003, rig.Run(rig.Admin, request).Status);
    }

    private sealed class SlowIo : CompletionPolicy
    {
        internal override int StepsUntilDone(int queueId, ushort commandId) => queueId == 0 ? 0 : 100;
    }
}
