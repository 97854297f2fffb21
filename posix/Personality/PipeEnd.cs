using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>One end of a pipe. Writing without a reader is EPIPE; there is no SIGPIPE.</summary>
internal sealed class PipeEnd(OpenFlags flags, OpenFileCount count, Pipe pipe, PipeCount pipes, ulong number)
    : OpenFile(flags, count)
{
    private const uint OwnerReadWrite = 0x180;

    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer) =>
        pipe.Read(context, buffer);

    public override Reply<int, Errno> Write(CallContext context, ReadOnlySpan<byte> data) =>
        pipe.Write(context, data);

    public override Reply<FileAttributes, Errno> GetAttributes(CallContext context) => new FileAttributes
    {
        Inode = number,
        Mode = FileMode.Fifo | OwnerReadWrite,
        LinkCount = 1,
        BlockBytes = Limits.PipeAtomicBytes,
    };

    protected override Errno OnClose(CallContext context)
    {
        if (CanRead)
        {
            pipe.CloseReader();
        }
        else
        {
            pipe.CloseWriter();
        }

        if (pipe.IsClosed)
        {
            pipes.Leave();
        }

        return Errno.None;
    }
}

/// <summary>Counts the pipes of the system, or of a session, which is a part of it.</summary>
internal sealed class PipeCount(int max, PipeCount? all = null)
{
    private ulong lastNumber;
    private int value;

    public bool IsFull => value >= max || (all?.IsFull ?? false);

    /// <summary>Counts one more pipe.</summary>
    /// <returns>The number that stands for an inode number in its attributes.</returns>
    public ulong Enter()
    {
        value++;
        lastNumber++;
        return all?.Enter() ?? lastNumber;
    }

    public void Leave()
    {
        value--;
        all?.Leave();
    }
}
