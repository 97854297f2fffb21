using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// A connection: the transmission control block of RFC 9293 section 3.3.1, and what a socket does with it. The other parts:
/// Arrival (the state machine), Acknowledgment (what the peer has), Recovery (what was lost), Output, Timers.
/// </summary>
internal sealed partial class TcpConnection
{
    private readonly NetworkStack stack;
    private readonly TcpProtocol tcp;
    private PacketPath path;

    // Send sequence variables (RFC 9293 section 3.3.1).
    private uint iss;
    private uint sendUnacknowledged;
    private uint sendNext;
    private uint sendWindow;
    private uint sendWindowMax;
    private uint windowUpdateSequence;
    private uint windowUpdateAcknowledgment;
    private int sendScale;

    // Receive sequence variables.
    private uint irs;
    private uint receiveNext;
    private uint advertisedEdge;
    private int receiveScale;
    private bool hasReceivedFin;

    // What was agreed on by SYNs.
    private bool usesTimestamps;
    private bool usesSack;
    private uint timestampRecent;
    private long timestampRecentMicros;
    private readonly uint timestampOffset;
    private int mss;
    private bool isFinQueued;

    internal TcpConnection(TcpProtocol tcp, NetworkStack stack, in FlowKey flow, in PacketPath path)
    {
        this.tcp = tcp;
        this.stack = stack;
        this.path = path;
        Flow = flow;
        sendQueue = new SendQueue(stack.Pool);
        receiveQueue = new ReceiveQueue(stack.Pool);
        rtt.BaseMicros = TcpSpec.RtoInitialMicros;
        timestampOffset = (uint)stack.Hash.Of(in flow, purpose: 0x7573);
        congestion = tcp.UsesCubic ? new Cubic() : new NewReno();
    }

    internal FlowKey Flow { get; }

    /// <summary>The link that the peer's address means something on, from 1; 0 of an address that means something everywhere.</summary>
    internal int Zone => Flow.Remote.IsLinkLocal && !Flow.Remote.IsV4 ? path.Interface.Index + 1 : 0;

    internal TcpState State { get; private set; } = TcpState.Closed;

    /// <summary>The listener that will hand the connection out; null for one that was opened from here.</summary>
    internal TcpListener? Listener { get; set; }

    /// <summary>Why the connection ended before its time.</summary>
    internal SocketError Error { get; private set; }

    /// <summary>Called when a socket's readiness may have changed.</summary>
    internal Action? Changed { get; set; }

    internal TcpOptionsOfSocket Settings;

    /// <summary>Whether no socket refers to the connection any more.</summary>
    internal bool IsOrphan { get; private set; }

    internal int UnsentBytes => sendQueue.Count;

    internal bool IsSynchronized => State >= TcpState.Established;

    internal bool IsConnecting => State is TcpState.SynSent or TcpState.SynReceived;

    /// <summary>Whether a read would not have to wait.</summary>
    internal bool IsReadable => ReadableBytes > 0 || hasReceivedFin || Error != SocketError.None || State == TcpState.Closed;

    /// <summary>Whether a write would not have to wait.</summary>
    internal bool IsWritable =>
        Error != SocketError.None || (MaySend && sendQueue.FreeBytes > sendQueue.Capacity / 3) || State == TcpState.Closed;

    /// <summary>Whether the stream from the peer has ended and all of it was read.</summary>
    internal bool IsAtEnd => hasReceivedFin && receiveQueue.Count == 0;

    internal bool HasReceivedFin => hasReceivedFin;

    /// <summary>Payload of a full segment.</summary>
    internal int SegmentBytesMax => mss;

    internal uint SendNext => sendNext;

    internal uint ReceiveNext => receiveNext;

    internal uint TimestampRecent => timestampRecent;

    internal bool UsesTimestamps => usesTimestamps;

    /// <summary>
    /// Whether a connection that is opened from here may take the place of this one: in TIME-WAIT, and old segments of the peer are told
    /// from new ones by their timestamps (RFC 9293 section 3.6.1, RFC 6191).
    /// </summary>
    internal bool MayBeReopened =>
        State == TcpState.TimeWait && usesTimestamps
        && stack.NowMicros >= stateDeadline - TcpSpec.TimeWaitMicros + TcpSpec.TimeWaitReuseMicros;

    private bool MaySend => State is TcpState.Established or TcpState.CloseWait && !isFinQueued;

    /// <summary>OPEN, active (RFC 9293 section 3.10.1).</summary>
    internal void Connect(CallContext context, uint initialSequence)
    {
        Prepare(initialSequence);
        State = TcpState.SynSent;
        SendSyn(context);
    }

    /// <summary>A SYN for a listener has come: the passive half of OPEN (RFC 9293 section 3.10.7.2).</summary>
    internal void AcceptSyn(CallContext context, in TcpSegment segment, uint initialSequence)
    {
        Prepare(initialSequence);
        TakeSyn(in segment);
        State = TcpState.SynReceived;
        SendSyn(context);
    }

    /// <summary>A cookie has come back: the connection is made as if it had been half open.</summary>
    internal void AcceptCookie(in TcpSegment segment, int peerMss, in CookieOptions options)
    {
        Prepare(segment.Header.Acknowledgment - 1);
        irs = segment.Start - 1;
        receiveNext = segment.Start;
        advertisedEdge = receiveNext + Math.Min(65_535U, (uint)receiveQueue.Capacity);
        (usesTimestamps, usesSack, sendScale) = (options.HasTimestamps, options.IsSackPermitted, options.WindowScale);
        receiveScale = options.HasWindowScale ? receiveScale : 0;
        timestampRecent = segment.Options.TimestampValue;
        timestampRecentMicros = stack.NowMicros;
        SetMss(peerMss);
        State = TcpState.SynReceived;

        // The SYN is in no segment: when it was sent is not known, so that its ACK measures nothing.
        sendNext = iss + 1;
        (windowUpdateSequence, windowUpdateAcknowledgment) = (segment.Start, iss);
    }

    /// <summary>SEND (RFC 9293 section 3.10.2): queues what there is room for.</summary>
    internal int Send(CallContext context, ReadOnlySpan<byte> data, out SocketError error, SocketFlags flags = SocketFlags.None)
    {
        error = TakeSendError();
        if (error != SocketError.None)
        {
            return 0;
        }

        int queued = sendQueue.Append(context, data);
        error = queued == 0 && data.Length > 0 ? SocketError.TryAgain : SocketError.None;
        isMoreComing = (flags & SocketFlags.More) != 0 && queued == data.Length;
        if ((flags & SocketFlags.OutOfBand) != 0 && queued == data.Length && queued > 0)
        {
            MarkUrgent();
        }

        Output(context);
        return queued;
    }

    /// <summary>RECEIVE (RFC 9293 section 3.10.3); 0 without an error is the end of the stream.</summary>
    internal int Receive(CallContext context, Span<byte> buffer, bool isPeek, out SocketError error)
    {
        error = SocketError.None;
        buffer = buffer[..LimitRead(buffer.Length, out bool passesMark)];
        if (passesMark && !isPeek && buffer.Length > 0)
        {
            receiveQueue.Drop(1);
            ForgetPassedMark();
        }

        if (ReadableBytes == 0)
        {
            // A stream that has ended stays ended, whatever becomes of the connection (POSIX.1-2017, recv; Linux).
            error = hasReceivedFin ? SocketError.None
                : Error != SocketError.None ? TakeError()
                : Settings.IsReadShut ? SocketError.None
                : State == TcpState.Closed ? SocketError.NotConnected
                : SocketError.TryAgain;
            return 0;
        }

        int count = receiveQueue.Read(context, buffer, isPeek, skippedBytes: passesMark && isPeek ? 1 : 0);
        ForgetPassedMark();
        AnnounceWindow(context);
        return count;
    }

    /// <summary><see cref="Settings"/> have changed.</summary>
    internal void ApplySettings()
    {
        receiveQueue.Capacity = Settings.ReceiveBytes;
        sendQueue.Capacity = Settings.SendBytes;
        if (IsSynchronized)
        {
            ArmKeepalive();
        }
    }

    /// <summary>Ends the sending half (RFC 9293 section 3.10.4, without giving the receiving half up).</summary>
    internal void ShutdownSend(CallContext context)
    {
        if (isFinQueued || State is TcpState.Closed or TcpState.TimeWait)
        {
            return;
        }

        if (State == TcpState.SynSent)
        {
            Finish(SocketError.None);
            return;
        }

        isFinQueued = true;
        State = State switch
        {
            TcpState.Established => TcpState.FinWait1,
            TcpState.CloseWait => TcpState.LastAck,
            _ => State,
        };
        Output(context);
    }

    /// <summary>
    /// The socket is gone. Data nobody will read, or a linger time of 0, ends the connection with a reset (RFC 1122 section
    /// 4.2.2.13).
    /// </summary>
    internal void Close(CallContext context)
    {
        IsOrphan = true;
        acknowledgedMicros = stack.NowMicros;
        Changed = null;
        if (State == TcpState.Closed)
        {
            receiveQueue.Clear();
            return;
        }

        if (receiveQueue.Count > 0 || Settings.LingerSeconds == 0)
        {
            Abort(context, SocketError.None);
            return;
        }

        ShutdownSend(context);
        if (State == TcpState.FinWait2)
        {
            stateDeadline = stack.NowMicros + TcpSpec.FinWait2Micros;
            Reschedule();
        }
    }

    /// <summary>ABORT (RFC 9293 section 3.10.5): a peer that has ended its stream, and has been told of our end, needs no reset.</summary>
    internal void Abort(CallContext context, SocketError error)
    {
        if (State is TcpState.SynReceived or TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2 or TcpState.CloseWait)
        {
            EmitReset(context);
        }

        Finish(error);
    }

    /// <summary>No socket will ever have the connection, which has ended: what it has received is gone.</summary>
    internal void Forget() => receiveQueue.Clear();

    /// <summary>The pending error, which is told once.</summary>
    internal SocketError TakeError()
    {
        SocketError error = Error;
        Error = SocketError.None;
        return error;
    }

    /// <summary>
    /// Deletes the TCB: what is queued is gone; what was received in order may still be read unless the end was an error, and came before the
    /// peer's FIN.
    /// </summary>
    internal void Finish(SocketError error)
    {
        if (State == TcpState.Closed)
        {
            return;
        }

        bool wasHalfOpen = State == TcpState.SynReceived;
        State = TcpState.Closed;
        Error = error;
        sendQueue.Clear();
        segments.Clear();
        receiveQueue.ClearPending();
        if ((error != SocketError.None && !hasReceivedFin) || IsOrphan)
        {
            receiveQueue.Clear();
        }

        tcp.Remove(this, wasHalfOpen);
        Changed?.Invoke();
    }

    /// <summary>Why nothing can be sent now; the pending error is told once.</summary>
    private SocketError TakeSendError() => Error != SocketError.None ? TakeError()
        : IsConnecting ? SocketError.TryAgain
        : !MaySend ? SocketError.BrokenPipe
        : SocketError.None;

    private void Prepare(uint initialSequence)
    {
        receiveQueue.Capacity = Settings.ReceiveBytes;
        sendQueue.Capacity = Settings.SendBytes;
        receiveScale = TcpSpec.WindowScale(receiveQueue.Capacity);
        iss = initialSequence;
        sendUnacknowledged = iss;
        sendNext = iss;
        recoveryPoint = iss;
        duplicateRound = iss;
        congestionPoint = iss;
        rack.Fack = iss;
        sendQueue.Start = iss + 1;
        lastActivityMicros = stack.NowMicros;
        SetMss(TcpSpec.MssDefault(in path));
    }

    /// <summary>What a SYN says of its sender.</summary>
    private void TakeSyn(in TcpSegment segment)
    {
        irs = segment.Start;
        receiveNext = irs + 1;
        advertisedEdge = receiveNext;
        usesTimestamps = segment.Options.HasTimestamps;
        usesSack = segment.Options.IsSackPermitted;
        usesEcn = AgreesOnEcn(in segment);
        if (usesTimestamps)
        {
            timestampRecent = segment.Options.TimestampValue;
            timestampRecentMicros = stack.NowMicros;
        }

        // A window of a SYN is never scaled, and both sides scale or neither (RFC 7323 section 2.2).
        sendScale = segment.Options.HasWindowScale ? Math.Min(segment.Options.WindowScale, (byte)TcpSpec.WindowScaleMax) : 0;
        receiveScale = segment.Options.HasWindowScale ? receiveScale : 0;
        SetMss(segment.Options.Mss == 0 ? TcpSpec.MssDefault(in path) : segment.Options.Mss);
        (windowUpdateSequence, windowUpdateAcknowledgment) = (segment.Start, segment.Header.Acknowledgment);
        sendWindow = segment.Header.Window;
        sendWindowMax = sendWindow;
    }

    /// <summary>
    /// Payload of a full segment: what the peer takes and the path carries, less the options of each segment (RFC 6691).
    /// </summary>
    private void SetMss(int peerMss)
    {
        int segmentBytes = Math.Min(Math.Max(peerMss, TcpSpec.MssMin), path.MtuBytes - TcpSpec.HeaderBytes(in path));
        mss = Math.Max(segmentBytes - (usesTimestamps ? Wire.TcpOptions.TimestampBytes : 0), TcpSpec.MssMin / 2);
        congestion.SetMss(mss);
    }
}
