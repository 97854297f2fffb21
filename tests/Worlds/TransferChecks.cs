using System.Buffers.Binary;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Machine;
using Xunit;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>The part of <see cref="ConformanceChecks"/> that moves data: PRP entries of every shape, every I/O command.</summary>
internal static class TransferChecks
{
    internal const int BlockBytes = 512;

    private const int CompareFailure = 0x285;
    private const int InvalidOpcode = 0x01;
    private const uint Durable = 1u << 30;

    internal static void EveryOffset(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        var memory = new TransferMemory(rig, seed: 1, pageCount: 8);
        int[] blocks = [1, 7, 8, 9, 16, 17];
        for (int offset = 0; offset < 4096; offset += 4)
        {
            int length = blocks[offset / 4 % blocks.Length] * BlockBytes;
            Exchange(rig, queue, memory, length, offset, 4092 - offset, listEntry: 0);
        }
    }

    internal static void EveryListStart(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        var memory = new TransferMemory(rig, seed: 2, pageCount: 16);
        for (int entry = 0; entry < 512; entry++)
        {
            Exchange(rig, queue, memory, (17 + (entry % 40)) * BlockBytes, entry * 8 % 4096, 4092, entry);
        }
    }

    internal static void EveryLength(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        int bytesMax = Math.Min(4096 << IdentifyPage(rig, 1, 0)[77], 1 << 20);
        var memory = new TransferMemory(rig, seed: 3, pageCount: (bytesMax / 4096) + 1);
        foreach (int offset in new[] { 0, 4, 2048, 4092 })
        {
            for (int length = BlockBytes; length <= bytesMax; length += Math.Max(BlockBytes, length / 4 / BlockBytes * BlockBytes))
            {
                Exchange(rig, queue, memory, length, offset, 0, listEntry: 500);
            }

            Exchange(rig, queue, memory, bytesMax, offset, offset, listEntry: 511);
        }
    }

    internal static void WriteAndRead(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        var memory = new TransferMemory(rig, seed: 4, pageCount: 4);
        byte[] disk = Disk(rig, queue, memory);
        var random = new Random(4);
        for (int round = 0; round < 200; round++)
        {
            int count = random.Next(1, 17);
            int block = random.Next((int)NvmeRig.BlockCount - count + 1);
            byte[] data = BlockDeviceContractTests.Pattern(count * BlockBytes, round);
            uint flags = round % 3 == 0 ? Durable : 0;
            memory.Put(data, 0);
            Succeed(rig, queue, memory.Command(IoOpcode.Write, (ulong)block, data.Length, 0, flags: flags));
            data.CopyTo(disk, block * BlockBytes);
            if (round % 10 == 0)
            {
                Succeed(rig, queue, rig.Command(0x00, 1));
            }
        }

        AssertDisk(disk, rig, queue, memory);
    }

    internal static void WriteZeroes(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        var memory = new TransferMemory(rig, seed: 5, pageCount: 4);
        byte[] disk = Disk(rig, queue, memory);
        const uint MayDeallocate = 1u << 25;
        foreach ((int first, int count, uint flags) in new[] { (0, 1, 0u), (7, 9, Durable), (64, 100, MayDeallocate), (2047, 1, 0u) })
        {
            Succeed(rig, queue, rig.Transfer(IoOpcode.WriteZeroes, (ulong)first, count, 0, 0, flags));
            disk.AsSpan(first * BlockBytes, count * BlockBytes).Clear();
        }

        AssertDisk(disk, rig, queue, memory);
    }

    internal static void Compare(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        var memory = new TransferMemory(rig, seed: 6, pageCount: 8);
        byte[] disk = Disk(rig, queue, memory);
        foreach (int offset in new[] { 0, 4, 2048, 4092 })
        {
            byte[] data = disk[(11 * BlockBytes)..(31 * BlockBytes)];
            memory.Put(data, offset);
            Succeed(rig, queue, memory.Command(IoOpcode.Compare, 11, data.Length, offset));
            foreach (int wrong in new[] { 0, 4095, data.Length - 1 })
            {
                data[wrong] ^= 1;
                memory.Put(data, offset);
                Assert.Equal(CompareFailure, rig.Run(queue, memory.Command(IoOpcode.Compare, 11, data.Length, offset)).Status);
                data[wrong] ^= 1;
            }
        }

        AssertDisk(disk, rig, queue, memory);
    }

    /// <summary>Deallocated blocks read as before or as zeroes (section 6.7); all others as before.</summary>
    internal static void Deallocate(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        var memory = new TransferMemory(rig, seed: 7, pageCount: 4);
        byte[] disk = Disk(rig, queue, memory);
        foreach (int ranges in new[] { 1, 2, 256 })
        {
            ulong page = rig.Map();
            for (int range = 0; range < ranges; range++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(rig.Bytes(page + (ulong)(range * 16) + 4, 4), 3);
                BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(page + (ulong)(range * 16) + 8, 8), (ulong)(range * 8) + 1);
            }

            Succeed(rig, queue, rig.Command(0x09, 1, page, 0, (uint)ranges - 1, 4));
        }

        byte[] now = ReadDisk(rig, queue, memory);
        for (int block = 0; block < (int)NvmeRig.BlockCount; block++)
        {
            ReadOnlySpan<byte> found = now.AsSpan(block * BlockBytes, BlockBytes);
            bool isKept = found.SequenceEqual(disk.AsSpan(block * BlockBytes, BlockBytes));
            Assert.True(isKept || (block % 8 is 1 or 2 or 3 && !found.ContainsAnyExcept((byte)0)), $"block {block}");
        }
    }

    /// <summary>A command is there if Identify says so (ONCS, figure 247).</summary>
    internal static void OptionalCommands(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        int offered = BinaryPrimitives.ReadUInt16LittleEndian(IdentifyPage(rig, 1, 0).AsSpan(520));
        foreach ((int bit, byte opcode) in new[] { (0, (byte)0x05), (1, (byte)0x04), (2, (byte)0x09), (3, (byte)0x08), (7, (byte)0x0C) })
        {
            ulong page = rig.Map();
            HostCompletion completion = rig.Run(queue, rig.Command(opcode, 1, page, 0, 0, opcode == 0x09 ? 4u : 0));
            bool isThere = (offered >> bit & 1) != 0;
            Assert.True(completion.Status != InvalidOpcode || !isThere, $"opcode {opcode:x}: {completion.Status:x}");
        }
    }

    /// <summary>Writes from memory of one shape, reads into another.</summary>
    private static void Exchange(
        NvmeRig rig, HostQueue queue, TransferMemory memory, int length, int writeOffset, int readOffset, int listEntry)
    {
        byte[] data = BlockDeviceContractTests.Pattern(length, length + writeOffset);
        memory.Put(data, writeOffset);
        Succeed(rig, queue, memory.Command(IoOpcode.Write, 0, length, writeOffset, listEntry));
        memory.Clear(length, readOffset);
        Succeed(rig, queue, memory.Command(IoOpcode.Read, 0, length, readOffset, 511 - listEntry));
        bool isSame = memory.Take(length, readOffset).AsSpan().SequenceEqual(data);
        Assert.True(isSame, $"{length} bytes from {writeOffset}, back to {readOffset}, list at {listEntry}");
    }

    /// <summary>Fills the disk with bytes that differ from block to block.</summary>
    internal static byte[] Disk(NvmeRig rig, HostQueue queue, TransferMemory memory)
    {
        byte[] disk = BlockDeviceContractTests.Pattern((int)NvmeRig.BlockCount * BlockBytes, 99);
        for (int at = 0; at < disk.Length; at += 8192)
        {
            memory.Put(disk.AsSpan(at, 8192), 0);
            Succeed(rig, queue, memory.Command(IoOpcode.Write, (ulong)(at / BlockBytes), 8192, 0));
        }

        return disk;
    }

    internal static byte[] ReadDisk(NvmeRig rig, HostQueue queue, TransferMemory memory)
    {
        byte[] disk = new byte[(int)NvmeRig.BlockCount * BlockBytes];
        for (int at = 0; at < disk.Length; at += 8192)
        {
            memory.Clear(8192, 0);
            Succeed(rig, queue, memory.Command(IoOpcode.Read, (ulong)(at / BlockBytes), 8192, 0));
            memory.Take(8192, 0).CopyTo(disk, at);
        }

        return disk;
    }

    private static void AssertDisk(byte[] expected, NvmeRig rig, HostQueue queue, TransferMemory memory) =>
        Assert.True(ReadDisk(rig, queue, memory).AsSpan().SequenceEqual(expected), "the disk holds something else");

    private static void Succeed(NvmeRig rig, HostQueue queue, SubmissionEntry entry) =>
        Assert.Equal(0, rig.Run(queue, entry).Status);

    internal static byte[] IdentifyPage(NvmeRig rig, uint what, uint nsid)
    {
        ulong page = rig.Map();
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.Identify, what, 0, page, nsid).Status);
        return rig.Bytes(page, 4096).ToArray();
    }
}
