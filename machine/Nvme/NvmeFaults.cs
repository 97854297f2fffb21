namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// Where an experiment makes the controller misbehave, or the driver crash. All methods do nothing here; override what is
/// needed. A controller without one pays a null check.
/// </summary>
internal abstract class NvmeFaults
{
    /// <summary>
    /// Before a register of BAR 0 is read or written. What it throws reaches the driver; the access does not happen.
    /// </summary>
    internal virtual void BeforeRegister(RegisterAccess access, int offsetBytes, ulong value)
    {
    }

    /// <summary>After a register of BAR 0 was read or written, work in a doorbell write included. May throw likewise.</summary>
    internal virtual void AfterRegister(RegisterAccess access, int offsetBytes, ulong value)
    {
    }

    /// <summary>When a command has been fetched: what shall go wrong with it.</summary>
    /// <param name="queueId">The submission queue; 0 is the admin queue.</param>
    /// <param name="index">How many commands were fetched from this queue before.</param>
    /// <param name="command">The command.</param>
    internal virtual CommandFault OnCommand(int queueId, long index, in SubmissionEntry command) => default;

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
/// <see cref="CommandFaultKind.WrongCommandId"/>.
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
}
