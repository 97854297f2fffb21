using System.Buffers.Binary;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public class NvmeIoTests
{
    private const uint ForceUnitAccess = 1u << 30;

    [Theory]
    [InlineData(512, 1)]
    [InlineData(512, 8)]
    [InlineData(4096, 1)]
    public void Write_ThenRead_GivesTheSameBytes(int blockBytes, int count)
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { BlockBytes = blockBytes }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong source = rig.Map(1, LoanAccess.DeviceReads);
        ulong target = rig.Map(1, LoanAccess.DeviceWrites);
        byte[] written = rig.Fill(source, blockBytes * count);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Write, 5, count, source)).Status);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Read, 5, count, target)).Status);
        Assert.Equal(written, rig.Bytes(target, written.Length));
        Assert.Empty(rig.Faults);
    }

    [Theory]
    [InlineData(0, 2, 0)]
    [InlineData(1024, 8, 0)]
    [InlineData(512, 17, 0)]
    [InlineData(0, 64, 0)]
    [InlineData(2048, 128, 4096 - 16)]
    [InlineData(0, 255, 4096 - 8)]
    [InlineData(0, 256, 2048)]
    public void PrpForms_AllCarryTheData(int offset, int pageCount, int listOffset)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        int length = (pageCount * 4096) - offset;
        ulong[] pages = Pages(rig, pageCount);
        for (int page = 0; page < pageCount; page++)
        {
            rig.Fill(pages[page], 4096, page);
        }

        byte[] expected = Gather(rig, pages, offset, length);
        (ulong prp1, ulong prp2) = Prps(rig, pages, offset, listOffset);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, length / 512, prp1, prp2)).Status);
        foreach (ulong page in pages)
        {
            rig.Bytes(page, 4096).Clear();
        }

        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, length / 512, prp1, prp2)).Status);
        Assert.Equal(expected, Gather(rig, pages, offset, length));
        Assert.True(rig.Bytes(pages[0], offset).IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(2, 8, 0)]
    [InlineData(0, 16, 512)]
    [InlineData(0, 64, 4)]
    public void PrpOffsets_ThatAreIllegal_AreRefused(int offset1, int count, int offset2)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map(4);
        Assert.Equal(0x013, rig.Run(
            queue, rig.Transfer(IoOpcode.Read, 0, count, page + (ulong)offset1, page + 4096 + (ulong)offset2)).Status);
    }

    [Fact]
    public void PrpList_WithAnOffsetInAnEntry_IsRefusedAndWritesNothing()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong data = rig.Map(4);
        ulong list = rig.Map();
        byte[] before = rig.Fill(data, 16384);
        BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(list, 8), data + 4096);
        BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(list + 8, 8), data + 8192 + 512);
        Assert.Equal(0x013, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 24, data, list)).Status);
        Assert.Equal(before, rig.Bytes(data, 16384));
    }

    [Fact]
    public void Transfer_BeyondMdts_IsInvalidField()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { TransferPagesShift = 1 }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong pages = rig.Map(4);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 16, pages, pages + 4096)).Status);
        Assert.Equal(0x002, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 17, pages, pages + 4096)).Status);
    }

    [Theory]
    [InlineData(NvmeRig.BlockCount, 1, 0x080)]
    [InlineData(NvmeRig.BlockCount - 1, 2, 0x080)]
    [InlineData(ulong.MaxValue, 1, 0x080)]
    [InlineData(NvmeRig.BlockCount - 1, 1, 0x000)]
    public void Blocks_BeyondTheEnd_AreOutOfRange(ulong first, int count, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        foreach (IoOpcode opcode in new[] { IoOpcode.Read, IoOpcode.Write, IoOpcode.WriteZeroes, IoOpcode.Compare })
        {
            rig.Bytes(page, 4096).Clear();
            Assert.Equal(status, rig.Run(queue, rig.Transfer(opcode, first, count, page)).Status);
        }
    }

    [Theory]
    [InlineData(0u, 0x00B)]
    [InlineData(2u, 0x00B)]
    [InlineData(0xFFFFFFFFu, 0x002)]
    public void Namespace_ThatIsNotThere_IsRefused(uint nsid, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        SubmissionEntry read = rig.Transfer(IoOpcode.Read, 0, 1, rig.Map());
        read.NamespaceId = nsid;
        Assert.Equal(status, rig.Run(queue, read).Status);
        SubmissionEntry flush = rig.Command((byte)IoOpcode.Flush, nsid);
        Assert.Equal(nsid == 0xFFFFFFFF ? 0 : 0x00B, rig.Run(queue, flush).Status);
    }

    [Fact]
    public void IllegalOpcode_IsInvalid()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(0x001, rig.Run(rig.CreateQueue(1), rig.Command(0x77)).Status);
    }

    [Theory]
    [InlineData((byte)IoOpcode.Read, LoanAccess.DeviceReads)]
    [InlineData((byte)IoOpcode.Write, LoanAccess.DeviceWrites)]
    public void Memory_MappedForTheOtherDirection_IsATransferError(byte opcode, LoanAccess access)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map(1, access);
        byte[] before = rig.Fill(page, 4096);
        Assert.Equal(0x004, rig.Run(queue, rig.Transfer((IoOpcode)opcode, 0, 8, page)).Status);
        Assert.Equal(page, Assert.Single(rig.Faults).BusAddress);
        Assert.Equal(before, rig.Bytes(page, 4096));
    }

    [Fact]
    public void Fence_BeforeACommandRuns_FaultsOnceAndChangesNoByte()
    {
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions { Deferral = new FixedDelay(2) }).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        byte[] before = rig.Fill(page, 4096);
        queue.Put(rig.Transfer(IoOpcode.Read, 0, 8, page));
        queue.Ring();
        rig.Device.Step();
        rig.Window.Fence();
        rig.Window.Map(queue.Completion, LoanAccess.DeviceWrites);
        rig.Steps();
        Assert.True(queue.TryTake(out HostCompletion completion));
        Assert.Equal(0x004, completion.Status);
        Assert.Single(rig.Faults);
        Assert.Equal(before, rig.Bytes(page, 4096));
    }

    [Fact]
    public void WriteZeroes_ClearsTheBlocksAndNoOthers()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong pages = rig.Map(64);
        byte[] expected = rig.Fill(pages, 64 * 4096);
        ulong list = rig.Map();
        for (int page = 1; page < 64; page++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(list + ((ulong)(page - 1) * 8), 8), pages + ((ulong)page * 4096));
        }

        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 512, pages, list)).Status);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.WriteZeroes, 3, 400, 0)).Status);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 512, pages, list)).Status);
        expected.AsSpan(3 * 512, 400 * 512).Clear();
        Assert.Equal(expected, rig.Bytes(pages, expected.Length));
    }

    [Fact]
    public void Deallocate_OfRanges_ReadsAsZero()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        rig.Fill(page, 4096);
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 8, page));
        ulong ranges = rig.Map();
        BinaryPrimitives.WriteUInt32LittleEndian(rig.Bytes(ranges + 4, 4), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(rig.Bytes(ranges + 20, 4), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(ranges + 24, 8), 7);
        Assert.Equal(0, rig.Run(queue, rig.Command((byte)IoOpcode.DatasetManagement, 1, ranges, 0, 1, 4)).Status);
        byte[] expected = rig.Bytes(page, 4096).ToArray();
        expected.AsSpan(0, 1024).Clear();
        expected.AsSpan(7 * 512).Clear();
        rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 8, page));
        Assert.Equal(expected, rig.Bytes(page, 4096));
    }

    [Fact]
    public void Deallocate_WithARangeBeyondTheEnd_ChangesNothing()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        byte[] written = rig.Fill(page, 512);
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 1, page));
        ulong ranges = rig.Map();
        BinaryPrimitives.WriteUInt32LittleEndian(rig.Bytes(ranges + 4, 4), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(rig.Bytes(ranges + 20, 4), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(ranges + 24, 8), NvmeRig.BlockCount);
        Assert.Equal(0x080, rig.Run(queue, rig.Command((byte)IoOpcode.DatasetManagement, 1, ranges, 0, 1, 4)).Status);
        rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 1, page));
        Assert.Equal(written, rig.Bytes(page, 512));
    }

    [Fact]
    public void Compare_TellsEqualFromDifferent()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        rig.Fill(page, 4096);
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 8, page));
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Compare, 0, 8, page)).Status);
        rig.Bytes(page, 4096)[4095] ^= 1;
        Assert.Equal(0x285, rig.Run(queue, rig.Transfer(IoOpcode.Compare, 0, 8, page)).Status);
    }

    [Fact]
    public void WriteUncorrectable_FailsReadsUntilTheBlockIsWritten()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.WriteUncorrectable, 4, 1, 0)).Status);
        HostCompletion failed = rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 8, page));
        Assert.Equal(0x281, failed.Status);
        Assert.False(failed.HasDoNotRetry);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Write, 4, 1, page)).Status);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 8, page)).Status);
    }

    [Fact]
    public void FailedWrites_AreWriteFaultsAndChangeNothing()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        rig.Fill(page, 512);
        rig.Device.Controller.MediaFaults.FailWrites(10, 2);
        Assert.Equal(0x280, rig.Run(queue, rig.Transfer(IoOpcode.Write, 11, 1, page)).Status);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Write, 12, 1, page)).Status);
        rig.Run(queue, rig.Transfer(IoOpcode.Read, 11, 1, page));
        Assert.True(rig.Bytes(page, 512).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void ReadOnlyImage_RefusesEveryChange()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[1 << 20]);
        using NvmeRig rig = new NvmeRig(medium: new FileMedium(path, isReadOnly: true)).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        Assert.Equal(0x020, rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 1, page)).Status);
        Assert.Equal(0x020, rig.Run(queue, rig.Transfer(IoOpcode.WriteZeroes, 0, 1, 0)).Status);
        Assert.Equal(0x020, rig.Run(queue, rig.Command((byte)IoOpcode.DatasetManagement, 1, page, 0, 0, 4)).Status);
        Assert.Equal(0, rig.Run(queue, rig.Transfer(IoOpcode.Read, 0, 1, page)).Status);
        Assert.Equal(0, rig.Run(queue, rig.Command((byte)IoOpcode.Flush)).Status);
        File.Delete(path);
    }

    [Fact]
    public void PowerCut_LosesWhatWasNeitherFlushedNorForced()
    {
        using NvmeRig rig = new NvmeRig(medium: new VolatileCache(new MemoryMedium(1 << 20), 512, 64)).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        rig.Bytes(page, 512).Fill(7);
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 1, page));
        rig.Run(queue, rig.Command((byte)IoOpcode.Flush));
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 1, 1, page, 0, ForceUnitAccess));
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 2, 1, page));
        rig.Device.PowerCut(seed: 0);
        byte[] stored = new byte[3 * 512];
        rig.Medium.Read(0, stored);
        Assert.Equal((7, 7, 0), (stored[0], stored[512], stored[1024]));
    }

    private static ulong[] Pages(NvmeRig rig, int count)
    {
        var pages = new ulong[count];
        for (int page = 0; page < count; page++)
        {
            pages[page] = rig.Map();
        }

        return pages;
    }

    private static byte[] Gather(NvmeRig rig, ulong[] pages, int offset, int length)
    {
        var all = new byte[pages.Length * 4096];
        for (int page = 0; page < pages.Length; page++)
        {
            rig.Bytes(pages[page], 4096).CopyTo(all.AsSpan(page * 4096));
        }

        return all.AsSpan(offset, length).ToArray();
    }

    /// <summary>
    /// PRP1 and PRP2 for the pages; a list starts at the given offset of its page and is chained when it overflows.
    /// </summary>
    private static (ulong Prp1, ulong Prp2) Prps(NvmeRig rig, ulong[] pages, int offset, int listOffset)
    {
        if (pages.Length <= 2)
        {
            return (pages[0] + (ulong)offset, pages.Length == 2 ? pages[1] : 0);
        }

        ulong start = rig.Map() + (ulong)listOffset;
        ulong slot = start;
        for (int page = 1; page < pages.Length; page++)
        {
            if (slot % 4096 == 4088 && page < pages.Length - 1)
            {
                ulong next = rig.Map();
                BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(slot, 8), next);
                slot = next;
            }

            BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(slot, 8), pages[page]);
            slot += 8;
        }

        return (pages[0] + (ulong)offset, start);
    }
}
