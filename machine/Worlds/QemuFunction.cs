using System.Runtime.InteropServices;
using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Pci;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// A device of QEMU's as a PCI function: configuration space and registers over qtest, and MSI-X messages that QEMU
/// stores into a page of the exchange heap, where <see cref="Step"/> finds them.
/// </summary>
internal abstract class QemuFunction : IPciFunctionBackend
{
    /// <summary>PCI configuration mechanism 1 (PCI Local Bus 3.0 section 3.2.2.3.2): index and data port.</summary>
    internal const ulong ConfigurationAddress = 0xCF8;

    private const ulong ConfigurationData = 0xCFC;
    private const uint ConfigurationEnable = 1u << 31;
    private const int DeviceCount = 32;
    private const int CapabilitiesMax = 48;

    /// <summary>Where the first window is placed: in q35's window for devices, above all memory.</summary>
    private const uint WindowBase = 0xE000_0000;

    /// <summary>Distance between windows; more than any of them has.</summary>
    private const uint WindowStride = 0x10_0000;

    /// <summary>The page for MSI-X messages: in the heap's first MiB, which nobody else uses.</summary>
    private const ulong MessagePage = 0x1000;

    private readonly QtestChannel channel;
    private readonly ExchangeHeap heap;
    private readonly KernelEvent[] events;
    private readonly QemuRegisters?[] windows = new QemuRegisters?[PciSpec.BarCount];
    private readonly uint function;
    private readonly int msixOffset;
    private readonly int msixTable;
    private readonly int msixBar;

    /// <param name="channel">To QEMU.</param>
    /// <param name="heap">Its memory.</param>
    /// <param name="createEvent">Makes the event of one vector.</param>
    /// <param name="classCode">Base class, subclass and programming interface of the device.</param>
    /// <param name="bars">The memory windows that are used.</param>
    /// <exception cref="IOException">The machine has no such device.</exception>
    private protected QemuFunction(
        QtestChannel channel, ExchangeHeap heap, Func<KernelEvent> createEvent, uint classCode, ReadOnlySpan<int> bars)
    {
        this.channel = channel;
        this.heap = heap;
        function = FindFunction(classCode);
        foreach (int bar in bars)
        {
            windows[bar] = new QemuRegisters(channel, WindowBase + ((uint)bar * WindowStride), SizeOf(bar));
        }

        PlaceWindows();
        msixOffset = FindMsix();
        uint table = ReadConfiguration(msixOffset + PciSpec.MsixTablePointer);
        int vectorCount = (int)(ReadConfiguration(msixOffset) >> 16 & 0x7FF) + 1;
        msixTable = (int)(table & ~7u);
        msixBar = (int)(table & 7);
        if (windows[msixBar] is null || channel.IsBroken)
        {
            throw new IOException("QEMU's device has its MSI-X table in an unexpected window");
        }

        events = new KernelEvent[Math.Min(vectorCount, MsixTable.VectorCountMax)];
        for (int vector = 0; vector < events.Length; vector++)
        {
            events[vector] = createEvent();
        }
    }

    public int VectorCount => events.Length;

    /// <summary>The device's registers.</summary>
    private protected QemuRegisters Registers => windows[0]!;

    private protected bool IsGone => channel.IsBroken;

    private QemuRegisters MsixWindow => windows[msixBar]!;

    public uint ReadConfiguration(int offsetBytes) =>
        (uint)channel.WriteThenRead("outl"u8, ConfigurationAddress, AddressOf(offsetBytes), "inl"u8, ConfigurationData);

    public void WriteConfiguration(int offsetBytes, uint value) =>
        channel.WriteTwice("outl"u8, ConfigurationAddress, AddressOf(offsetBytes), ConfigurationData, value);

    public RegisterBank? GetBar(int index) => (uint)index < (uint)windows.Length ? windows[index] : null;

    /// <summary>Points the vector at its word of the message page, lets it through, and hands out its event.</summary>
    public KernelEvent GetInterrupt(int vector)
    {
        int entry = msixTable + (vector * PciSpec.MsixEntryBytes);
        MsixWindow.Write32(entry, (uint)MessageAddress(vector));
        MsixWindow.Write32(entry + 4, 0);
        MsixWindow.Write32(entry + 8, 1);
        MsixWindow.Write32(entry + PciSpec.MsixVectorControl, 0);
        WriteConfiguration(msixOffset, PciSpec.MsixEnable);
        return events[vector];
    }

    /// <summary>
    /// Bus mastering off, then the device's own reset: QEMU ends what is in flight before the write is answered. Registers
    /// answer afterwards; bus mastering is the next driver's to switch on.
    /// </summary>
    public void Reset()
    {
        PlaceWindows();
        ResetDevice();
        WriteConfiguration(msixOffset, 0);
        for (int vector = 0; vector < events.Length; vector++)
        {
            MsixWindow.Write32(msixTable + (vector * PciSpec.MsixEntryBytes) + PciSpec.MsixVectorControl, PciSpec.MsixVectorMasked);
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

    /// <summary>Makes the device forget its work; when it returns there is no more DMA.</summary>
    private protected abstract void ResetDevice();

    private static ulong MessageAddress(int vector) => MessagePage + (ulong)(vector * sizeof(uint));

    /// <remarks>QEMU may store again at any moment: the exchange loses none, two before it become one.</remarks>
    private bool TakeMessage(int vector)
    {
        ref uint word = ref MemoryMarshal.AsRef<uint>(heap.BytesAt(MessageAddress(vector), sizeof(uint)));
        return Volatile.Read(ref word) != 0 && Interlocked.Exchange(ref word, 0) != 0;
    }

    private uint AddressOf(int offsetBytes) => ConfigurationEnable | (function << 8) | (uint)(offsetBytes & 0xFC);

    /// <summary>The function's number on bus 0: device in bits 7:3.</summary>
    private uint FindFunction(uint classCode)
    {
        for (uint device = 0; device < DeviceCount; device++)
        {
            ulong index = ConfigurationEnable | (device << 11) | PciSpec.RevisionAndClass;
            ulong value = channel.WriteThenRead("outl"u8, ConfigurationAddress, index, "inl"u8, ConfigurationData);
            if (value >> 8 == classCode)
            {
                return device << 3;
            }
        }

        throw new IOException($"QEMU's machine has no device of class {classCode:x6}");
    }

    private int SizeOf(int bar)
    {
        WriteConfiguration(PciSpec.FirstBar + (4 * bar), uint.MaxValue);
        return (int)(~(ReadConfiguration(PciSpec.FirstBar + (4 * bar)) & ~PciSpec.BarFlags) + 1);
    }

    private void PlaceWindows()
    {
        WriteConfiguration(PciSpec.CommandAndStatus, PciSpec.CommandInterruptDisable);
        for (int bar = 0; bar < windows.Length; bar++)
        {
            if (windows[bar] is not { } window)
            {
                continue;
            }

            int offset = PciSpec.FirstBar + (4 * bar);
            WriteConfiguration(offset, window.Base);
            if ((ReadConfiguration(offset) & PciSpec.BarFlags) == PciSpec.BarMemory64)
            {
                WriteConfiguration(offset + 4, 0);
            }
        }

        WriteConfiguration(PciSpec.CommandAndStatus, PciSpec.CommandInterruptDisable | PciSpec.CommandMemorySpace);
    }

    private int FindMsix()
    {
        int offset = (int)(ReadConfiguration(PciSpec.CapabilitiesPointer) & 0xFC);
        for (int count = 0; offset >= 0x40 && count < CapabilitiesMax; count++)
        {
            uint header = ReadConfiguration(offset);
            if ((header & 0xFF) == PciSpec.CapabilityMsix)
            {
                return offset;
            }

            offset = (int)(header >> 8 & 0xFC);
        }

        throw new IOException("QEMU's device has no MSI-X capability");
    }
}

/// <summary>A window of registers that are read and written over qtest.</summary>
internal sealed class QemuRegisters(QtestChannel channel, uint baseAddress, int lengthBytes) : RegisterBank
{
    internal uint Base => baseAddress;

    internal override int LengthBytes => lengthBytes;

    internal override uint Read32(int offsetBytes) => (uint)channel.Read("readl"u8, baseAddress + (ulong)(uint)offsetBytes);

    internal override ulong Read64(int offsetBytes) => channel.Read("readq"u8, baseAddress + (ulong)(uint)offsetBytes);

    /// <remarks>The socket's system call orders the caller's earlier stores before the device's view of memory.</remarks>
    internal override void Write32(int offsetBytes, uint value) =>
        channel.Write("writel"u8, baseAddress + (ulong)(uint)offsetBytes, value);

    internal override void Write64(int offsetBytes, ulong value) =>
        channel.Write("writeq"u8, baseAddress + (ulong)(uint)offsetBytes, value);
}
