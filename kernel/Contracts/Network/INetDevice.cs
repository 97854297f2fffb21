namespace RedLeafSharp.Contracts;

/// <summary>
/// A network interface: provided by drivers, shadows and filters alike, so that they stack. docs/net-device.md gives the tour.
/// </summary>
/// <remarks>
/// <para>The caller owns every buffer. It lends pages (<see cref="PageBuffer.Lend(CallContext, LoanAccess)"/>), registers them, and from
/// then on refers to buffers in them by bus address and length. No implementation can read or write a frame's bytes.</para>
/// <para>A buffer is the device's from the <see cref="Post"/> or <see cref="Send"/> that took it to the <see cref="Poll"/>
/// that gives it back. Both ways are queues: what was handed over first comes back first, so <see cref="Poll"/> counts and need not
/// name what it gives back, and the caller keeps what it has handed over in that order. A driver may die in between: a frame that was sent
/// may then go out twice, and one that was on its way in may be lost. A network may do both at any time.</para>
/// <para>Polled use: call <see cref="Poll"/> and never <see cref="Arm"/>. Driven by interrupts: poll until nothing comes, arm,
/// wait on the event of <see cref="SetSignal"/>, poll again. No call of this contract waits for the network.</para>
/// </remarks>
[DomainContract]
public interface INetDevice
{
    /// <summary>
    /// Address, limits and offloads; constant while the link is up. Behind a shadow another device may come after the link has been down.
    /// </summary>
    Reply<NetDeviceInfo, NetError> GetInfo(CallContext context);

    /// <summary>Whether frames can pass, and how fast.</summary>
    Reply<NetLink, NetError> GetLink(CallContext context);

    /// <summary>What the device has counted since it was started; a new driver goes on counting where the last stopped.</summary>
    Reply<NetStatistics, NetError> GetStatistics(CallContext context);

    /// <summary>Lets the device reach lent pages until <see cref="Unregister"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="pages">An address in each page, every page once.</param>
    /// <param name="access">
    /// At most the access for which the pages are lent. Pages that the device only reads cannot be changed by a driver gone
    /// wrong: data that may have to be sent again belongs there.
    /// </param>
    /// <returns><see cref="NetError.NotLent"/> when a page is not lent so; none is registered then.</returns>
    Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access);

    /// <summary>
    /// Takes pages back, so that their owner can end the loan. No buffer in them may be the device's.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="pages">As registered.</param>
    Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages);

    /// <summary>Which frames the device delivers, beside those to its own address. All others are dropped.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="filter">Whole classes of frames.</param>
    /// <param name="groups">
    /// Multicast addresses. A device that matches by a hash delivers others too; more than
    /// <see cref="NetDeviceInfo.MulticastMax"/> make it deliver all.
    /// </param>
    Reply<Unit, NetError> SetReceiveFilter(CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups);

    /// <summary>
    /// Which frames with a VLAN tag (IEEE 802.1Q) are delivered: all at first. Frames without one are not concerned. A device that
    /// has <see cref="ReceiveFlags.VlanRemoved"/> takes tags out of the frames, filtered or not. Frames of identifier 0, which have a
    /// priority only, are always delivered.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="identifiers">Identifiers, 1 to 4094; with none the filter is off.</param>
    Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers);

    /// <summary>Gives the device buffers to receive into; it uses them in this order.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="buffers">First byte of each, a multiple of 16; each within one loan and registered for the device to write.</param>
    /// <param name="lengthBytes">
    /// Length of each; <see cref="NetError.InvalidFrame"/> when it is less than <see cref="NetDeviceInfo.ReceiveBufferBytes"/>.
    /// </param>
    /// <returns>
    /// How many were taken: fewer when the device has <see cref="NetDeviceInfo.ReceiveBuffersMax"/>; none while it gives everything back.
    /// </returns>
    Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes);

    /// <summary>Hands frames to the device, in order, until one does not fit.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="entries">The pieces of the frames, each frame's before the next one's; what the device is to do with a frame goes before.</param>
    /// <returns>
    /// How many entries were taken, those of whole frames. When it is fewer, the first frame not taken is malformed
    /// (<see cref="NetError.InvalidFrame"/> is returned if it is the first of all), or the queue is full: poll, then send the rest.
    /// </returns>
    Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries);

    /// <summary>Collects what has been received, and how much has been sent, without waiting.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="received">
    /// Room for what became of posted buffers, in the order of posting. Less than a frame's pieces may get nothing:
    /// <see cref="NetDeviceInfo.BatchFrames"/> is always enough.
    /// </param>
    /// <returns>How many were written, how many entries were sent, and whether the link may have changed.</returns>
    Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received);

    /// <summary>The event that is signaled when the device has something to poll for. It replaces the last one.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="signal">The caller's; several devices may share one.</param>
    Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal);

    /// <summary>Asks for one signal at the next frame received, frame sent or change of the link.</summary>
    /// <param name="context">The caller.</param>
    /// <returns>
    /// True when there is something already: poll, no signal need come. <see cref="NetError.NotSupported"/> when the device has
    /// no interrupts; <see cref="NetError.DeviceFailed"/> when everything has come back and nothing will come any more.
    /// </returns>
    Reply<bool, NetError> Arm(CallContext context);

    /// <summary>
    /// Gives everything back: the next polls return each posted buffer as a frame of length 0 with
    /// <see cref="ReceiveFlags.Unfilled"/>, and each frame in flight, sent or not. Filters stay.
    /// </summary>
    Reply<Unit, NetError> Recall(CallContext context);
}

/// <summary>Errors of network devices.</summary>
public enum NetError
{
    /// <summary>Success; not an error.</summary>
    None = 0,

    /// <summary>The first frame or buffer contradicts itself or the device's limits.</summary>
    InvalidFrame = 1,

    /// <summary>A page is not lent, or not for this access.</summary>
    NotLent = 2,

    /// <summary>The device does not have this operation.</summary>
    NotSupported = 3,

    /// <summary>The device failed, or is gone, and nobody will replace it.</summary>
    DeviceFailed = 4,

    /// <summary>An argument that is no frame is out of range: an address, an identifier, a count.</summary>
    InvalidArgument = 5,
}
