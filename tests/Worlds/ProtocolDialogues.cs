using System.Buffers.Binary;
using System.Text;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.Machine;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>The dialogues of <see cref="ProtocolScenarios"/> that take more than a line.</summary>
internal static class ProtocolDialogues
{
    internal const uint Enable = 0x0046_0001;

    /// <summary>Status codes; "d" is Do Not Retry.</summary>
    internal static string Text(params HostCompletion[] completions) =>
        string.Join(" ", completions.Select(completion => $"{completion.Status:x3}{(completion.HasDoNotRetry ? "d" : "")}"));

    internal static string Full(HostCompletion completion) => $"{Text(completion)}:{completion.Dword0:x} ";

    internal static SubmissionEntry WithFlags(SubmissionEntry entry, uint flags) => entry with { Dword0 = entry.Dword0 | flags };

    internal static SubmissionEntry WithIdentifier(SubmissionEntry entry, ushort identifier) =>
        entry with { Dword0 = (entry.Dword0 & 0xFFFF) | ((uint)identifier << 16) };

    internal static string WithCompletionQueue(NvmeRig rig, params Func<HostCompletion>[] commands)
    {
        Text(rig.CreateCompletion(1, 16, rig.Map()));
        return Text([.. commands.Select(command => command())]);
    }

    internal static string DeleteInBothOrders(NvmeRig rig)
    {
        rig.CreateQueue(1);
        return Text(
            rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1),
            rig.RunAdmin(AdminOpcode.DeleteSubmissionQueue, 1),
            rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1),
            rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1));
    }

    internal static HostCompletion GetLog(NvmeRig rig, byte page, int lengthBytes, uint nsid = 0, uint offset = 0)
    {
        uint dwords = (uint)(lengthBytes / 4) - 1;
        return rig.Run(rig.Admin, rig.Command(
            0x02, nsid, rig.Map(), lengthBytes > 4096 ? List(rig) : 0, page | (dwords << 16), 0, offset));
    }

    /// <summary>A PRP list of pages that are there; the entries may point into their pages.</summary>
    internal static ulong List(NvmeRig rig, ulong offsetInPages = 0)
    {
        ulong list = rig.Map();
        ulong pages = rig.Map(16);
        for (int index = 0; index < 16; index++)
        {
            ulong entry = pages + ((ulong)index * 4096) + offsetInPages;
            BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(list + ((ulong)index * 8), 8), entry);
        }

        return list;
    }

    internal static string Io(NvmeRig rig, params Func<HostQueue, SubmissionEntry>[] commands)
    {
        HostQueue queue = rig.CreateQueue(1);
        return Text([.. commands.Select(command => rig.Run(queue, command(queue)))]);
    }

    internal static string IdentifyText(NvmeRig rig, uint what, uint nsid)
    {
        ulong page = rig.Map();
        rig.Bytes(page, 4096).Fill(0xA5);
        string status = Text(rig.RunAdmin(AdminOpcode.Identify, what, 0, page, nsid));
        return $"{status} {Convert.ToHexString(rig.Bytes(page, 16))}";
    }

    internal static string ControllerFields(NvmeRig rig)
    {
        ulong page = rig.Map();
        rig.RunAdmin(AdminOpcode.Identify, 1, 0, page);
        ReadOnlySpan<byte> data = rig.Bytes(page, 4096);
        return $"cntrltype={data[111]} oaes={Word(data, 92):x} oacs={data[256]:x} acl={data[258]} aerl={data[259]} frmw={data[260]:x} "
            + $"lpa={data[261]:x} elpe={data[262]} npss={data[263]} wctemp={data[266] | (data[267] << 8)} sqes={data[512]:x} "
            + $"cqes={data[513]:x} nn={Word(data, 516)} oncs={data[520] | (data[521] << 8):x} fuses={data[522]} vwc={data[525]:x} "
            + $"sgls={Word(data, 536):x} serial='{Encoding.ASCII.GetString(data.Slice(4, 20))}'";
    }

    internal static string NamespaceFields(NvmeRig rig)
    {
        ulong page = rig.Map();
        rig.RunAdmin(AdminOpcode.Identify, 0, 0, page, 1);
        ReadOnlySpan<byte> data = rig.Bytes(page, 4096);
        return $"nsze={Word(data, 0)} ncap={Word(data, 8)} nuse={Word(data, 16)} nsfeat={data[24]:x} nlbaf={data[25]} "
            + $"flbas={data[26]:x} mc={data[27]:x} dpc={data[28]:x} dps={data[29]:x} nmic={data[30]:x} dlfeat={data[33]:x} "
            + $"lbaf0={Word(data, 128):x}";
    }

    internal static string AbortEventRequest(NvmeRig rig)
    {
        SubmissionEntry request = rig.Command(0x0C, 0);
        rig.Admin.Put(request);
        rig.Admin.Ring();
        rig.Admin.Put(rig.Command(0x08, 0, dword10: request.Dword0 & 0xFFFF_0000));
        rig.Admin.Ring();
        return InOrder(rig, 1) + (Settled(rig).HasNext ? InOrder(rig, 1) : "none");
    }

    internal static string FiveEventRequests(NvmeRig rig)
    {
        for (int request = 0; request < 5; request++)
        {
            rig.Admin.Put(rig.Command(0x0C, 0));
        }

        rig.Admin.Ring();
        return InOrder(rig, 1) + (Settled(rig).HasNext ? "more" : "");
    }

    internal static string EventAfter(NvmeRig rig, Action what)
    {
        rig.Admin.Put(rig.Command(0x0C, 0));
        rig.Admin.Ring();
        Settled(rig);
        what();
        return Settled(rig).HasNext ? InOrder(rig, 1) : "no event";
    }

    internal static string TemperatureEvent(NvmeRig rig)
    {
        rig.Admin.Put(rig.Command(0x0C, 0));
        rig.Admin.Ring();
        rig.RunAdmin(AdminOpcode.SetFeatures, 0x0B, 0x02);
        rig.Admin.Put(rig.Command(0x09, 0, dword10: 0x04, dword11: 300));
        rig.Admin.Ring();
        return InOrder(rig, 1) + (Settled(rig).HasNext ? InOrder(rig, 1) : "no event");
    }

    internal static string CompareDifferent(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1);
        ulong page = rig.Map();
        rig.Fill(page, 4096);
        rig.Run(queue, rig.Transfer(IoOpcode.WriteZeroes, 0, 8, 0));
        return Text(rig.Run(queue, rig.Transfer(IoOpcode.Compare, 0, 8, page)));
    }

    internal static SubmissionEntry Deallocation(NvmeRig rig, ulong first, uint count, uint attributes)
    {
        ulong page = rig.Map();
        BinaryPrimitives.WriteUInt32LittleEndian(rig.Bytes(page + 4, 4), count);
        BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(page + 8, 8), first);
        return rig.Command(0x09, 1, page, 0, 0, attributes);
    }

    internal static string Shutdown(NvmeRig rig)
    {
        rig.Registers.Write32(0x14, Enable | (1 << 14));
        rig.Steps();
        uint before = rig.Status;
        rig.Registers.Write32(0x14, 0);
        rig.Steps();
        return $"{before:x} {rig.Status:x} {Restart(rig)}";
    }

    internal static string DisableKeepsRegisters(NvmeRig rig)
    {
        ulong before = rig.Registers.Read64(0x28);
        rig.Registers.Write32(0x14, 0);
        rig.Steps();
        return $"{rig.Status:x} {rig.Registers.Read32(0x24):x} {rig.Registers.Read64(0x28) == before} "
            + $"{rig.Registers.Read32(0x14):x}";
    }

    internal static string EnableWith(
        NvmeRig rig, uint cc = Enable, uint aqa = 0x001F_001F, ulong? asq = null, ulong asqOffset = 0)
    {
        rig.Registers.Write32(0x14, 0);
        rig.Steps();
        rig.Registers.Write32(0x24, aqa);
        rig.Registers.Write64(0x28, (asq ?? rig.Map()) + asqOffset);
        rig.Registers.Write64(0x30, rig.Map());
        rig.Registers.Write32(0x14, cc);
        rig.Steps();
        return $"{rig.Status:x}";
    }

    internal static string QueuesWithoutEntrySizes(NvmeRig rig)
    {
        rig.Registers.Write32(0x14, 0);
        rig.Steps();
        rig.Registers.Write32(0x14, 1);
        rig.Steps();
        if (rig.Status != 1)
        {
            return $"not ready: {rig.Status:x}";
        }

        rig.Registers.Write32(0x14, 0);
        rig.Steps();
        rig.Enable(configuration: 1);
        return Text(rig.CreateCompletion(1, 16, rig.Map()), rig.CreateSubmission(1, 16, rig.Map(), 1));
    }

    internal static string WriteReadOnly(NvmeRig rig)
    {
        ulong capabilities = rig.Registers.Read64(0);
        rig.Registers.Write32(0x00, 0);
        rig.Registers.Write32(0x08, 0);
        rig.Registers.Write32(0x1C, 0);
        return $"{rig.Registers.Read64(0) == capabilities} {rig.Registers.Read32(0x08):x} {rig.Status:x}";
    }

    internal static string InterruptMask(NvmeRig rig)
    {
        rig.Registers.Write32(0x0C, 5);
        uint set = rig.Registers.Read32(0x0C);
        rig.Registers.Write32(0x10, 1);
        return $"{set:x} {rig.Registers.Read32(0x0C):x} {rig.Registers.Read32(0x10):x}";
    }

    internal static string SubmissionHeads(NvmeRig rig)
    {
        HostQueue queue = rig.CreateQueue(1, 4, 4);
        return string.Join(" ", Enumerable.Range(0, 6).Select(_ =>
        {
            HostCompletion completion = rig.Run(queue, rig.Command(0x00, 1));
            return $"{completion.QueueId}/{completion.SubmissionHead}";
        }));
    }

    internal static string EveryFeature(NvmeRig rig, uint select) =>
        string.Join(" ", Enumerable.Range(0, 0x15).Select(feature =>
        {
            HostCompletion completion = rig.RunAdmin(AdminOpcode.GetFeatures, (uint)feature | (select << 8), 0, rig.Map(), 1);
            return $"{feature:x}={Text(completion)}:{completion.Dword0:x}";
        }));

    internal static string SetQueuesLate(NvmeRig rig)
    {
        rig.CreateQueue(1);
        return Full(rig.RunAdmin(AdminOpcode.SetFeatures, 0x07, 0));
    }

    internal static string TemperatureThreshold(NvmeRig rig) =>
        Full(rig.RunAdmin(AdminOpcode.SetFeatures, 0x04, 0x0150)) + Full(rig.RunAdmin(AdminOpcode.SetFeatures, 0x04, 0x10_0123))
        + Full(rig.RunAdmin(AdminOpcode.GetFeatures, 0x04, 0)) + Full(rig.RunAdmin(AdminOpcode.GetFeatures, 0x04, 0x10_0000));

    /// <summary>Disables and enables again with fresh queues; says whether that worked.</summary>
    private static string Restart(NvmeRig rig)
    {
        rig.Enable();
        return Text(rig.RunAdmin(AdminOpcode.Identify, 1, 0, rig.Map()));
    }

    private static uint Word(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);

    /// <summary>Lets the controller do what it does by itself, as a command's time.</summary>
    private static HostQueue Settled(NvmeRig rig)
    {
        rig.Steps();
        for (int read = 0; read < 2_000 && !rig.Admin.HasNext; read++)
        {
            _ = rig.Status;
        }

        return rig.Admin;
    }

    private static string InOrder(NvmeRig rig, int count)
    {
        var text = new StringBuilder();
        for (int taken = 0; taken < count && rig.TryAwait(rig.Admin, out HostCompletion completion); taken++)
        {
            text.Append(Full(completion));
        }

        return text.ToString();
    }
}
