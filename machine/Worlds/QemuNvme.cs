using System.Runtime.InteropServices;
using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Pci;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// QEMU's NVMe controller as a PCI function: configuration space and registers over qtest, and MSI-X messages that QEMU
/// stores into a page of the exchange heap, where <see cref="Step"/> finds them.
/// </summary>
internal sealed class QemuNvme : IPciFunctionBackend
{
    /// <summary>PCI configuration mechanism 1 (PCI Local Bus 3.0 section 3.2.2.3.2): index and data port.</summary>
    internal const ulong ConfigurationAddress = 0xCF8;

    private const ulong ConfigurationData = 0xCFC;
    private const uint ConfigurationEnable = 1u << 31;
    private const int DeviceCount = 32;
    private const uint ClassNvme = 0x010802;

    /// <summary>Where the registers are placed: in q35's window for devices, above all memory.</summary>
    private const uint RegisterBase = 0xE000_0000;

    /// <summary>The page for MSI-X messages: in the heap's first MiB, which nobody else uses.</summary>
    private const ulong MessagePage = 0x1000;

    /// <summary>CSTS.RDY is cleared by the register write itself; more reads than this mean that QEMU has gone.</summary>
    private const int DisableReadsMax = 100;

    private readonly QtestChannel channel;
    private readonly ExchangeHeap heap;
    private readonly KernelEvent[] events;
    private readonly QemuRegisters registers;
    private readonly uint function;
    private readonly int msixOffset;
    private readonly int msixTable;

    /// <exception cref="IOException">The machine has no NVMe controller as expected.</exception>
    internal QemuNvme(QtestChannel channel, ExchangeHeap heap, Func<KernelEvent> createEvent)
    {
        this.channel = channel;
        this.heap = heap;
        function = FindFunction();
        registers = new QemuRegisters(channel, RegisterBase, SizeRegisters());
        PlaceRegisters();
        msixOffset = FindMsix();
        uint table = ReadConfiguration(msixOffset + PciSpec.MsixTablePointer);
        int vectorCount = (int)(ReadConfiguration(msixOffset) >> 16 & 0x7FF) + 1;
        msixTable = (int)(table & ~7u);
        if ((table & 7) != 0 || channel.IsBroken)
        {
            throw new IOException("QEMU's NVMe controller has its MSI-X table elsewhere than in BAR 0");
        }

        events = new KernelEvent[Math.Min(vectorCount, MsixTable.VectorCountMax)];
        for (int vector = 0; vector < events.Length; vector++)
        {
            events[vector] = createEvent();
        }

        Reset();
    }

    public int VectorCount => events.Length;

    public uint ReadConfiguration(int offsetBytes) =>
        (uint)channel.WriteThenRead("outl"u8, ConfigurationAddress, AddressOf(offsetBytes), "inl"u8, ConfigurationData);

    public void WriteConfiguration(int offsetBytes, uint value) =>
        channel.WriteTwice("outl"u8, ConfigurationAddress, AddressOf(offsetBytes), ConfigurationData, value);

    public RegisterBank? GetBar(int index) => index == 0 ? registers : null;

    /// <summary>Points the vector at its word of the message page, lets it through, and hands out its event.</summary>
    public KernelEvent GetInterrupt(int vector)
    {
        int entry = msixTable + (vector * PciSpec.MsixEntryBytes);
        registers.Write32(entry, (uint)MessageAddress(vector));
        registers.Write32(entry + 4, 0);
        registers.Write32(entry + 8, 1);
        registers.Write32(entry + PciSpec.MsixVectorControl, 0);
        WriteConfiguration(msixOffset, PciSpec.MsixEnable);
        return events[vector];
    }

    /// <summary>
    /// Bus mastering off, then CC.EN to 0: QEMU ends what is in flight before the write is answered. Registers answer
    /// afterwards; bus mastering is the next driver's to switch on.
    /// </summary>
    public void Reset()
    {
        PlaceRegisters();
        registers.Write32(NvmeSpec.ControllerConfiguration, 0);
        for (int read = 0; read < DisableReadsMax && !channel.IsBroken; read++)
        {
            if ((registers.Read32(NvmeSpec.ControllerStatus) & NvmeSpec.StatusReady) == 0)
            {
                break;
            }
        }

        WriteConfiguration(msixOffset, 0);
        for (int vector = 0; vector < events.Length; vector++)
        {
            registers.Write32(msixTable + (vector * PciSpec.MsixEntryBytes) + PciSpec.MsixVectorControl, PciSpec.MsixVectorMasked);
            events[vector].IsSignaled = false;
            _ = TakeMessage(vector);
        }
    }

    /// <summary>Signals the vectors whose messages have come.</summary>
    /// <returns>Whether there were any.</returns>
    internal bool Step()
    {
        bool hasSignaled = false;
        for (int vector = 0; vector < events.Length; vector++)
        {
            if (TakeMessage(vector))
            {
                events[vector].SignalAll();
                hasSignaled = true;
            }
        }

        return hasSignaled;
    }

    private static ulong MessageAddress(int vector) => MessagePage + (ulong)(vector * sizeof(uint));

    /// <remarks>QEMU may store again at any moment: the exchange loses none, two before it become one.</remarks>
    private bool TakeMessage(int vector)
    {
        ref uint word = ref MemoryMarshal.AsRef<uint>(heap.BytesAt(MessageAddress(vector), sizeof(uint)));
        return Volatile.Read(ref word) != 0 && Interlocked.Exchange(ref word, 0) != 0;
    }

    private uint AddressOf(int offsetBytes) => ConfigurationEnable | (function << 8) | (uint)(offsetBytes & 0xFC);

    /// <summary>The function's number on bus 0: device in bits 7:3.</summary>
    private uint FindFunction()
    {
        for (uint device = 0; device < DeviceCount; device++)
        {
            ulong index = ConfigurationEnable | (device << 11) | PciSpec.RevisionAndClass;
            ulong value = channel.WriteThenRead("outl"u8, ConfigurationAddress, index, "inl"u8, ConfigurationData);
            if (value >> 8 == ClassNvme)
            {
                return device << 3;
            }
        }

        throw new IOException("QEMU's machine has no NVMe controller");
    }

    private int SizeRegisters()
    {
        WriteConfiguration(PciSpec.FirstBar, uint.MaxValue);
        return (int)(~(ReadConfiguration(PciSpec.FirstBar) & ~PciSpec.BarFlags) + 1);
    }

    private void PlaceRegisters()
    {
        WriteConfiguration(PciSpec.CommandAndStatus, PciSpec.CommandInterruptDisable);
        WriteConfiguration(PciSpec.FirstBar, RegisterBase);
        WriteConfiguration(PciSpec.FirstBar + 4, 0);
        WriteConfiguration(PciSpec.CommandAndStatus, PciSpec.CommandInterruptDisable | PciSpec.CommandMemorySpace);
    }

    private int FindMsix()
    {
        int offset = (int)(ReadConfiguration(PciSpec.CapabilitiesPointer) & 0xFC);
        for (int count = 0; offset >= 0x40 && count < 48; count++)
        {
            uint header = ReadConfiguration(offset);
            if ((header & 0xFF) == PciSpec.CapabilityMsix)
            {
                return offset;
            }

            offset = (int)(header >> 8 & 0xFC);
        }

        throw new IOException("QEMU's NVMe controller has no MSI-X capability");
    }
}

/// <summary>A window of registers that are read and written over qtest.</summary>
internal sealed class QemuRegisters(QtestChannel channel, ulong baseAddress, int lengthBytes) : RegisterBank
{
    internal override int LengthBytes => lengthBytes;

    internal override uint Read32(int offsetBytes) => (uint)channel.Read("readl"u8, baseAddress + (ulong)offsetBytes);

    internal override ulong Read64(int offsetBytes) => channel.Read("readq"u8, baseAddress + (ulong)offsetBytes);

    /// <remarks>The socket's system call orders the caller's earlier stores before the device's view of memory.</remarks>
    internal override void Write32(int offsetBytes, uint value) =>
        channel.Write("writel"u8, baseAddress + (ulong)offsetBytes, value);

    internal override void Write64(int offsetBytes, ulong value) =>
        channel.Write("writeq"u8, baseAddress + (ulong)offsetBytes, value);
}
