using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A UNIX stream socket. A connection is two pipes.</summary>
internal sealed class UnixStream(CallContext context, PersonalityState state, OpenFlags flags, Session session)
    : UnixSocket(state, flags, session, SocketKind.Stream)
{
    private readonly KernelEvent arrived = KernelEvent.Create(context);
    private readonly KernelEvent taken = KernelEvent.Create(context);
    private Queue<Connection>? pending;
    private int backlog;
    private Pipe? incoming;
    private Pipe? outgoing;
    private byte[] peerName = [(byte)AddressFamily.Unix, 0];
    private bool isReceiveShut;
    private bool isSendShut;

    public override Errno Listen(CallContext context, int backlog)
    {
        if (incoming is not null || !IsBound)
        {
            return Errno.InvalidArgument;
        }

        pending ??= new Queue<Connection>();
        this.backlog = Math.Clamp(backlog, 0, Limits.UnixBacklogMax);
        return Errno.None;
    }

    public override Errno Accept(CallContext context, Session session, OpenFlags flags, out SocketFile? accepted)
    {
        accepted = null;
        long deadline = DeadlineOf(context, ReceiveTimeoutMicros);
        while (true)
        {
            if (pending is null)
            {
                return Errno.InvalidArgument;
            }

            if (pending.TryDequeue(out Connection connection))
            {
                taken.SignalAll();
                var made = new UnixStream(context, State, flags, session) { Name = Name };
                made.Attach(connection.ToServer, connection.ToClient, connection.ClientName);
                accepted = made;
                return Errno.None;
            }

            Errno error = IsNonBlocking ? Errno.TryAgain
                : isReceiveShut ? Errno.InvalidArgument
                : WaitUntil(context, arrived, deadline);
            if (error != Errno.None)
            {
                return error;
            }
        }
    }

    public override Errno ConnectTo(CallContext context, UnixSocket target)
    {
        if (incoming is not null || pending is not null)
        {
            return pending is not null ? Errno.InvalidArgument : Errno.IsConnected;
        }

        var server = (UnixStream)target;
        long deadline = DeadlineOf(context, SendTimeoutMicros);
        while (server.pending is { } queue && queue.Count > server.backlog && !server.isReceiveShut)
        {
            Errno error = IsNonBlocking ? Errno.TryAgain : WaitUntil(context, server.taken, deadline);
            if (error != Errno.None)
            {
                return error;
            }
        }

        if (server.pending is null || server.isReceiveShut)
        {
            return Errno.ConnectionRefused;
        }

        if (!TryMakePipes(context, out Pipe? toServer, out Pipe? toClient))
        {
            return Errno.NoBuffers;
        }

        Attach(toClient!, toServer!, server.Name);
        server.pending.Enqueue(new Connection(toServer!, toClient!, Name));
        server.arrived.SignalAll();
        server.Watchers.NoteChange();
        return Errno.None;
    }

    /// <summary>socketpair.</summary>
    public Errno Pair(CallContext context, UnixStream other)
    {
        if (!TryMakePipes(context, out Pipe? forth, out Pipe? back))
        {
            return Errno.NoBuffers;
        }

        Attach(back!, forth!, Name);
        other.Attach(forth!, back!, Name);
        return Errno.None;
    }

    public override Reply<int, Errno> Send(
        CallContext context, Process process, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, SocketFlags flags) =>
        (flags & SocketFlags.OutOfBand) != 0 ? Errno.NotSupported
            : name.Length > 0 ? (outgoing is null ? Errno.NotSupported : Errno.IsConnected)
            : outgoing is null ? Errno.NotConnected
            : isSendShut ? Errno.BrokenPipe
            : outgoing.Write(context, data, Waits(flags), SendTimeoutMicros, isAtomic: false);

    public override Reply<int, Errno> SendFiles(
        CallContext context, Process process, ReadOnlySpan<byte> data, SocketFlags flags, PassedFiles files)
    {
        Reply<int, Errno> reply = outgoing is null ? Errno.NotConnected
            : isSendShut ? Errno.BrokenPipe
            : outgoing.Write(context, data, Waits(flags), SendTimeoutMicros, isAtomic: false, files);
        if (!reply.IsOk || reply.Value == 0)
        {
            files.Drop(context);
        }

        return reply;
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

        if (incoming is null)
        {
            return Errno.InvalidArgument;
        }

        bool fills = (flags & (SocketFlags.WaitAll | SocketFlags.Peek)) == SocketFlags.WaitAll;
        int received = 0;
        while (true)
        {
            Reply<int, Errno> reply = ReadOnce(context, incoming, buffer[received..], flags, out files);
            received += reply.Value;
            if (!reply.IsOk || !fills || files is not null || reply.Value == 0 || received == buffer.Length)
            {
                bool hasName = received > 0 && peerName.Length > SocketNames.FamilyBytes;
                message.NameLength = hasName ? CopyName(peerName, name) : 0;
                return received > 0 || reply.IsOk ? received : reply;
            }
        }
    }

    public override Errno Shutdown(CallContext context, ShutdownHow how)
    {
        // Without a connection it holds for the one to come, as on Linux.
        if (how != ShutdownHow.Send && !isReceiveShut)
        {
            isReceiveShut = true;
            incoming?.Leave(reads: true, writes: false);
            arrived.SignalAll();
            taken.SignalAll();
        }

        if (how != ShutdownHow.Receive && !isSendShut)
        {
            isSendShut = true;
            outgoing?.Leave(reads: false, writes: true);
        }

        Watchers.NoteChange();
        return Errno.None;
    }

    public override Reply<int, Errno> GetPeerName(CallContext context, Span<byte> name) =>
        incoming is null ? Errno.NotConnected : CopyName(peerName, name);

    public override Reply<long, Errno> GetOption(CallContext context, SocketOption option) => option switch
    {
        SocketOption.IsListening => pending is null ? 0L : 1L,
        SocketOption.PendingError => (long)TakeError(),
        SocketOption.UnreadBytes => pending is null ? (long)(incoming?.FillBytes ?? 0) : Errno.InvalidArgument,
        _ => base.GetOption(context, option),
    };

    public override SocketReadiness GetReadiness(CallContext context)
    {
        SocketEvents events = pending is not null
            ? pending.Count > 0 ? SocketEvents.Readable : SocketEvents.None
            : incoming is null || outgoing is null ? SocketEvents.Writable | SocketEvents.HungUp
            : EventsOf(incoming, outgoing);
        events |= isReceiveShut ? SocketEvents.Readable | SocketEvents.PeerClosed : SocketEvents.None;
        events |= isReceiveShut && isSendShut ? SocketEvents.HungUp : SocketEvents.None;
        return new SocketReadiness { Events = events, ChangeCount = Watchers.ChangeCount };
    }

    public override void AddQueued(List<PassedFiles> queued)
    {
        incoming?.AddPassed(queued);
        foreach (Connection connection in pending ?? [])
        {
            connection.ToServer.AddPassed(queued);
        }
    }

    public override void DropQueued(CallContext context)
    {
        incoming?.DropPassed(context);
        foreach (Connection connection in pending?.ToArray() ?? [])
        {
            connection.ToServer.DropPassed(context);
        }
    }

    protected override Errno OnClose(CallContext context)
    {
        while (pending is not null && pending.TryDequeue(out Connection connection))
        {
            connection.ToServer.DropPassed(context);
            connection.ToServer.Leave(reads: true, writes: false);
            connection.ToClient.IsReset = true;
            connection.ToClient.Leave(reads: false, writes: true);
        }

        pending = null;
        taken.SignalAll();
        incoming?.DropPassed(context);
        if (outgoing is not null)
        {
            outgoing.IsReset = incoming is { FillBytes: > 0 };
        }

        if (!isReceiveShut)
        {
            incoming?.Leave(reads: true, writes: false);
        }

        if (!isSendShut)
        {
            outgoing?.Leave(reads: false, writes: true);
        }

        return base.OnClose(context);
    }

    /// <summary>Reads what is there. Behind the last byte it is told once when the peer has left without reading its own.</summary>
    private Reply<int, Errno> ReadOnce(
        CallContext context, Pipe incoming, Span<byte> buffer, SocketFlags flags, out PassedFiles? files)
    {
        Reply<int, Errno> reply = incoming.Read(
            context, buffer, Waits(flags), ReceiveTimeoutMicros, (flags & SocketFlags.Peek) != 0, out files);
        bool isEnd = reply.IsOk && reply.Value == 0 && buffer.Length > 0;
        return isEnd && TakeError() is var error and not Errno.None ? error : reply;
    }

    /// <summary>SO_ERROR.</summary>
    private Errno TakeError()
    {
        if (incoming is not { IsReset: true })
        {
            return Errno.None;
        }

        incoming.IsReset = false;
        return Errno.ConnectionReset;
    }

    private SocketEvents EventsOf(Pipe incoming, Pipe outgoing)
    {
        bool isInputOver = isReceiveShut || !incoming.HasWriter;
        bool isOutputOver = isSendShut || !outgoing.HasReader;
        return (isInputOver ? SocketEvents.Readable | SocketEvents.PeerClosed : SocketEvents.None)
            | (incoming.FillBytes > 0 ? SocketEvents.Readable : SocketEvents.None)
            | (incoming.IsReset ? SocketEvents.Error : SocketEvents.None)
            | (isInputOver && isOutputOver ? SocketEvents.HungUp : SocketEvents.None)
            | (isOutputOver || outgoing.HasRoom ? SocketEvents.Writable : SocketEvents.None);
    }

    private bool TryMakePipes(CallContext context, out Pipe? one, out Pipe? other)
    {
        one = Session.Pipes.IsFull ? null : NewPipe(context);
        other = one is null || Session.Pipes.IsFull ? null : NewPipe(context);
        if (other is null)
        {
            one?.Leave(reads: true, writes: true);
        }

        return other is not null;
    }

    /// <summary>A pipe with both of its sides open.</summary>
    private Pipe NewPipe(CallContext context)
    {
        var pipe = new Pipe(context, Session.Pipes);
        pipe.Enter(reads: true, writes: true);
        return pipe;
    }

    private void Attach(Pipe incoming, Pipe outgoing, byte[] peerName)
    {
        (this.incoming, this.outgoing, this.peerName) = (incoming, outgoing, peerName);
        incoming.ReaderWatchers = Watchers;
        outgoing.WriterWatchers = Watchers;
        if (isReceiveShut)
        {
            incoming.Leave(reads: true, writes: false);
        }

        if (isSendShut)
        {
            outgoing.Leave(reads: false, writes: true);
        }

        Watchers.NoteChange();
    }

    /// <summary>A connection that nobody has accepted yet.</summary>
    private readonly record struct Connection(Pipe ToServer, Pipe ToClient, byte[] ClientName);
}
