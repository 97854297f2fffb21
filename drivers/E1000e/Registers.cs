namespace RedLeafSharp.Drivers.E1000e;

/// <summary>The controller's registers in BAR 0.</summary>
internal sealed class Registers(MmioRegion region)
{
    /// <summary>Whether the window is as large as an 82574's must be, and something answers.</summary>
    internal bool AreUsable => region.LengthBytes >= E1000eSpec.RegisterBytesMin && !IsGone;

    /// <summary>Whether the device has left the bus: every read gives ones then, and not only one that got lost.</summary>
    internal bool IsGone => region.Read32(E1000eSpec.Status) == E1000eSpec.AllOnes
        && region.Read32(E1000eSpec.Control) == E1000eSpec.AllOnes;

    internal uint this[int offset]
    {
        get => region.Read32(offset);
        set => region.Write32(offset, value);
    }

    /// <summary>A register of a table.</summary>
    internal void Set(int table, int index, uint value) => region.Write32(table + (4 * index), value);

    /// <summary>A word of the configuration memory (section 10.2.3.2); false when it cannot be read.</summary>
    internal bool TryReadEeprom(int word, out ushort value)
    {
        region.Write32(E1000eSpec.EepromRead, ((uint)word << E1000eSpec.EepromAddressShift) | E1000eSpec.EepromStart);
        for (int reads = 0; reads < E1000eLimits.EepromReadsMax; reads++)
        {
            uint answer = region.Read32(E1000eSpec.EepromRead);
            if (answer == E1000eSpec.AllOnes)
            {
                break;
            }

            if ((answer & E1000eSpec.EepromDone) != 0)
            {
                value = (ushort)(answer >> 16);
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>Tells the device where a ring is and how far both sides are.</summary>
    internal void SetRing(int queue, ulong bus, int entryCount, int head, int tail)
    {
        region.Write32(queue + E1000eSpec.BaseLow, (uint)bus);
        region.Write32(queue + E1000eSpec.BaseHigh, (uint)(bus >> 32));
        region.Write32(queue + E1000eSpec.Length, (uint)(entryCount * 16));
        region.Write32(queue + E1000eSpec.Head, (uint)head);
        region.Write32(queue + E1000eSpec.Tail, (uint)tail);
    }
}
