using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>sendfile(2).</content>
internal sealed partial class SystemCalls
{
    public Reply<int, Errno> SendFile(CallContext context, int output, int input, int lengthBytes)
    {
        Errno error = FindInput(context, input, isPlaced: false, out Process process, out OpenFile source);
        if (error != Errno.None)
        {
            return error;
        }

        // As on Linux, the offset is looked at here and set at the end: sharing it keeps nobody waiting.
        var file = source as RegularFile;
        long start = file?.Offset ?? 0;
        Reply<int, Errno> moved = Transfer(context, process, output, source, (ulong)start, lengthBytes);
        if (moved.Value > 0)
        {
            file!.Offset = start + moved.Value;
        }

        return moved;
    }

    public Reply<int, Errno> SendFileAt(CallContext context, int output, int input, ulong offset, int lengthBytes)
    {
        Errno error = FindInput(context, input, isPlaced: true, out Process process, out OpenFile source);
        return error != Errno.None ? error : Transfer(context, process, output, source, offset, lengthBytes);
    }

    private Errno FindInput(CallContext context, int input, bool isPlaced, out Process process, out OpenFile source)
    {
        Errno error = Find(context, input, out process, out source);
        return error != Errno.None ? error
            : !source.CanRead ? Errno.BadDescriptor
            : isPlaced && (source.Vnode is null || source is Fifo) ? Errno.IllegalSeek
            : Errno.None;
    }

    /// <summary>Looks for errors in the order in which Linux does, and moves the bytes.</summary>
    private Reply<int, Errno> Transfer(CallContext context, Process process, int output, OpenFile source, ulong start, int lengthBytes)
    {
        if (lengthBytes < 0 || start > long.MaxValue - (ulong)lengthBytes)
        {
            return Errno.InvalidArgument;
        }

        if (process.Descriptors[output] is not { CanWrite: true } target)
        {
            return Errno.BadDescriptor;
        }

        // To a pipe one can only append; Linux does not look at the flag there either.
        bool appends = (target.Flags & OpenFlags.Append) != 0 && target is not (PipeEnd or Fifo);
        if (appends || source is not RegularFile file)
        {
            return Errno.InvalidArgument;
        }

        var transfer = new FileTransfer(state, process, file, target, start, Math.Min(lengthBytes, Limits.SendFileBytesMax));
        return SignalFor(context, process, target, transfer.Run(context));
    }
}
