using System.Runtime.InteropServices;
using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

/// <summary>
/// Whatever a driver writes: nothing is thrown, nothing outside the mapped pages changes, no command is answered twice.
/// </summary>
public class NvmeFuzzTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void RandomCommands_NeverEscapeTheirPagesNorAnswerTwice(int seed, bool isDeferred)
    {
        var random = new Random(seed);
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions
        {
            Deferral = isDeferred ? new SeededDelay((ulong)seed, 5) : null,
        }).Enable();
        HostQueue[] queues = [rig.Admin, rig.CreateQueue(1), rig.CreateQueue(2, 8, 4)];
        ulong mapped = rig.Map(16);
        ulong canary = rig.Allocate(16);
        byte[] before = rig.Fill(canary, 16 * 4096);
        var outstanding = new HashSet<(int Queue, ushort Command)>();
        for (int round = 0; round < 50_000; round++)
        {
            HostQueue queue = queues[random.Next(queues.Length)];
            if (outstanding.Count(entry => entry.Queue == queue.Id) < queue.Size - 1)
            {
                SubmissionEntry entry = RandomEntry(rig, random, queue.Id, mapped, canary);
                outstanding.Add((queue.Id, entry.CommandId));
                queue.Put(entry);
                queue.Ring();
            }

            rig.Device.Step();
            TakeAll(queues, outstanding);
        }

        Assert.Equal(before, rig.Bytes(canary, before.Length));
        Assert.Equal(1u, rig.Status);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void RandomRegisterWrites_NeverThrowNorEscape(int seed, bool isDeferred)
    {
        var random = new Random(seed);
        using NvmeRig rig = new NvmeRig(new SimulatedNvmeOptions
        {
            Deferral = isDeferred ? new SeededDelay((ulong)seed, 5) : null,
        });
        ulong mapped = rig.Map(16);
        ulong canary = rig.Allocate(16);
        byte[] before = rig.Fill(canary, 16 * 4096);
        int[] offsets =
        [
            0x14, 0x14, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x34, 0x1000, 0x1000, 0x1004, 0x1008, 0x100C, 0x1010, 0x0C, 0x1C,
        ];
        for (int round = 0; round < 100_000; round++)
        {
            SubmissionEntry entry = RandomEntry(rig, random, 0, mapped, canary);
            MemoryMarshal.Write(rig.Bytes(mapped + (ulong)(random.Next(1024) * 64), 64), in entry);
            int offset = offsets[random.Next(offsets.Length)];
            rig.Registers.Write32(offset, RandomValue(random, offset, mapped));
            rig.Registers.Read32(random.Next(2048) * 4);
            rig.Device.GetBar(4)!.Write32(random.Next(1024) * 4, (uint)random.Next());
            rig.Device.Step();
        }

        Assert.Equal(before, rig.Bytes(canary, before.Length));
        rig.Device.Reset();
        rig.Enable();
    }

    private static void TakeAll(HostQueue[] queues, HashSet<(int Queue, ushort Command)> outstanding)
    {
        foreach (HostQueue queue in queues)
        {
            while (queue.TryTake(out HostCompletion completion))
            {
                Assert.True(outstanding.Remove((completion.QueueId, completion.CommandId)), "answered twice, or never asked");
            }
        }
    }

    private static uint RandomValue(Random random, int offset, ulong mapped) => offset switch
    {
        0x14 => random.Next(4) == 0 ? (uint)random.Next() : 0x0046_0000u | (uint)random.Next(2),
        0x20 => random.Next(50) == 0 ? 0x4E564D65u : (uint)random.Next(),
        0x24 => (uint)random.Next(64) | ((uint)random.Next(64) << 16),
        0x28 or 0x30 => (uint)mapped + ((uint)random.Next(20) * 4096),
        0x2C or 0x34 => random.Next(20) == 0 ? 1u : 0u,
        _ => (uint)random.Next(70),
    };

    /// <summary>
    /// Half plausible, half noise. Queue 1 and 2 must live, so that the host side of the test stays in step: no deletion.
    /// </summary>
    private static SubmissionEntry RandomEntry(NvmeRig rig, Random random, int queueId, ulong mapped, ulong canary)
    {
        byte opcode = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)random.Next(0x0D);
        if (queueId == 0 && opcode is 0x00 or 0x04)
        {
            opcode = 0x06;
        }

        SubmissionEntry entry = rig.Command(
            opcode, (uint)random.Next(3), Address(), Address(), (uint)random.Next(3000), (uint)random.Next(8));
        entry.Dword0 |= random.Next(8) == 0 ? (uint)random.Next() & 0xFF00 : 0;
        entry.Dword11 = queueId == 0 ? (uint)random.Next() : random.Next(16) == 0 ? (uint)random.Next() : 0;
        entry.Dword12 = (uint)random.Next(600) | (random.Next(4) == 0 ? 1u << 30 : 0);
        return entry;

        ulong Address() => random.Next(10) switch
        {
            0 => canary + ((ulong)random.Next(16) * 4096),
            1 => (ulong)random.NextInt64(),
            2 => mapped + (ulong)random.Next(60_000),
            _ => mapped + ((ulong)random.Next(16) * 4096),
        };
    }
}
