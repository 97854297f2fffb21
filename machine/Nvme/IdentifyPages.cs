using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>What Identify returns: NVMe 1.4 section 5.15.2.</summary>
internal sealed class IdentifyPages
{
    internal const string FirmwareRevision = "1.0";
    internal const ushort WarningTemperatureKelvin = 343;

    private const ushort CriticalTemperatureKelvin = 353;
    private const string Model = "RedLeafSharp Simulated NVMe";

    private readonly NvmeController controller;
    private readonly byte[] page = new byte[NvmeSpec.PageBytes];

    /// <summary>
    /// EUI-64 and NGUID of the namespace: made from the serial number, so that two disks differ and one stays itself.
    /// </summary>
    private readonly ulong identity;

    internal IdentifyPages(NvmeController controller)
    {
        this.controller = controller;
        identity = 14695981039346656037UL;
        foreach (char letter in controller.Options.SerialNumber)
        {
            identity = (identity ^ letter) * 1099511628211UL;
        }
    }

    internal ushort Execute(in SubmissionEntry entry)
    {
        Array.Clear(page);
        ushort status = (entry.Dword10 & 0xFF) switch
        {
            0x00 => FillNamespace(entry.NamespaceId),
            0x01 => FillController(),
            0x02 => FillActiveList(entry.NamespaceId),
            0x03 => FillDescriptors(entry.NamespaceId),
            _ => NvmeStatus.InvalidField,
        };
        if (status == NvmeStatus.Success)
        {
            status = controller.Transfers.Build(entry.Prp1, entry.Prp2, page.Length, LoanAccess.DeviceWrites);
        }

        if (status == NvmeStatus.Success)
        {
            controller.Transfers.CopyFrom(page);
        }

        return status;
    }

    /// <summary>Figure 245.</summary>
    private ushort FillNamespace(uint namespaceId)
    {
        if (namespaceId != 1)
        {
            return NvmeStatus.InvalidNamespace;
        }

        ulong blockCount = (ulong)controller.Medium.LengthBytes / (ulong)controller.Options.BlockBytes;
        blockCount = controller.Options.Faults?.OnIdentify(blockCount) ?? blockCount;
        Put64(0, blockCount);
        Put64(8, blockCount);
        Put64(16, blockCount);

        // DLFEAT: deallocated blocks read as zero.
        page[33] = 1;
        page[99] = (byte)(controller.Medium.IsReadOnly ? 1 : 0);
        BinaryPrimitives.WriteUInt64BigEndian(page.AsSpan(104), identity);
        BinaryPrimitives.WriteUInt64BigEndian(page.AsSpan(112), ~identity);
        BinaryPrimitives.WriteUInt64BigEndian(page.AsSpan(120), identity);
        page[130] = (byte)BitOperations.Log2((uint)controller.Options.BlockBytes);
        return NvmeStatus.Success;
    }

    /// <summary>Figure 247. Fields that are not set are 0: not supported, or not reported.</summary>
    private ushort FillController()
    {
        Put16(0, SimulatedNvme.Identity.VendorId);
        Put16(2, SimulatedNvme.Identity.VendorId);
        PutText(4, 20, controller.Options.SerialNumber);
        PutText(24, 40, Model);
        PutText(64, 8, FirmwareRevision);
        page[77] = (byte)controller.Options.TransferPagesShift;
        Put32(80, NvmeSpec.Version14);
        page[111] = 1;
        page[258] = NvmeLimits.AbortsMax - 1;
        page[259] = NvmeLimits.EventRequestsMax - 1;

        // FRMW: one firmware slot, read-only. LPA: SMART per namespace, commands supported, extended data.
        page[260] = 0x03;
        page[261] = 0x07;
        page[262] = NvmeLimits.ErrorLogEntries - 1;
        Put16(266, WarningTemperatureKelvin);
        Put16(268, CriticalTemperatureKelvin);
        page[512] = 0x66;
        page[513] = 0x44;
        Put32(516, 1);

        // ONCS: Compare, Write Uncorrectable, Dataset Management, Write Zeroes, Select in Get Features.
        Put16(520, 0x1F);

        // VWC: Flush to all namespaces works (bits 2:1), and whether there is a cache at all (bit 0).
        page[525] = (byte)(0x06 | (controller.Medium.HasVolatileCache ? 1 : 0));
        Encoding.ASCII.GetBytes($"nqn.2024-01.org.redleafsharp:{controller.Options.SerialNumber}", page.AsSpan(768, 223));
        Put16(2048, 2500);
        return NvmeStatus.Success;
    }

    private ushort FillActiveList(uint namespaceId)
    {
        if (namespaceId >= NvmeSpec.AllNamespaces - 1)
        {
            return NvmeStatus.InvalidNamespace;
        }

        Put32(0, namespaceId == 0 ? 1u : 0u);
        return NvmeStatus.Success;
    }

    /// <summary>Namespace identification descriptors: type, length, two reserved bytes, identifier; a length of 0 ends the list.</summary>
    private ushort FillDescriptors(uint namespaceId)
    {
        if (namespaceId != 1)
        {
            return NvmeStatus.InvalidNamespace;
        }

        page[0] = 1;
        page[1] = 8;
        BinaryPrimitives.WriteUInt64BigEndian(page.AsSpan(4), identity);
        page[12] = 2;
        page[13] = 16;
        BinaryPrimitives.WriteUInt64BigEndian(page.AsSpan(16), identity);
        BinaryPrimitives.WriteUInt64BigEndian(page.AsSpan(24), ~identity);
        return NvmeStatus.Success;
    }

    private void PutText(int offset, int length, string text) =>
        Encoding.ASCII.GetBytes(text.PadRight(length).AsSpan(0, length), page.AsSpan(offset, length));

    private void Put16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(offset), value);

    private void Put32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(offset), value);

    private void Put64(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(offset), value);
}
