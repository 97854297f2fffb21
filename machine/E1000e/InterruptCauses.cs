using RedLeafSharp.Machine.Pci;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Interrupt causes, masks and the vectors that they go to (sections 7.4 and 10.2.4). Only MSI-X leads out of the function;
/// without it causes are there to be read.
/// </summary>
/// <param name="vectors">The function's vectors.</param>
/// <param name="configuration">Says whether MSI-X is on.</param>
/// <param name="statistics">Counts interrupts.</param>
/// <param name="uptimeMicros">The time, for throttling.</param>
/// <param name="faults">What goes wrong; null for nothing.</param>
internal sealed class InterruptCauses(
    MsixTable vectors, PciConfiguration configuration, E1000eStatistics statistics, Func<long> uptimeMicros, E1000eFaults? faults)
{
    private readonly uint[] intervals = new uint[Spec.VectorCount];
    private readonly long[] quietUntilMicros = new long[Spec.VectorCount];
    private uint causes;

    /// <summary>Causes that a message has told of; not told again until they have been cleared or masked.</summary>
    private uint told;

    /// <summary>IMS.</summary>
    internal uint Mask { get; private set; }

    /// <summary>EIAC: causes that their vector's message clears and masks.</summary>
    internal uint AutoClear { get; set; }

    /// <summary>IAM: what a read of ICR masks when CTRL_EXT.IAME is set, and a message of its causes when CTRL_EXT.EIAME is.</summary>
    internal uint AutoMask { get; set; }

    /// <summary>IVAR.</summary>
    internal uint Allocation { get; set; }

    /// <summary>Mirror of CTRL_EXT.</summary>
    internal uint ExtendedControl { get; set; }

    /// <summary>ICR without the effects of reading it.</summary>
    internal uint Causes => causes | ((causes != 0) ? Spec.CauseAsserted : 0);

    /// <summary>Whether a message waits for its vector's throttle.</summary>
    internal bool HasPostponed { get; private set; }

    internal uint GetInterval(int vector) => intervals[vector];

    /// <summary>EITR; without an interval, no message waits for the end of the last one.</summary>
    internal void SetInterval(int vector, uint interval)
    {
        intervals[vector] = interval & 0xFFFF;
        quietUntilMicros[vector] = intervals[vector] == 0 ? 0 : quietUntilMicros[vector];
    }

    internal void Set(uint added)
    {
        causes |= added & Spec.CausesWritable;
        Deliver();
    }

    internal void Unmask(uint added)
    {
        Mask |= added & Spec.CausesWritable;
        Deliver();
    }

    internal void MaskOff(uint removed)
    {
        Mask &= ~removed;
        told &= Mask;
    }

    /// <summary>
    /// A read of ICR clears it (sections 7.4.3 and 10.2.4.1), except with MSI-X while no cause is both set and unmasked, and some mask is.
    /// </summary>
    internal uint Read()
    {
        uint value = Causes;
        bool isMasking = causes != 0 && (ExtendedControl & Spec.ExtendedAutoMaskOnRead) != 0;
        if (isMasking || Mask == 0 || (causes & Mask) != 0 || !configuration.IsMsixEnabled)
        {
            causes = 0;
            told = 0;
        }

        Mask &= isMasking ? ~AutoMask : uint.MaxValue;
        return value;
    }

    /// <summary>A write to ICR clears the causes whose bits are one; "other" stands for those that it sums up.</summary>
    internal void Clear(uint cleared)
    {
        if (causes != 0 && (ExtendedControl & Spec.ExtendedAutoMaskOnRead) != 0)
        {
            Mask &= ~AutoMask;
        }

        causes &= ~cleared;
        causes &= (cleared & Spec.CauseOther) != 0 ? ~Spec.OtherCauses : uint.MaxValue;
        told &= causes & Mask;
        Deliver();
    }

    /// <summary>Sends the messages whose time has come.</summary>
    /// <returns>Whether none is left of those that waited.</returns>
    internal bool Step()
    {
        if (!HasPostponed)
        {
            return false;
        }

        Deliver();
        return !HasPostponed;
    }

    internal void Reset()
    {
        causes = 0;
        Mask = 0;
        AutoClear = 0;
        AutoMask = 0;
        Allocation = 0;
        ExtendedControl = 0;
        told = 0;
        HasPostponed = false;
        Array.Clear(intervals);
        Array.Clear(quietUntilMicros);
    }

    private void Deliver()
    {
        HasPostponed = false;
        if (!configuration.IsMsixEnabled)
        {
            return;
        }

        causes |= (causes & Spec.OtherCauses) != 0 ? Spec.CauseOther : 0;
        uint due = causes & Mask & Spec.VectorCauses & ~told;
        uint sent = 0;
        for (int index = 0; due != 0 && index < Spec.VectorCount; index++)
        {
            uint cause = Spec.CauseReceiveQueue0 << index;
            if ((due & cause) != 0)
            {
                SendFor(cause, Allocation >> (4 * index) & 0xF, ref sent);
            }
        }
    }

    /// <summary>Tells of a cause, and does then what EIAME and EIAC ask for; a cause that has to wait stays as it is.</summary>
    /// <param name="cause">The cause.</param>
    /// <param name="entry">Its entry of IVAR.</param>
    /// <param name="sent">Vectors whose message has gone out for another cause of the same moment: it tells of this one, too.</param>
    private void SendFor(uint cause, uint entry, ref uint sent)
    {
        int vector = (int)(entry & 7);
        if ((entry & Spec.VectorValid) != 0 && vector < Spec.VectorCount)
        {
            if ((sent & (1u << vector)) == 0 && !TrySend(vector))
            {
                HasPostponed = true;
                return;
            }

            sent |= 1u << vector;
            told |= cause;
            Mask &= (ExtendedControl & Spec.ExtendedAutoMaskOnVector) != 0 ? ~(AutoMask & cause) : uint.MaxValue;
        }

        uint cleared = AutoClear & cause;
        causes &= ~cleared;
        if ((ExtendedControl & Spec.ExtendedAutoMaskOnRead) == 0)
        {
            Mask &= ~cleared;
        }

        told &= causes & Mask;
    }

    private bool TrySend(int vector)
    {
        long now = intervals[vector] == 0 ? 0 : uptimeMicros();
        if (now < quietUntilMicros[vector])
        {
            return false;
        }

        quietUntilMicros[vector] = now + (intervals[vector] * Spec.ThrottlingNanoseconds / 1000);
        statistics.Count(Spec.InterruptsAsserted);
        if (faults is null || faults.InterruptArrives)
        {
            vectors.Raise(1UL << vector);
        }

        return true;
    }
}
