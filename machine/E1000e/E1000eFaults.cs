namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Where an experiment makes the controller misbehave, or the driver crash. All methods do nothing here; override what is
/// needed. A controller without one pays a null check.
/// </summary>
internal abstract class E1000eFaults
{
    /// <summary>Before a register is read or written. What it throws reaches the driver; the access does not happen.</summary>
    internal virtual void BeforeRegister(bool isWrite, int offsetBytes, uint value)
    {
    }

    /// <summary>After a register was read or written, the work of a tail write included. May throw likewise.</summary>
    internal virtual void AfterRegister(bool isWrite, int offsetBytes, uint value)
    {
    }

    /// <summary>When a descriptor is about to be written back: what shall go wrong with it.</summary>
    /// <param name="isReceive">Of which ring.</param>
    /// <param name="index">How many of this ring were written back before.</param>
    internal virtual DescriptorFault OnWriteBack(bool isReceive, long index) => DescriptorFault.None;

    /// <summary>Whether the link comes up after a reset.</summary>
    internal virtual bool LinkComesUp => true;

    /// <summary>Whether a reset ends.</summary>
    internal virtual bool ResetEnds => true;
}

/// <summary>What goes wrong with a descriptor.</summary>
internal enum DescriptorFault
{
    None,

    /// <summary>It is never written back: the device stops there.</summary>
    Stall,

    /// <summary>Received: a length beyond the buffer.</summary>
    WrongLength,

    /// <summary>Received: an error bit.</summary>
    Error,
}
