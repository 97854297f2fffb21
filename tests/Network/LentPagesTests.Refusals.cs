using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>Pages that a stack does not send where they lie: of others, of the wrong form, over a link that cannot.</summary>
public sealed partial class LentPagesTests
{
    [Fact]
    public void Link_ThatIsDown_TakesNoPages()
    {
        int socket = Connect();
        PageBuffer[] pages = MakePages();
        pair.IsPlugged = false;
        AssertRefused(owner!, socket, RangeOf(pages[0]));
        pages[0].EndLoan(owner!.Context);
    }

    [Fact]
    public void Ranges_OfPagesThatOthersHaveLent_AreRefusedAlsoWhileTheyAreSent()
    {
        int socket = Connect();
        PageBuffer[] pages = MakePages();
        PageRange range = RangeOf(pages[0]);
        using var stranger = new TestThread(near!.Rig.Heap, near.Rig.Scheduler, Stranger);
        Assert.Equal(1, Send(socket, range));
        int other = sockets!.Open(stranger.Context, AddressFamily.InterNetwork, SocketKind.Stream, 0, signal!).Value;
        _ = sockets.Connect(stranger.Context, other, new SocketAddress(Far, WiredStack.EchoPort));
        while ((sockets.GetReadiness(stranger.Context, other).Value.Events & SocketEvents.Writable) == 0)
        {
            Step(socket);
        }

        AssertRefused(stranger, other, range);
        PageRange packet = range with { BusAddress = near.Stack.Pool.RunAddress(0) };
        AssertRefused(stranger, other, packet);
        AssertRefused(owner!, socket, packet);
        AssertRefused(owner!, socket, range with { BusAddress = ulong.MaxValue - 5_000 });
    }

    /// <summary>The page is the owner's to send when the call begins, and the stack's own, so to say, when it is registered.</summary>
    [Fact]
    public void Range_ThatIsLentToAnotherWhileItIsRegistered_IsRefusedAndGivenBack()
    {
        int socket = Connect();
        using var stranger = new TestThread(near!.Rig.Heap, near.Rig.Scheduler, Stranger);
        PageBuffer page = PageBuffer.Allocate(stranger.Context);
        var range = new PageRange
        {
            BusAddress = page.Lend(stranger.Context, LoanAccess.DeviceReads, new DomainId(Owner)),
            LengthBytes = PageBytes,
        };
        near.Device.OnRegister = () =>
        {
            page.EndLoan(stranger.Context);
            _ = page.Lend(stranger.Context, LoanAccess.DeviceReads, new DomainId(WiredStack.StackDomain));
        };

        Assert.Equal(SocketError.NotSupported, sockets!.SendLent(owner!.Context, socket, new DomainId(Owner), [range], SocketFlags.None).Error);
        page.EndLoan(stranger.Context);

        near.Device.OnRegister = null;
        _ = page.Lend(stranger.Context, LoanAccess.DeviceReads, new DomainId(Owner));
        Assert.Equal(1, Send(socket, range));
    }

    [Fact]
    public void Ranges_ThatAreShortOrLeaveTheirPage_AreRefusedAndWhatIsBeforeThemIsTaken()
    {
        int socket = Connect();
        PageBuffer[] pages = MakePages();
        PageRange good = RangeOf(pages[0]);

        AssertRefused(owner!, socket, good with { LengthBytes = StackLimits.LentBytesMin - 1 });
        AssertRefused(owner!, socket, good with { LengthBytes = PageBytes + 1 });
        AssertRefused(owner!, socket, good with { LengthBytes = -1 });
        AssertRefused(owner!, socket, good with { BusAddress = good.BusAddress + 1 });
        ulong large = PageBuffer.Allocate(owner!.Context, 2).Lend(owner.Context, LoanAccess.DeviceReads);
        AssertRefused(owner, socket, good with { BusAddress = large });
        Assert.Equal(
            SocketError.NotSupported,
            sockets!.SendLent(owner.Context, socket, new DomainId(Owner), [good], SocketFlags.OutOfBand).Error);
        Assert.Equal(1, Send(socket, good, good with { LengthBytes = 1 }, good));
        AssertEchoed(socket, pages[0].Borrow(owner!.Context).ToArray());
    }

    [Fact]
    public void Loopback_HasNoDevice_SoRangesAreToBeCopied()
    {
        _ = Connect();
        CallContext context = owner!.Context;
        int listener = sockets!.Open(context, AddressFamily.InterNetwork, SocketKind.Stream, 0, signal!).Value;
        Assert.True(sockets.Bind(context, listener, new SocketAddress(Near, 90)).IsOk);
        Assert.True(sockets.Listen(context, listener, 1).IsOk);
        int client = sockets.Open(context, AddressFamily.InterNetwork, SocketKind.Stream, 0, signal!).Value;
        _ = sockets.Connect(context, client, new SocketAddress(Near, 90));

        AssertRefused(owner, client, RangeOf(MakePages()[0]));
    }

    private void AssertRefused(TestThread caller, int socket, PageRange range)
    {
        // By whose right: the caller's own, the owner's, and that of the stack.
        foreach (uint lender in new[] { caller.Context.Self.Value, Owner, WiredStack.StackDomain })
        {
            Reply<int, SocketError> reply = sockets!.SendLent(caller.Context, socket, new DomainId(lender), [range], SocketFlags.None);
            Assert.Equal(SocketError.NotSupported, reply.Error);
        }
    }
}
