using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>An open directory. Its offset is a cookie of the file system.</summary>
internal sealed class OpenDirectory(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode)
    : OpenInode(flags, count, vnodes, vnode)
{
    private ulong cookie;

    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer) => Errno.IsDirectory;

    public override Reply<int, Errno> ReadAt(CallContext context, ulong offset, Span<byte> buffer) => Errno.IsDirectory;

    public override Reply<int, Errno> ReadDirectory(CallContext context, Span<byte> buffer)
    {
        Reply<int, Errno> reply = Vnode.Files.ReadDirectory(context, Vnode.Inode, cookie, buffer);
        if (!reply.IsOk)
        {
            return reply.ErrorOf();
        }

        ReadOnlySpan<byte> listing = buffer[..reply.Value];
        while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
        {
            cookie = entry.NextCookie;
        }

        return reply;
    }

    /// <summary>Rewinds, or goes to a cookie. A listing begins at the first name at or after it.</summary>
    public override Reply<long, Errno> Seek(CallContext context, long offset, SeekOrigin origin)
    {
        long start = origin == SeekOrigin.Current ? (long)cookie : 0;
        if (origin is not (SeekOrigin.Start or SeekOrigin.Current) || (offset < 0 && start + offset < 0))
        {
            return Errno.InvalidArgument;
        }

        if (start > long.MaxValue - Math.Max(offset, 0))
        {
            return Errno.Overflow;
        }

        cookie = (ulong)(start + offset);
        return (long)cookie;
    }
}
