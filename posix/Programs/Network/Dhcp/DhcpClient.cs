using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Posix.Programs.Network.Dhcp.DhcpSpec;

namespace RedLeafSharp.Posix.Programs.Network.Dhcp;

/// <summary>
/// The client's states (RFC 2131 section 4.4, figure 5), without sockets and clock: who has both tells it the time and what has come,
/// and does the steps that it answers. An address is used once the stack has found no other host with it (section 4.4.1).
/// </summary>
internal sealed class DhcpClient(MacAddress station, uint seed, long startMicros)
{
    private readonly long beginMicros = startMicros;
    private readonly byte[] message = new byte[Spec.MessageBytesMax];
    private uint random = seed | 1;
    private uint transaction;
    private int length;
    private int attempts;
    private int refusals;
    private long seconds;
    private long requestedMicros;
    private long renewMicros;
    private long rebindMicros;
    private long expireMicros;

    public DhcpState State { get; private set; } = DhcpState.Waiting;

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public long DeadlineMicros { get; private set; } = startMicros;

    /// <summary>What is offered, or given; null without either.</summary>
    public DhcpLease? Lease { get; private set; }

    /// <summary>The message of <see cref="DhcpSteps.Send"/>.</summary>
    public ReadOnlySpan<byte> Message => message.AsSpan(0, length);

    /// <summary>Whether it goes to the lease's server, from the lease's address; else to all, from none.</summary>
    public bool IsToServer => State == DhcpState.Renewing;

    /// <summary>Does what is due.</summary>
    public DhcpSteps Tick(long nowMicros)
    {
        if (nowMicros < DeadlineMicros)
        {
            return DhcpSteps.None;
        }

        switch (State)
        {
            case DhcpState.Selecting:
                return Discover(nowMicros);
            case DhcpState.Requesting when attempts < Spec.RequestsMax:
                return RequestOffer(nowMicros);
            case DhcpState.Bound:
                return Extend(DhcpState.Renewing, nowMicros);
            case DhcpState.Renewing:
                return Extend(nowMicros < rebindMicros ? DhcpState.Renewing : DhcpState.Rebinding, nowMicros);
            case DhcpState.Rebinding when nowMicros < expireMicros:
                return Extend(DhcpState.Rebinding, nowMicros);
            case DhcpState.Rebinding:
                return DhcpSteps.DropAddress | Begin(nowMicros);
            default:
                return Begin(nowMicros);
        }
    }

    /// <summary>A datagram has come; what is no answer to the last question is ignored.</summary>
    public DhcpSteps Receive(ReadOnlySpan<byte> datagram, long nowMicros)
    {
        if (!DhcpMessage.TryRead(datagram, out DhcpMessage answer) || answer.Transaction != transaction || answer.Station != station)
        {
            return DhcpSteps.None;
        }

        bool isExtending = State is DhcpState.Renewing or DhcpState.Rebinding;
        bool hasLease = answer.TryGetLease(out DhcpLease lease);
        switch (answer.Type)
        {
            case DhcpType.Offer when State == DhcpState.Selecting && hasLease:
                (Lease, State, attempts) = (lease, DhcpState.Requesting, 0);
                return RequestOffer(nowMicros);
            case DhcpType.Acknowledge when State == DhcpState.Requesting && hasLease && lease.Server == Lease!.Server:
                TakeLease(lease);
                (State, DeadlineMicros) = (DhcpState.Checking, long.MaxValue);
                return DhcpSteps.SetAddress;
            case DhcpType.Acknowledge when isExtending && hasLease && lease.Address == Lease!.Address:
                TakeLease(lease);
                Bind();
                return DhcpSteps.SetAddress;
            case DhcpType.Refuse when State == DhcpState.Requesting && answer.Server == Lease!.Server:
                return Restart(DhcpSteps.None, nowMicros);
            case DhcpType.Refuse when isExtending:
                return Restart(DhcpSteps.DropAddress, nowMicros);
            default:
                return DhcpSteps.None;
        }
    }

    /// <summary>Nobody else has the address.</summary>
    public void ConfirmAddress() => Bind();

    /// <summary>Another host has the address: the server is told, and something else asked for (sections 3.1 (5) and 4.4.4).</summary>
    public DhcpSteps ReportConflict(long nowMicros)
    {
        var writer = new DhcpWriter(message, DhcpType.Decline, Next(), station, IpAddress.AnyV4);
        writer.Add(Spec.OptionRequested, Lease!.Address);
        writer.Add(Spec.OptionServer, Lease.Server);
        length = writer.Finish();
        (State, Lease) = (DhcpState.Waiting, null);
        DeadlineMicros = nowMicros + Spec.DeclineWaitMicros;
        return DhcpSteps.DropAddress | DhcpSteps.Send;
    }

    /// <summary>The address is given back (section 4.4.6); sent from it, to the server.</summary>
    public static int WriteRelease(Span<byte> buffer, MacAddress station, uint transaction, IpAddress address, IpAddress server)
    {
        var writer = new DhcpWriter(buffer, DhcpType.Release, transaction, station, address);
        writer.Add(Spec.OptionServer, server);
        return writer.Finish();
    }

    private DhcpSteps Begin(long nowMicros)
    {
        (State, Lease, attempts) = (DhcpState.Selecting, null, 0);
        transaction = Next();
        return Discover(nowMicros);
    }

    /// <summary>Refused: from the start, and not at once if that happens again and again.</summary>
    private DhcpSteps Restart(DhcpSteps first, long nowMicros)
    {
        if (refusals++ == 0)
        {
            return first | Begin(nowMicros);
        }

        (State, Lease) = (DhcpState.Waiting, null);
        DeadlineMicros = nowMicros + Spec.DeclineWaitMicros;
        return first;
    }

    private DhcpSteps Discover(long nowMicros)
    {
        seconds = (nowMicros - beginMicros) / 1_000_000;
        var writer = new DhcpWriter(message, DhcpType.Discover, transaction, station, IpAddress.AnyV4);
        writer.SetSeconds(seconds);
        writer.AddWishes();
        length = writer.Finish();
        return SendAndWait(nowMicros);
    }

    /// <summary>Takes the offer (section 4.3.2, SELECTING): the same seconds as in the question before.</summary>
    private DhcpSteps RequestOffer(long nowMicros)
    {
        requestedMicros = nowMicros;
        var writer = new DhcpWriter(message, DhcpType.Request, transaction, station, IpAddress.AnyV4);
        writer.SetSeconds(seconds);
        writer.Add(Spec.OptionRequested, Lease!.Address);
        writer.Add(Spec.OptionServer, Lease.Server);
        writer.AddWishes();
        length = writer.Finish();
        return SendAndWait(nowMicros);
    }

    /// <summary>Asks for more time: the server first, later everybody (section 4.4.5).</summary>
    private DhcpSteps Extend(DhcpState state, long nowMicros)
    {
        State = state;
        transaction = Next();
        requestedMicros = nowMicros;
        var writer = new DhcpWriter(message, DhcpType.Request, transaction, station, Lease!.Address);
        writer.AddWishes();
        length = writer.Finish();
        long end = state == DhcpState.Renewing ? rebindMicros : expireMicros;
        DeadlineMicros = Math.Min(end, nowMicros + Math.Max((end - nowMicros) / 2, Spec.RenewWaitMicrosMin));
        return DhcpSteps.Send;
    }

    private DhcpSteps SendAndWait(long nowMicros)
    {
        long wait = Math.Min(Spec.FirstWaitMicros << Math.Min(attempts, 8), Spec.LongestWaitMicros);
        long spread = (Next() % (2 * Spec.WaitSpreadMicros)) - Spec.WaitSpreadMicros;
        attempts++;
        DeadlineMicros = nowMicros + wait + spread;
        return DhcpSteps.Send;
    }

    /// <summary>The lease counts from its request on: the answer may have taken long (section 4.4.1).</summary>
    private void TakeLease(DhcpLease lease)
    {
        Lease = lease;
        bool isEndless = lease.LeaseSeconds == Spec.InfiniteSeconds;
        renewMicros = isEndless ? long.MaxValue : requestedMicros + (lease.RenewalSeconds * 1_000_000L);
        rebindMicros = isEndless ? long.MaxValue : requestedMicros + (lease.RebindingSeconds * 1_000_000L);
        expireMicros = isEndless ? long.MaxValue : requestedMicros + (lease.LeaseSeconds * 1_000_000L);
    }

    private void Bind()
    {
        (State, DeadlineMicros, refusals) = (DhcpState.Bound, renewMicros, 0);
    }

    /// <summary>Xorshift (Marsaglia 2003): clients must differ from each other, not be unguessable.</summary>
    private uint Next()
    {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        return random;
    }
}

/// <summary>The states of figure 5 of RFC 2131; INIT is no state of its own.</summary>
internal enum DhcpState
{
    /// <summary>Nothing is asked before the deadline.</summary>
    Waiting,

    Selecting,

    Requesting,

    /// <summary>The address is given, and other hosts are asked whether they have it.</summary>
    Checking,

    Bound,

    Renewing,

    Rebinding,
}

/// <summary>What the client wants to have done, in this order.</summary>
[Flags]
internal enum DhcpSteps
{
    None = 0,

    /// <summary>The link loses the lease's address, and with it routes and name servers.</summary>
    DropAddress = 1,

    Send = 2,

    /// <summary>The link gets the lease's address, or new parameters for it.</summary>
    SetAddress = 4,
}
