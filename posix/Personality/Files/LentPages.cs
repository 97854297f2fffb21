using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// Pages that a file system has lent for a call of one process. A process that is killed while it waits to get into the file system is
/// unwound from there, so the call that returns them has not been made; it is made when the process's end is reported.
/// </summary>
internal sealed class LentPages
{
    private PageRange[]? ranges;
    private IFileSystem? lender;
    private int count;

    /// <summary>What is on loan.</summary>
    public ReadOnlySpan<PageRange> Ranges => ranges.AsSpan(0, count);

    /// <summary>Borrows pages with bytes of a file, until <see cref="Return"/>.</summary>
    /// <returns>As <see cref="IFileSystem.LendPages"/>.</returns>
    public Reply<int, Errno> Borrow(CallContext context, Vnode vnode, ulong offset, int lengthBytes, int rangeCountMax)
    {
        ranges ??= new PageRange[Limits.LentRangeCountMax];
        Reply<int, Errno> reply = vnode.Files.LendPages(context, vnode.Inode, offset, lengthBytes, ranges.AsSpan(0, rangeCountMax));
        (lender, count) = reply.Value > 0 ? (vnode.Files, reply.Value) : (null, 0);
        return reply;
    }

    /// <summary>Ends the loan, if there is one. A file system that is dead has nothing to get back.</summary>
    public void Return(CallContext context)
    {
        if (lender is { } files)
        {
            _ = files.ReturnPages(context, Ranges);
            (lender, count) = (null, 0);
        }
    }
}
