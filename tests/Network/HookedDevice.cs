using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Network;

/// <summary>A device that does what a test wants before pages are registered, and passes everything on.</summary>
internal sealed class HookedDevice(INetDevice inner) : INetDevice
{
    internal Action? OnRegister { get; set; }

    public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => inner.GetInfo(context);

    public Reply<NetLink, NetError> GetLink(CallContext context) => inner.GetLink(context);

    public Reply<NetStatistics, NetError> GetStatistics(CallContext context) => inner.GetStatistics(context);

    public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access)
    {
        OnRegister?.Invoke();
        return inner.Register(context, pages, access);
    }

    public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages) => inner.Unregister(context, pages);

    public Reply<Unit, NetError> SetReceiveFilter(CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups) =>
        inner.SetReceiveFilter(context, filter, groups);

    public Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers) => inner.SetVlans(context, identifiers);

    public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes) =>
        inner.Post(context, buffers, lengthBytes);

    public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries) => inner.Send(context, entries);

    public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received) => inner.Poll(context, received);

    public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal) => inner.SetSignal(context, signal);

    public Reply<bool, NetError> Arm(CallContext context) => inner.Arm(context);

    public Reply<Unit, NetError> Recall(CallContext context) => inner.Recall(context);
}
