using System.Buffers.Binary;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>Which frames are for this station (section 7.1.1): exact addresses, a hash of multicast ones, VLANs.</summary>
internal sealed class ReceiveFilters
{
    private const int EthernetHeaderBytes = 14;

    private readonly uint[] addresses = new uint[2 * Spec.AddressCount];
    private readonly uint[] multicast = new uint[Spec.TableDwords];
    private readonly uint[] vlans = new uint[Spec.TableDwords];

    internal uint EtherType { get; set; } = 0x8100;

    internal ref uint Address(int dword) => ref addresses[dword];

    internal ref uint Multicast(int dword) => ref multicast[dword];

    internal ref uint Vlan(int dword) => ref vlans[dword];

    /// <summary>The state after a reset: the address of the EEPROM, and nothing else.</summary>
    internal void Reset(ulong address)
    {
        Array.Clear(addresses);
        Array.Clear(multicast);
        Array.Clear(vlans);
        EtherType = 0x8100;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, address << 16);
        addresses[0] = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        addresses[1] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) | Spec.AddressValid;
    }

    /// <summary>Whether the frame has a VLAN tag.</summary>
    internal bool HasTag(ReadOnlySpan<byte> frame) =>
        frame.Length >= EthernetHeaderBytes + Spec.TagBytes && BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == EtherType;

    /// <summary>Whether the frame is accepted.</summary>
    /// <param name="frame">A frame of at least a header.</param>
    /// <param name="control">RCTL.</param>
    /// <param name="isInexact">Whether a hash alone has let it in: the driver has to look (status bit PIF).</param>
    internal bool Accepts(ReadOnlySpan<byte> frame, uint control, out bool isInexact)
    {
        isInexact = false;
        if ((control & Spec.ReceiveVlanFilter) != 0 && HasTag(frame))
        {
            int identifier = BinaryPrimitives.ReadUInt16BigEndian(frame[EthernetHeaderBytes..]) & 0xFFF;
            bool hasRightForm = (control & Spec.ReceiveFormatFilter) == 0
                || ((control & Spec.ReceiveFormat) != 0) == ((frame[EthernetHeaderBytes] & 0x10) != 0);
            if ((vlans[identifier >> 5] & (1u << (identifier & 31))) == 0 || !hasRightForm)
            {
                return false;
            }
        }

        bool isGroup = (frame[0] & 1) != 0;
        if (isGroup && frame[..6].IndexOfAnyExcept((byte)0xFF) < 0)
        {
            // "All multicast" says nothing of it.
            control &= ~Spec.ReceiveMulticastPromiscuous;
            control |= (control & Spec.ReceiveBroadcast) != 0 ? Spec.ReceiveMulticastPromiscuous : 0;
        }

        if (IsExact(frame)
            || (control & (isGroup ? Spec.ReceiveMulticastPromiscuous : Spec.ReceiveUnicastPromiscuous)) != 0)
        {
            return true;
        }

        isInexact = isGroup && IsHashed(frame, (int)(control >> Spec.ReceiveMulticastOffsetShift) & 3);
        return isInexact;
    }

    private bool IsExact(ReadOnlySpan<byte> frame)
    {
        uint low = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        uint high = BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]) | Spec.AddressValid;
        for (int index = 0; index < addresses.Length; index += 2)
        {
            // Bits 17:16 of the upper half select the destination address (10.2.5.16); a comparison of source addresses is not modelled.
            if (addresses[index] == low && (addresses[index + 1] & (Spec.AddressValid | 0x3FFFF)) == high)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Twelve bits of the last two bytes name a bit of the table; RCTL.MO says which (section 10.2.5.14).</summary>
    private bool IsHashed(ReadOnlySpan<byte> frame, int offset)
    {
        int shift = offset switch { 0 => 4, 1 => 3, 2 => 2, _ => 0 };
        int hash = (BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]) >> shift) & 0xFFF;
        return (multicast[hash >> 5] & (1u << (hash & 31))) != 0;
    }
}
