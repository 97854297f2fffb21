using System.Buffers.Binary;
using System.Numerics;
using RedLeafSharp.Devices;

namespace RedLeafSharp.Machine.Pci;

/// <summary>
/// The MSI-X table and pending bits of a function, as the registers of a BAR. A vector that is raised signals its event;
/// while it is masked it stays pending (PCI 3.0 section 6.8.2).
/// </summary>
/// <remarks>
/// Address and data of an entry can be written and read, but go nowhere: the event is the only interrupt there is.
/// </remarks>
internal sealed class MsixTable : RegisterBank
{
    internal const int VectorCountMax = 64;
    internal const int TableOffset = 0;
    internal const int PendingOffset = 0x800;

    private readonly byte[] table;
    private readonly KernelEvent[] events;
    private readonly PciConfiguration configuration;
    private ulong masked;
    private ulong pending;

    internal MsixTable(PciConfiguration configuration, KernelEvent[] events)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(events.Length, VectorCountMax);
        this.configuration = configuration;
        this.events = events;
        table = new byte[events.Length * PciSpec.MsixEntryBytes];
        Reset();
    }

    internal int VectorCount => events.Length;

    internal override int LengthBytes => 4096;

    internal KernelEvent this[int vector] => events[vector];

    /// <summary>Signals each vector of the set, or notes it as pending where it is masked.</summary>
    internal void Raise(ulong vectors)
    {
        pending |= vectors;
        Deliver();
    }

    /// <summary>Signals what is pending and not masked any more.</summary>
    internal void Deliver()
    {
        if (!configuration.IsMsixEnabled || configuration.IsMsixMasked)
        {
            return;
        }

        for (ulong due = pending & ~masked; due != 0; due &= due - 1)
        {
            events[BitOperations.TrailingZeroCount(due)].SignalAll();
        }

        pending &= masked;
    }

    /// <summary>Lets a vector through, as the kernel does when it hands out the vector's event.</summary>
    internal void Unmask(int vector)
    {
        SetMask(vector, false);
        Deliver();
    }

    /// <summary>All vectors masked, none pending: the state after a reset.</summary>
    internal void Reset()
    {
        Array.Clear(table);
        pending = 0;
        for (int vector = 0; vector < events.Length; vector++)
        {
            SetMask(vector, true);
        }
    }

    internal override uint Read32(int offsetBytes)
    {
        if (!configuration.HasMemorySpace)
        {
            return uint.MaxValue;
        }

        return offsetBytes < table.Length ? BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(offsetBytes))
            : offsetBytes == PendingOffset ? (uint)pending
            : offsetBytes == PendingOffset + 4 ? (uint)(pending >> 32)
            : 0;
    }

    internal override ulong Read64(int offsetBytes) => Read32(offsetBytes) | ((ulong)Read32(offsetBytes + 4) << 32);

    internal override void Write32(int offsetBytes, uint value)
    {
        if (!configuration.HasMemorySpace || offsetBytes >= table.Length)
        {
            return;
        }

        if (offsetBytes % PciSpec.MsixEntryBytes == PciSpec.MsixVectorControl)
        {
            SetMask(offsetBytes / PciSpec.MsixEntryBytes, (value & PciSpec.MsixVectorMasked) != 0);
            Deliver();
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(offsetBytes), value);
    }

    internal override void Write64(int offsetBytes, ulong value)
    {
        Write32(offsetBytes, (uint)value);
        Write32(offsetBytes + 4, (uint)(value >> 32));
    }

    private void SetMask(int vector, bool isMasked)
    {
        int control = (vector * PciSpec.MsixEntryBytes) + PciSpec.MsixVectorControl;
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(control), isMasked ? PciSpec.MsixVectorMasked : 0);
        masked = isMasked ? masked | (1UL << vector) : masked & ~(1UL << vector);
    }
}
