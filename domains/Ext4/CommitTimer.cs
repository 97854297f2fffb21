using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Commits what has waited for so long, though nobody calls: Linux's <c>commit=5</c>. Without a journal there is nothing to
/// commit, and what waits is written when the cache is half full of it, or by a sync.
/// </summary>
internal sealed class CommitTimer(Ext4FileSystem files) : ITimedWork
{
    /// <inheritdoc/>
    public Reply<long, DomainError> DoDue(CallContext context, KernelEvent sooner) =>
        files.IsUnmounted ? DomainError.DependencyFailed
        : files.Journal is { } journal ? journal.DoDue(context, sooner)
        : KernelEvent.Forever;
}
