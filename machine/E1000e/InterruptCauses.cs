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
    private uint postponed;

    /// <summary>IMS.</summary>
    internal uint Mask { get; private set; }

    /// <summary>EIAC: causes that their vector's message clears and masks.</summary>
    internal uint AutoClear { get; set; }

    /// <summary>IAM: what a read of ICR masks when CTRL_EXT.IAME is set.</summary>
    internal uint AutoMask { get; set; }

    /// <summary>IVAR.</summary>
    internal uint Allocation { get; set; }

    /// <summary>Mirror of CTRL_EXT.</summary>
    internal uint ExtendedControl { get; set; }

    /// <summary>ICR without the effects of reading it.</summary>
    internal uint Causes => causes | ((causes != 0) ? Spec.CauseAsserted : 0);

    /// <summary>Whether a message waits for its vector's throttle.</summary>
    internal bool HasPostponed => postponed != 0;

    internal uint GetInterval(int vector) => intervals[vector];

    internal void SetInterval(int vector, uint interval) => intervals[vector] = interval & 0xFFFF;

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

    internal void MaskOff(uint removed) => Mask &= ~removed;

    /// <summary>A read of ICR (section 10.2.4.1).</summary>
    internal uint Read()
    {
        uint value = Causes;
        if (Mask == 0)
        {
            causes = 0;
        }
        else if (causes != 0 && (ExtendedControl & Spec.ExtendedAutoMaskOnRead) != 0)
        {
            causes = 0;
            Mask &= ~AutoMask;
        }

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
        Deliver();
    }

    /// <summary>Sends the messages whose time has come.</summary>
    /// <returns>Whether there were any.</returns>
    internal bool Step()
    {
        uint before = postponed;
        for (int vector = 0; vector < Spec.VectorCount; vector++)
        {
            if ((postponed & (1u << vector)) != 0)
            {
                Send(vector);
            }
        }

        return postponed != before;
    }

    internal void Reset()
    {
        causes = 0;
        Mask = 0;
        AutoClear = 0;
        AutoMask = 0;
        Allocation = 0;
        ExtendedControl = 0;
        postponed = 0;
        Array.Clear(intervals);
        Array.Clear(quietUntilMicros);
    }

    private void Deliver()
    {
        if (!configuration.IsMsixEnabled)
        {
            return;
        }

        causes |= (causes & Spec.OtherCauses) != 0 ? Spec.CauseOther : 0;
        uint due = causes & Mask & Spec.VectorCauses;
        for (int index = 0; due != 0 && index < Spec.VectorCount; index++)
        {
            uint cause = Spec.CauseReceiveQueue0 << index;
            if ((due & cause) != 0)
            {
                SendFor(cause, Allocation >> (4 * index) & 0xF);
            }
        }
    }

    private void SendFor(uint cause, uint entry)
    {
        if ((entry & Spec.VectorValid) != 0 && (entry & 7) < Spec.VectorCount)
        {
            Send((int)(entry & 7));
        }

        uint cleared = AutoClear & cause;
        causes &= ~cleared;
        if ((ExtendedControl & Spec.ExtendedAutoMaskOnRead) == 0)
        {
            Mask &= ~cleared;
        }
    }

    private void Send(int vector)
    {
        long now = intervals[vector] == 0 ? 0 : uptimeMicros();
        if (now < quietUntilMicros[vector])
        {
            postponed |= 1u << vector;
            return;
        }

        postponed &= ~(1u << vector);
        quietUntilMicros[vector] = now + (intervals[vector] * Spec.ThrottlingNanoseconds / 1000);
        statistics.Count(Spec.InterruptsAsserted);
        if (faults is null || faults.InterruptArrives)
        {
            vectors.Raise(1UL << vector);
        }
    }
}
