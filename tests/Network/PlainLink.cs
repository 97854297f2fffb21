using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Network;

/// <summary>A link to a driver that does nothing of its own: it allocates nothing, and what the driver throws comes through.</summary>
internal sealed class PlainLink(NetRig rig) : IDomainLinkBackend, INetDevice
{
    private INetDevice Driver => rig.Provided;

    private CallContext Own => rig.DriverContext;

    public object Target => this;

    public uint Generation => rig.Generation;

    public Reply<uint, DomainError> Recover(CallContext context) => Reply<uint, DomainError>.FromFault(Fault.GaveUp);

    public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => Driver.GetInfo(Own);

    public Reply<NetLink, NetError> GetLink(CallContext context) => Driver.GetLink(Own);

    public Reply<NetStatistics, NetError> GetStatistics(CallContext context) => Driver.GetStatistics(Own);

    public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access) => default(Unit);

    public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages) => default(Unit);

    public Reply<Unit, NetError> SetReceiveFilter(CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups) =>
        Driver.SetReceiveFilter(Own, filter, groups);

    public Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers) => Driver.SetVlans(Own, identifiers);

    public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes) =>
        Driver.Post(Own, buffers, lengthBytes);

    public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries) => Driver.Send(Own, entries);

    public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received) => Driver.Poll(Own, received);

    public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal) => Driver.SetSignal(Own, signal);

    public Reply<bool, NetError> Arm(CallContext context) => Driver.Arm(Own);

    public Reply<Unit, NetError> Recall(CallContext context) => Driver.Recall(Own);
}
