using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.NetShadow;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Drivers;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>Throws into the driver exactly before or after one of its register accesses.</summary>
internal sealed class CrashAtRegister : E1000eFaults
{
    private long accesses;

    /// <summary>The access at which the driver dies; negative for none.</summary>
    internal long CrashAt { get; set; } = -1;

    /// <summary>Accesses between one death and the next; 0 for no next.</summary>
    internal long Every { get; set; }

    internal bool IsAfter { get; set; }

    internal long Accesses => accesses;

    internal override void BeforeRegister(bool isWrite, int offsetBytes, uint value)
    {
        accesses++;
        Crash(!IsAfter);
    }

    internal override void AfterRegister(bool isWrite, int offsetBytes, uint value) => Crash(IsAfter);

    private void Crash(bool isHere)
    {
        if (isHere && accesses == CrashAt)
        {
            CrashAt = Every > 0 ? CrashAt + Every : -1;
            throw new PlantedCrashException();
        }
    }
}

/// <summary>
/// The kernel's side of a link to a driver over the simulated controller: a barrier that turns what the driver throws into
/// a fault, and restarts.
/// </summary>
internal sealed class NetLinkBackend(NetRig rig) : IDomainLinkBackend, INetDevice
{
    private bool isDead;

    /// <summary>Deaths of drivers, also of such as died in their start.</summary>
    internal int Deaths { get; private set; }

    /// <summary>Whether the driver keeps to itself that it is done with frames.</summary>
    internal bool WithholdsSent { get; set; }

    /// <summary>What the driver says instead of what a poll has found; it may change the frames, too.</summary>
    internal Func<ReceivedFrame[], NetProgress, NetProgress>? PollLie { get; set; }

    /// <summary>What the driver says of the entries that it is given, instead of handing them to the device.</summary>
    internal Func<TransmitEntry[], Reply<int, NetError>>? SendLie { get; set; }

    /// <summary>Whether there is a driver to be brought up.</summary>
    internal bool IsLoaded { get; set; } = true;

    /// <summary>Whether the supervisor has given up, instead.</summary>
    internal bool GivesUp { get; set; }

    /// <summary>Who is told that a driver has been loaded, or taken away.</summary>
    internal KernelEvent? LoadSignal { get; private set; }

    public uint LoadCount { get; internal set; } = 1;

    public object Target => this;

    public uint Generation => rig.Generation;

    private INetDevice Driver => rig.Provided;

    private CallContext Own => rig.DriverContext;

    /// <summary>A shadow over the driver, or over none yet, and a client of it.</summary>
    /// <param name="rig">The driver.</param>
    /// <param name="services">What the shadow was given.</param>
    /// <param name="isLoaded">Whether there is a driver.</param>
    /// <param name="isFilter">Whether the shadow takes it for a filter, so nothing that the device could use is mapped.</param>
    internal static NetClient Client(NetRig rig, out TestServices services, bool isLoaded = true, bool isFilter = false)
    {
        var thread = new TestThread(rig.Heap, rig.Scheduler);
        var link = new NetLinkBackend(rig) { IsLoaded = isLoaded, LoadCount = isLoaded ? 1U : 0 };
        services = new TestServices { Link = link, Loans = isFilter ? new DeviceLoans(null) : rig.Loans };
        Reply<Unit, DomainError> started = new NetShadowDomain().Start(thread.Context, new DomainServices(services));
        Assert.True(started.IsOk, string.Join("; ", services.Reports));
        return new NetClient(thread, (INetDevice)services.Provided[typeof(INetDevice)], rig.Peer) { Owned = rig };
    }

    public void SetSignal(KernelEvent signal) => LoadSignal = signal;

    public Reply<uint, DomainError> Recover(CallContext context)
    {
        rig.Bury();
        if (!IsLoaded)
        {
            isDead = true;
            if (GivesUp)
            {
                return Reply<uint, DomainError>.FromFault(Fault.GaveUp);
            }

            return DomainError.NotLoaded;
        }

        try
        {
            Reply<Unit, DomainError> started = rig.Start();
            isDead = !started.IsOk;
            return started.IsOk ? rig.Generation : started.Error;
        }
        catch (PlantedCrashException)
        {
            Deaths++;
            isDead = true;
            return Reply<uint, DomainError>.FromFault(Fault.CalleeFaulted);
        }
    }

    /// <summary>As the kernel does: a driver is there to be brought up, or the present one is dead and none follows.</summary>
    internal void ChangeLoad(bool isThere)
    {
        IsLoaded = isThere;
        LoadCount += isThere ? 1U : 0;
        isDead |= !isThere;
        LoadSignal?.SignalAll();
    }

    public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => Call(() => Driver.GetInfo(Own));

    public Reply<NetLink, NetError> GetLink(CallContext context) => Call(() => Driver.GetLink(Own));

    public Reply<NetStatistics, NetError> GetStatistics(CallContext context) => Call(() => Driver.GetStatistics(Own));

    public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access) => default(Unit);

    public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages) => default(Unit);

    public Reply<Unit, NetError> SetReceiveFilter(CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups)
    {
        MacAddress[] copy = groups.ToArray();
        return Call(() => Driver.SetReceiveFilter(Own, filter, copy));
    }

    public Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers)
    {
        ushort[] copy = identifiers.ToArray();
        return Call(() => Driver.SetVlans(Own, copy));
    }

    public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes)
    {
        ulong[] copy = buffers.ToArray();
        return Call(() => Driver.Post(Own, copy, lengthBytes));
    }

    public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries)
    {
        TransmitEntry[] copy = entries.ToArray();
        return Call(() => SendLie is null ? Driver.Send(Own, copy) : SendLie(copy));
    }

    public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received)
    {
        var frames = new ReceivedFrame[received.Length];
        Reply<NetProgress, NetError> reply = Call(() => Driver.Poll(Own, frames));
        reply = PollLie is not null && reply.IsOk ? PollLie(frames, reply.Value) : reply;
        frames.CopyTo(received);
        return WithholdsSent && reply.IsOk ? reply.Value with { SentCount = 0 } : reply;
    }

    public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal) => Call(() => Driver.SetSignal(Own, signal));

    public Reply<bool, NetError> Arm(CallContext context) => Call(() => Driver.Arm(Own));

    public Reply<Unit, NetError> Recall(CallContext context) => Call(() => Driver.Recall(Own));

    private Reply<T, NetError> Call<T>(Func<Reply<T, NetError>> call)
        where T : unmanaged
    {
        if (isDead)
        {
            return Reply<T, NetError>.FromFault(Fault.CalleeDead);
        }

        try
        {
            return call();
        }
        catch (PlantedCrashException)
        {
            Deaths++;
            isDead = true;
            return Reply<T, NetError>.FromFault(Fault.CalleeFaulted);
        }
    }
}
