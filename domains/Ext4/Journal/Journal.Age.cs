namespace RedLeafSharp.Domains.Ext4;

/// <content>How long a transaction runs, and which of them an inode is in.</content>
internal sealed partial class Journal
{
    private KernelEvent? begun;
    private bool isTimed;
    private long startMicros;

    /// <summary>How old the running transaction may become.</summary>
    internal long CommitIntervalMicros { get; set; } = Ext4Limits.CommitIntervalMicros;

    /// <summary>The number of the running transaction.</summary>
    internal uint Running => sequence;

    /// <summary>Whether a transaction is in the log as a whole; numbers wrap around, as in Linux (tid_geq).</summary>
    internal bool HasCommitted(uint transaction) => (int)(sequence - transaction) > 0;

    /// <summary>Whether the running transaction is to be committed by the next call.</summary>
    internal bool IsOld(CallContext context) => HasChanges && AgeMicros(context) >= CommitIntervalMicros;

    /// <summary>Commits the running transaction if it is old.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="begins">Signaled when a transaction begins and nobody has said when it will be looked at.</param>
    /// <returns>Microseconds until it has to be looked at again.</returns>
    internal long DoDue(CallContext context, KernelEvent begins)
    {
        begun = begins;
        if (IsOld(context) && !IsAborted && !volume.IsReadOnly)
        {
            // Lost file data is told by the next sync.
            _ = volume.Commit(context);
        }

        isTimed = HasChanges && !IsAborted && !volume.IsReadOnly;
        return isTimed ? CommitIntervalMicros - AgeMicros(context) : KernelEvent.Forever;
    }

    private long AgeMicros(CallContext context) => context.UptimeMicros - startMicros;

    /// <summary>The first change of a transaction. Its timer may still be that of the one before: then it is looked at earlier.</summary>
    private void NoteBegin(CallContext context)
    {
        startMicros = context.UptimeMicros;
        if (!isTimed && begun is not null)
        {
            isTimed = true;
            begun.Signal();
        }
    }
}
