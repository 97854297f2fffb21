using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <content>Bytes of files that are sent where they lie.</content>
internal sealed partial class Ext4FileSystem
{
    /// <inheritdoc/>
    public Reply<int, Errno> LendPages(CallContext context, ulong inode, ulong offset, int lengthBytes, Span<PageRange> ranges)
    {
        Errno error = LoadRegular(context, inode, out Inode loaded);
        if (error == Errno.None && lengthBytes < 0)
        {
            error = Errno.InvalidArgument;
        }

        int count = 0;
        if (error == Errno.None)
        {
            error = volume.Lending.Lend(context, loaded, offset, lengthBytes, ranges, out count);
        }

        if (error == Errno.None && lengthBytes > 0)
        {
            NoteAccess(context, loaded, isStart: offset == 0);
        }

        return error == Errno.None ? count : error;
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> ReturnPages(CallContext context, ReadOnlySpan<PageRange> ranges)
    {
        if (isUnmounted)
        {
            return Errno.NoDevice;
        }

        bool isRight = true;
        foreach (ref readonly PageRange range in ranges)
        {
            isRight &= volume.Cache.TryReturn(context, range.BusAddress);
        }

        return isRight ? default(Unit) : Errno.InvalidArgument;
    }
}
