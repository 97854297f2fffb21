using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A UNIX datagram socket: a queue of messages. None is lost: who sends to a full queue waits.</summary>
internal sealed class UnixDatagram(CallContext context, PersonalityState state, OpenFlags flags, Session session)
    : UnixSocket(state, flags, session, SocketKind.Datagram)
{
    private readonly Queue<Message> messages = new();
    private readonly KernelEvent arrived = KernelEvent.Create(context);
    private readonly KernelEvent taken = KernelEvent.Create(context);
    private int queuedBytes;
    private UnixDatagram? peer;
    private bool isClosed;
    private bool isReceiveShut;
    private bool isSendShut;

    private bool IsFull => messages.Count >= Limits.UnixDatagramCountMax || queuedBytes >= Limits.UnixDatagramBytesMax;

    public override Errno ConnectTo(CallContext context, UnixSocket target)
    {
        var other = (UnixDatagram)target;
        if (!other.Accepts(this))
        {
            return Errno.NotPermitted;
        }

        peer = other;
        return Errno.None;
    }

    public override Errno Disconnect()
    {
        peer = null;
        return Errno.None;
    }

    /// <summary>socketpair.</summary>
    public Errno Pair(UnixDatagram other)
    {
        (peer, other.peer) = (other, this);
        return Errno.None;
    }

    public override Reply<int, Errno> Send(
        CallContext context, Process process, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, SocketFlags flags)
    {
        if (peer is { isClosed: true })
        {
            peer = null;
            return Errno.ConnectionRefused;
        }

        return peer is null ? Errno.NotConnected : SendTo(context, peer, data, flags);
    }

    public override Reply<int, Errno> SendFiles(
        CallContext context, Process process, ReadOnlySpan<byte> data, SocketFlags flags, PassedFiles files)
    {
        Reply<int, Errno> reply = peer is null or { isClosed: true }
            ? Send(context, process, data, default, flags)
            : SendTo(context, peer, data, flags, files);
        if (!reply.IsOk)
        {
            files.Drop(context);
        }

        return reply;
    }

    public Reply<int, Errno> SendTo(
        CallContext context, UnixDatagram target, ReadOnlySpan<byte> data, SocketFlags flags, PassedFiles? files = null)
    {
        if ((flags & SocketFlags.OutOfBand) != 0)
        {
            return Errno.NotSupported;
        }

        if (isSendShut || data.Length > Limits.UnixDatagramBytesMax)
        {
            return isSendShut ? Errno.BrokenPipe : Errno.MessageTooLong;
        }

        long deadline = DeadlineOf(context, SendTimeoutMicros);
        while (true)
        {
            Errno error = !target.Accepts(this) ? Errno.NotPermitted
                : target.isClosed ? Errno.ConnectionRefused
                : target.isReceiveShut ? Errno.BrokenPipe
                : !target.IsFull ? Errno.None
                : Waits(flags) ? WaitUntil(context, target.taken, deadline)
                : Errno.TryAgain;
            if (error != Errno.None)
            {
                return error;
            }

            if (!target.IsFull && !target.isClosed)
            {
                target.Enqueue(new Message(data.ToArray(), Name, files));
                return data.Length;
            }
        }
    }

    public override Reply<int, Errno> Receive(
        CallContext context, Span<byte> buffer, Span<byte> name, SocketFlags flags, out MessageInfo message)
    {
        Reply<int, Errno> reply = ReceiveFiles(context, buffer, name, flags, out message, out PassedFiles? files);
        files?.Drop(context);
        return reply;
    }

    public override Reply<int, Errno> ReceiveFiles(
        CallContext context, Span<byte> buffer, Span<byte> name, SocketFlags flags, out MessageInfo message, out PassedFiles? files)
    {
        (message, files) = (default, null);
        if ((flags & SocketFlags.OutOfBand) != 0)
        {
            return Errno.NotSupported;
        }

        long deadline = DeadlineOf(context, ReceiveTimeoutMicros);
        while (messages.Count == 0)
        {
            if (!Waits(flags))
            {
                return Errno.TryAgain;
            }

            if (isReceiveShut)
            {
                return 0;
            }

            Errno error = WaitUntil(context, arrived, deadline);
            if (error != Errno.None)
            {
                return error;
            }
        }

        bool isPeek = (flags & SocketFlags.Peek) != 0;
        Message first = isPeek ? messages.Peek() : Dequeue();
        files = isPeek ? null : first.Files;
        int length = Math.Min(first.Data.Length, buffer.Length);
        first.Data.AsSpan(0, length).CopyTo(buffer);
        message.IsTruncated = length < first.Data.Length;
        message.NameLength = first.Name.Length > SocketNames.FamilyBytes ? CopyName(first.Name, name) : 0;
        return (flags & SocketFlags.Truncate) != 0 ? first.Data.Length : length;
    }

    public override Errno Shutdown(CallContext context, ShutdownHow how)
    {
        isReceiveShut |= how != ShutdownHow.Send;
        isSendShut |= how != ShutdownHow.Receive;
        arrived.SignalAll();
        Watchers.NoteChange();
        return Errno.None;
    }

    public override Reply<int, Errno> GetPeerName(CallContext context, Span<byte> name) =>
        peer is null ? Errno.NotConnected : CopyName(peer.Name, name);

    public override Reply<long, Errno> GetOption(CallContext context, SocketOption option) =>
        option == SocketOption.UnreadBytes
            ? messages.Count == 0 ? 0L : messages.Peek().Data.Length
            : base.GetOption(context, option);

    public override SocketReadiness GetReadiness(CallContext context)
    {
        SocketEvents events = peer is { isClosed: false, IsFull: true } ? SocketEvents.None : SocketEvents.Writable;
        events |= messages.Count > 0 || isReceiveShut ? SocketEvents.Readable : SocketEvents.None;
        events |= isReceiveShut ? SocketEvents.PeerClosed : SocketEvents.None;
        events |= isReceiveShut && isSendShut ? SocketEvents.HungUp : SocketEvents.None;
        return new SocketReadiness { Events = events, ChangeCount = Watchers.ChangeCount };
    }

    public override void AddQueued(List<PassedFiles> queued)
    {
        foreach (Message message in messages)
        {
            if (message.Files is { } files)
            {
                queued.Add(files);
            }
        }
    }

    public override void DropQueued(CallContext context)
    {
        while (messages.TryDequeue(out Message lost))
        {
            queuedBytes -= lost.Data.Length;
            lost.Files?.Drop(context);
        }
    }

    protected override Errno OnClose(CallContext context)
    {
        isClosed = true;
        DropQueued(context);
        taken.SignalAll();
        peer?.Watchers.NoteChange();
        return base.OnClose(context);
    }

    /// <summary>One that has a peer takes messages of it only.</summary>
    private bool Accepts(UnixDatagram sender) => peer is null || peer == sender;

    private void Enqueue(Message message)
    {
        messages.Enqueue(message);
        queuedBytes += message.Data.Length;
        arrived.Signal();
        Watchers.NoteChange();
    }

    private Message Dequeue()
    {
        Message message = messages.Dequeue();
        queuedBytes -= message.Data.Length;
        taken.SignalAll();
        peer?.Watchers.NoteChange();
        return message;
    }

    /// <summary>A message, the name of its sender, and what it has sent along.</summary>
    private readonly record struct Message(byte[] Data, byte[] Name, PassedFiles? Files);
}
