using System.Buffers.Binary;
using System.Text;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.Machine;
using Xunit;
using static RedLeafSharp.Tests.Worlds.TransferChecks;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>
/// What every NVMe controller must do, checked at its registers, with the data of each command compared: the same code for
/// the simulated controller and for QEMU's. Statuses of malformed commands are the matter of <see cref="ProtocolScenarios"/>.
/// </summary>
internal static class ConformanceChecks
{
    private const int Queues = 16;
    private const int AbortRequested = 0x07;

    internal static IReadOnlyDictionary<string, Action<NvmeRig>> All { get; } = new Dictionary<string, Action<NvmeRig>>
    {
        ["capabilities"] = Capabilities,
        ["identify"] = Identify,
        ["every queue"] = EveryQueue,
        ["queues with one completion queue"] = SharedCompletionQueue,
        ["queues of every size"] = EverySize,
        ["a full completion queue"] = FullCompletionQueue,
        ["PRP offsets"] = EveryOffset,
        ["PRP lists"] = EveryListStart,
        ["PRP lengths"] = EveryLength,
        ["write and read"] = WriteAndRead,
        ["write zeroes"] = WriteZeroes,
        ["compare"] = Compare,
        ["deallocate"] = Deallocate,
        ["optional commands"] = OptionalCommands,
        ["reset under load"] = ResetUnderLoad,
        ["abort under load"] = AbortUnderLoad,
    };

    private static void Capabilities(NvmeRig rig)
    {
        ulong capabilities = rig.Registers.Read64(0);
        Assert.True((capabilities & 0xFFFF) >= 1, "CAP.MQES is 0's based and at least 1 (figure 69)");
        Assert.Equal(1u, (uint)(capabilities >> 37) & 1);
        Assert.Equal(0u, (uint)(capabilities >> 48) & 0xF);
        Assert.True((capabilities >> 24 & 0xFF) > 0, "CAP.TO");
        Assert.True(rig.Registers.Read32(8) >= 0x0001_0000, "VS");
        Assert.Equal(1u, rig.Status);
    }

    private static void Identify(NvmeRig rig)
    {
        byte[] controller = IdentifyPage(rig, 1, 0);
        Assert.Equal(0x66, controller[512]);
        Assert.Equal(0x44, controller[513]);
        Assert.True(BinaryPrimitives.ReadUInt32LittleEndian(controller.AsSpan(516)) >= 1, "NN");
        Assert.Equal(rig.Registers.Read32(8), BinaryPrimitives.ReadUInt32LittleEndian(controller.AsSpan(80)));
        Assert.DoesNotContain(controller[4..72], one => one is < 0x20 or > 0x7E);
        Assert.StartsWith("RL-", Encoding.ASCII.GetString(controller, 4, 20));

        byte[] space = IdentifyPage(rig, 0, 1);
        Assert.Equal((ulong)NvmeRig.BlockCount, BinaryPrimitives.ReadUInt64LittleEndian(space));
        Assert.Equal(space[..8], space[8..16]);
        int format = space[26] & 0xF;
        Assert.Equal(9, space[128 + (4 * format) + 2]);

        byte[] active = IdentifyPage(rig, 2, 0);
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(active));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(active.AsSpan(4)));
    }

    private static void EveryQueue(NvmeRig rig)
    {
        HostQueue[] queues = [.. Enumerable.Range(1, Queues).Select(id => rig.CreateQueue(id, size: 4, completionSize: 3))];
        for (int round = 0; round < 9; round++)
        {
            foreach (HostQueue queue in queues)
            {
                HostCompletion completion = rig.Run(queue, rig.Command(0x00, 1));
                Assert.Equal((0, queue.Id), (completion.Status, completion.QueueId));
            }
        }

        foreach (HostQueue queue in queues)
        {
            Assert.Equal(0, rig.RunAdmin(AdminOpcode.DeleteSubmissionQueue, (uint)queue.Id).Status);
            Assert.Equal(0, rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, (uint)queue.Id).Status);
        }

        Assert.Equal(0, rig.Run(rig.CreateQueue(Queues), rig.Command(0x00, 1)).Status);
    }

    private static void SharedCompletionQueue(NvmeRig rig)
    {
        HostQueue first = rig.CreateQueue(1);
        ulong ring = rig.Map();
        Assert.Equal(0, rig.CreateSubmission(2, 8, ring, completionId: 1).Status);
        var second = new HostQueue(rig, 2, ring, first.Completion, 8, 64);
        var seen = new List<int>();
        for (int round = 0; round < 12; round++)
        {
            HostQueue queue = round % 3 == 0 ? first : second;
            queue.Put(rig.Command(0x00, 1));
            queue.Ring();
            Assert.True(rig.TryAwait(first, out HostCompletion completion));
            Assert.Equal(queue.Tail, completion.SubmissionHead);
            seen.Add(completion.QueueId);
        }

        Assert.Equal((4, 8), (seen.Count(id => id == 1), seen.Count(id => id == 2)));
    }

    private static void EverySize(NvmeRig rig)
    {
        foreach (int size in new[] { 2, 3, 5, 16, 63, 64 })
        {
            HostQueue queue = rig.CreateQueue(1, size, 64);
            for (int round = 0; round < 3 * size; round++)
            {
                Assert.Equal(0, rig.Run(queue, rig.Command(0x00, 1)).Status);
            }

            Assert.Equal(0, rig.RunAdmin(AdminOpcode.DeleteSubmissionQueue, 1).Status);
            Assert.Equal(0, rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1).Status);
        }
    }

    /// <summary>A controller waits for room; it neither overwrites completions nor forgets commands (section 4.1).</summary>
    private static void FullCompletionQueue(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1, size: 32, completionSize: 4);
        for (int command = 0; command < 20; command++)
        {
            queue.Put(rig.Command(0x00, 1));
        }

        queue.Ring();
        var identifiers = new HashSet<int>();
        for (int taken = 0; taken < 20; taken++)
        {
            Assert.True(rig.TryAwait(queue, out HostCompletion completion), $"{taken} of 20");
            Assert.True(identifiers.Add(completion.CommandId));
        }

        rig.Steps();
        Assert.False(queue.TryTake(out _));
    }

    private static void ResetUnderLoad(NvmeRig rig)
    {
        var memory = new TransferMemory(rig, seed: 8, pageCount: 4);
        byte[] before = Disk(rig, rig.CreateQueue(1), memory);
        ulong page = rig.Map(16);
        byte[] after = rig.Fill(page, 16 * 4096);
        for (int round = 0; round < 30; round++)
        {
            HostQueue queue = round == 0 ? rig.CreateQueue(2) : rig.CreateQueue(1);
            for (int command = 0; command < 32; command++)
            {
                queue.Put(rig.Transfer(IoOpcode.Write, (ulong)(command * 8), 8, page + (ulong)(command % 16 * 4096)));
            }

            queue.Ring();
            rig.Registers.Write32(0x14, 0x0046_0000);
            rig.Steps();
            Assert.Equal(0u, rig.Status);
            byte[] completions = rig.Bytes(queue.Completion, 64 * 16).ToArray();
            rig.Steps();
            Assert.Equal(0u, rig.Status);
            Assert.True(rig.Bytes(queue.Completion, 64 * 16).SequenceEqual(completions), "a completion came after the reset");
            rig.Enable();
        }

        byte[] now = ReadDisk(rig, rig.CreateQueue(1), memory);
        for (int block = 0; block < (int)NvmeRig.BlockCount; block++)
        {
            ReadOnlySpan<byte> found = now.AsSpan(block * BlockBytes, BlockBytes);
            bool isOld = found.SequenceEqual(before.AsSpan(block * BlockBytes, BlockBytes));
            bool isNew = block < 256 && found.SequenceEqual(after.AsSpan(block % 128 * BlockBytes, BlockBytes));
            Assert.True(isOld || isNew, $"block {block} is neither as before nor as written");
        }
    }

    /// <summary>Each command ends once, by itself or by the abort, which is best effort (section 5.1).</summary>
    private static void AbortUnderLoad(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        for (int round = 0; round < 20; round++)
        {
            var waiting = new HashSet<int>();
            for (int command = 0; command < 32; command++)
            {
                SubmissionEntry entry = rig.Transfer(IoOpcode.Read, (ulong)command, 1, page);
                waiting.Add(entry.CommandId);
                queue.Put(entry);
            }

            queue.Ring();
            foreach (int identifier in waiting)
            {
                HostCompletion answer = rig.RunAdmin(AdminOpcode.Abort, 1 | ((uint)identifier << 16));
                Assert.Equal(0, answer.Status);
                Assert.True(answer.Dword0 <= 1);
            }

            while (waiting.Count > 0)
            {
                Assert.True(rig.TryAwait(queue, out HostCompletion completion), $"{waiting.Count} commands have not ended");
                Assert.True(waiting.Remove(completion.CommandId));
                Assert.Contains(completion.Status, new[] { 0, AbortRequested });
            }
        }
    }
}
