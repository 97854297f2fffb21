namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Where an experiment makes the controller misbehave, or the driver crash. All methods do nothing here; override what is
/// needed. A controller without one pays a null check.
/// </summary>
internal abstract class E1000eFaults
{
    /// <summary>The controller that has these faults; set by its constructor.</summary>
    internal SimulatedE1000e? Controller { get; set; }

    /// <summary>Before a register is read or written. What it throws reaches the driver; the access does not happen.</summary>
    internal virtual void BeforeRegister(bool isWrite, int offsetBytes, uint value)
    {
    }

    /// <summary>After a register was read or written, the work of a tail write included. May throw likewise.</summary>
    internal virtual void AfterRegister(bool isWrite, int offsetBytes, uint value)
    {
    }

    /// <summary>What a read gives in place of a register's value.</summary>
    internal virtual uint OnRead(int offsetBytes, uint value) => value;

    /// <summary>Whether a write gets lost on its way.</summary>
    internal virtual bool LosesWrite(int offsetBytes, uint value) => false;

    /// <summary>When a descriptor is about to be worked off and written back: what shall go wrong with it.</summary>
    /// <param name="isReceive">Of which ring.</param>
    /// <param name="index">How many of this ring were written back before.</param>
    internal virtual WriteBackFault OnWriteBack(bool isReceive, long index) => default;

    /// <summary>Which bits of a word of the configuration memory are read wrong.</summary>
    internal virtual ushort OnEepromRead(int word) => 0;

    /// <summary>Whether an interrupt message that is sent arrives.</summary>
    internal virtual bool InterruptArrives => true;

    /// <summary>Whether the link comes up after a reset, and stays up.</summary>
    internal virtual bool LinkComesUp => true;

    /// <summary>Whether a reset ends.</summary>
    internal virtual bool ResetEnds => true;
}

/// <summary>What goes wrong with one descriptor.</summary>
/// <param name="Kind">What.</param>
/// <param name="Argument">Bytes, a bit, or a pattern; the kind says which.</param>
internal readonly record struct WriteBackFault(DescriptorFault Kind, int Argument = 0);

/// <summary>What goes wrong with a descriptor.</summary>
internal enum DescriptorFault
{
    None,

    /// <summary>It is never written back: the device stops there.</summary>
    Stall,

    /// <summary>It is never written back, and the device goes on to the next one.</summary>
    Lost,

    /// <summary>The next one is written back, too, though nothing was done for it.</summary>
    Twice,

    /// <summary>Received: a length beyond the buffer.</summary>
    WrongLength,

    /// <summary>Received: a length that is shorter by the argument.</summary>
    ShortLength,

    /// <summary>Received: an error bit.</summary>
    Error,

    /// <summary>Received: status and length are the argument and its bits turned about.</summary>
    Garbage,

    /// <summary>Received: the frame does not get into the buffer, which holds what it held.</summary>
    NoData,

    /// <summary>Received: the bit of the argument is wrong in the buffer, and the checksums count as right.</summary>
    HiddenDamage,

    /// <summary>Received: a right checksum counts as wrong.</summary>
    FalseAlarm,

    /// <summary>Received: the frame goes to a place so many pages behind its buffer.</summary>
    Elsewhere,

    /// <summary>Received: so many bytes behind the buffer are overwritten.</summary>
    Overrun,
}
