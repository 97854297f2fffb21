using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// An open file description (POSIX.1-2017, 3.258): what dup and spawn share. A kind of file overrides what it can do.
/// </summary>
internal abstract class OpenFile(OpenFlags flags, OpenFileCount count)
{
    /// <summary>How many descriptors name it.</summary>
    public int References { get; set; }

    public OpenFlags Flags { get; } = flags;

    public bool CanRead => (Flags & OpenFlags.AccessMask) != OpenFlags.WriteOnly;

    public bool CanWrite => (Flags & OpenFlags.AccessMask) != OpenFlags.ReadOnly;

    public virtual Reply<int, Errno> Read(CallContext context, Span<byte> buffer) => Errno.InvalidArgument;

    public virtual Reply<int, Errno> Write(CallContext context, ReadOnlySpan<byte> data) =>
        Errno.InvalidArgument;

    public virtual Reply<int, Errno> ReadAt(CallContext context, ulong offset, Span<byte> buffer) => Errno.IllegalSeek;

    public virtual Reply<int, Errno> WriteAt(CallContext context, ulong offset, ReadOnlySpan<byte> data) =>
        Errno.IllegalSeek;

    public virtual Reply<long, Errno> Seek(CallContext context, long offset, SeekOrigin origin) =>
        Errno.IllegalSeek;

    public virtual Reply<int, Errno> ReadDirectory(CallContext context, Span<byte> buffer) =>
        Errno.NotDirectory;

    public abstract Reply<FileAttributes, Errno> GetAttributes(CallContext context);

    public virtual Reply<Unit, Errno> SetAttributes(CallContext context, Process process, in FileAttributesChange change) =>
        Errno.InvalidArgument;

    public virtual Reply<Unit, Errno> Sync(CallContext context) => Errno.InvalidArgument;

    public virtual Reply<bool, Errno> IsTerminal(CallContext context) => false;

    /// <summary>The last reference is gone.</summary>
    public Errno Close(CallContext context)
    {
        count.Leave();
        return OnClose(context);
    }

    protected virtual Errno OnClose(CallContext context) => Errno.None;
}

/// <summary>Counts the open file descriptions of the system, or of a session, which is a part of it.</summary>
internal sealed class OpenFileCount(int max, OpenFileCount? all = null)
{
    private int value;

    /// <summary>Whether so many more fit in, here and in the whole.</summary>
    public bool HasRoomFor(int count) => value + count <= max && (all?.HasRoomFor(count) ?? true);

    /// <summary>Counts one more, unless a bound is reached.</summary>
    public bool TryEnter()
    {
        if (!HasRoomFor(1))
        {
            return false;
        }

        value++;
        _ = all?.TryEnter();
        return true;
    }

    public void Leave()
    {
        value--;
        all?.Leave();
    }
}
