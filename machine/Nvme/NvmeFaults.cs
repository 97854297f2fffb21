namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// Where an experiment makes the controller misbehave, or the driver crash. All methods do nothing here; override what is
/// needed. A controller without one pays a null check.
/// </summary>
internal abstract class NvmeFaults
{
    /// <summary>The controller; set by it.</summary>
    internal NvmeController? Controller { get; set; }

    /// <summary>
    /// Before a register of BAR 0 is read or written. What it throws reaches the driver; the access does not happen.
    /// </summary>
    internal virtual void BeforeRegister(RegisterAccess access, int offsetBytes, ulong value)
    {
    }

    /// <summary>What a read of a register gives, in place of what the controller answers. Both halves of a wide one are one read.</summary>
    internal virtual ulong OnRead(int offsetBytes, int widthBytes, ulong value) => value;

    /// <summary>Whether a write to a register gets lost on its way.</summary>
    internal virtual bool LosesWrite(int offsetBytes, ulong value) => false;

    /// <summary>After a register of BAR 0 was read or written, work in a doorbell write included. May throw likewise.</summary>
    internal virtual void AfterRegister(RegisterAccess access, int offsetBytes, ulong value)
    {
    }

    /// <summary>When a command has been fetched: what shall go wrong with it.</summary>
    /// <param name="queueId">The submission queue; 0 is the admin queue.</param>
    /// <param name="index">How many commands were fetched from this queue before.</param>
    /// <param name="command">The command.</param>
    internal virtual CommandFault OnCommand(int queueId, long index, in SubmissionEntry command) => default;

    /// <summary>A completion has been posted. Nothing can be changed about it any more.</summary>
    /// <param name="queueId">The submission queue.</param>
    /// <param name="commandId">The command that it names.</param>
    /// <param name="status">Its status.</param>
    internal virtual void OnAnswered(int queueId, ushort commandId, ushort status)
    {
    }

    /// <summary>Which of the vectors that are to be raised get lost, or come in addition.</summary>
    internal virtual ulong OnInterrupt(ulong vectors) => vectors;

    /// <summary>What the namespace is reported to hold, in blocks.</summary>
    internal virtual ulong OnIdentify(ulong blockCount) => blockCount;

    /// <summary>Whether a controller that is enabled ever becomes ready.</summary>
    internal virtual bool BecomesReady => true;
}

/// <summary>Direction of a register access.</summary>
internal enum RegisterAccess
{
    Read,
    Write,
}

/// <summary>What goes wrong with one command.</summary>
/// <param name="Kind">How.</param>
/// <param name="Argument">
/// Status for <see cref="CommandFaultKind.Status"/>, steps for <see cref="CommandFaultKind.Late"/>, identifier for
/// <see cref="CommandFaultKind.WrongCommandId"/>; entries, sectors, blocks or bits for others, as they say.
/// </param>
internal readonly record struct CommandFault(CommandFaultKind Kind, int Argument = 0);

/// <summary>How a command can go wrong.</summary>
internal enum CommandFaultKind
{
    None,

    /// <summary>The command is lost: neither carried out nor answered.</summary>
    DropCommand,

    /// <summary>The command is carried out and never answered.</summary>
    DropCompletion,

    /// <summary>The command is not carried out and answered with a status of choice.</summary>
    Status,

    /// <summary>The command is carried out some steps later than it would be.</summary>
    Late,

    /// <summary>The command is answered twice.</summary>
    Duplicate,

    /// <summary>The answer names another command.</summary>
    WrongCommandId,

    /// <summary>The answer has the wrong phase tag: the driver does not see it.</summary>
    FlipPhase,

    /// <summary>The controller fails: CSTS.CFS.</summary>
    Fatal,

    /// <summary>The answer says that the controller has fetched so many commands less than it has.</summary>
    StaleHead,

    /// <summary>The answer comes without an interrupt.</summary>
    NoInterrupt,

    /// <summary>A write is answered and not carried out. So is a flush: what the cache holds stays volatile.</summary>
    Lost,

    /// <summary>Only so many sectors of a write are carried out; it is answered as if all were.</summary>
    Torn,

    /// <summary>A read or write goes to a place so many blocks further on, around the end of the namespace.</summary>
    Misdirected,

    /// <summary>A write goes to its place, and to one so many blocks further on.</summary>
    Phantom,

    /// <summary>A bit of what is read has changed on the medium; the number counts bits from the first block on.</summary>
    BitRot,
}
