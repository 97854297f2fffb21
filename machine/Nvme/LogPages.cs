using System.Buffers.Binary;
using System.Text;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>The log pages: NVMe 1.4 section 5.14.1.</summary>
internal sealed class LogPages(NvmeController controller)
{
    internal const int ErrorInformation = 0x01;
    internal const int Health = 0x02;
    internal const int FirmwareSlot = 0x03;
    internal const int CommandsSupported = 0x05;

    private const int HealthBytes = 512;
    private const uint IsSupported = 1;
    private const uint ChangesContent = 1 << 1;

    private readonly byte[] page = new byte[NvmeSpec.PageBytes];

    /// <summary>Get Log Page, section 5.14: length in dwords from 0, offset in bytes.</summary>
    internal ushort Get(in SubmissionEntry entry, FeatureSet features)
    {
        ulong dwords = ((entry.Dword10 >> 16) | ((ulong)(entry.Dword11 & 0xFFFF) << 16)) + 1;
        ulong offset = entry.Dword12 | ((ulong)entry.Dword13 << 32);
        int logPage = (int)(entry.Dword10 & 0xFF);
        int length = Fill(logPage, features);
        if (length == 0)
        {
            return NvmeStatus.InvalidLogPage;
        }

        if (entry.NamespaceId is not (0 or NvmeSpec.AllNamespaces or 1))
        {
            return NvmeStatus.InvalidNamespace;
        }

        ulong lengthMax = (ulong)NvmeSpec.PageBytes << controller.Options.TransferPagesShift;
        if ((offset & 3) != 0 || offset > (ulong)length || dwords * 4 > lengthMax)
        {
            return NvmeStatus.InvalidField;
        }

        ushort status = controller.Transfers.Build(entry.Prp1, entry.Prp2, (int)dwords * 4, LoanAccess.DeviceWrites);
        if (status == NvmeStatus.Success)
        {
            Deliver(logPage, page.AsSpan((int)offset, length - (int)offset), (entry.Dword10 & (1 << 15)) != 0);
        }

        return status;
    }

    /// <summary>What is asked for beyond the end of the page comes back as zero.</summary>
    private void Deliver(int logPage, ReadOnlySpan<byte> content, bool retainsEvent)
    {
        for (int index = 0; index < controller.Transfers.Count; index++)
        {
            Span<byte> segment = controller.Transfers[index];
            int count = Math.Min(segment.Length, content.Length);
            content[..count].CopyTo(segment);
            segment[count..].Clear();
            content = content[count..];
        }

        if (!retainsEvent && logPage is ErrorInformation or Health)
        {
            controller.Events.Acknowledge(logPage);
        }
    }

    private int Fill(int logPage, FeatureSet features)
    {
        Array.Clear(page);
        switch (logPage)
        {
            case ErrorInformation:
                return controller.Errors.CopyTo(page);
            case Health:
                controller.Health.CopyTo(page, features.IsTooHot, controller.Medium.IsReadOnly, controller.Errors.Count);
                return HealthBytes;
            case FirmwareSlot:
                page[0] = 1;
                Encoding.ASCII.GetBytes(IdentifyPages.FirmwareRevision.PadRight(8), page.AsSpan(8, 8));
                return HealthBytes;
            case CommandsSupported:
                FillCommands();
                return NvmeSpec.PageBytes;
            default:
                return 0;
        }
    }

    /// <summary>Section 5.14.1.5: 256 admin commands, then 256 I/O commands, a dword each.</summary>
    private void FillCommands()
    {
        foreach (AdminOpcode opcode in Enum.GetValues<AdminOpcode>())
        {
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan((int)opcode * 4), IsSupported);
        }

        foreach (IoOpcode opcode in Enum.GetValues<IoOpcode>())
        {
            bool isHarmless = opcode is IoOpcode.Flush or IoOpcode.Read or IoOpcode.Compare;
            uint effects = isHarmless ? IsSupported : IsSupported | ChangesContent;
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(1024 + ((int)opcode * 4)), effects);
        }
    }
}
