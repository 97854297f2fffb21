using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Programs that send pages of their own and receive into pages, over a stack that takes what a test lets it take.</summary>
public sealed class PageSocketTests : IDisposable
{
    private static readonly IpAddress Home = IpAddress.FromV4(127, 0, 0, 1);

    private readonly PosixRig rig;
    private LendingStack? stack;

    public PageSocketTests() =>
        rig = new PosixRig(detectsDeadlock: false, hasNetwork: true, wrapStack: inner => stack = new LendingStack(inner, memory: null));

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(OpenFlags.ReadOnly, SocketFlags.None, 3)]
    [InlineData(OpenFlags.NonBlock, SocketFlags.None, 1)]
    [InlineData(OpenFlags.ReadOnly, SocketFlags.DontWait, 1)]
    public void SendLent_OfWhatHasRoomForOne_WaitsForTheRestUnlessToldNotTo(OpenFlags how, SocketFlags flags, int expected)
    {
        bool isFull = false;
        var counts = new List<int>();
        stack!.OnLent = (_, ranges) =>
        {
            isFull = !isFull;
            counts.Add(ranges.Length);
            stack.Signal!.Signal();
            return isFull ? 1 : SocketError.TryAgain;
        };
        rig.Run(context =>
        {
            int socket = Make(context, AddressFamily.InterNetwork, SocketKind.Stream, how);

            Reply<int, Errno> reply = TrySend(context, socket, flags);

            Assert.Equal((true, expected), (reply.IsOk, reply.Value));
            Assert.Equal(how == OpenFlags.ReadOnly && flags == SocketFlags.None ? [3, 2, 2, 1, 1] : [3], counts);
        });
    }

    [Fact]
    public void SendLent_OfWhatHasToBeCopied_SaysSoOrTakesWhatIsBefore()
    {
        var answers = new Queue<Reply<int, SocketError>>([SocketError.NotSupported, 2, SocketError.NotSupported, SocketError.BrokenPipe]);
        stack!.OnLent = (_, _) => answers.Dequeue();
        rig.Run(context =>
        {
            int socket = Make(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly);
            PipeEnds pipe = rig.System.MakePipe(context, OpenFlags.ReadOnly).Value;

            Assert.Equal(Errno.NotSupported, TrySend(context, socket).Error);
            Assert.Equal(2, TrySend(context, socket).Value);
            Assert.Equal(Errno.BrokenPipe, TrySend(context, socket).Error);
            Assert.Equal(Errno.NotSupported, TrySend(context, Make(context, AddressFamily.InterNetwork, SocketKind.Datagram, OpenFlags.ReadOnly)).Error);
            Assert.Equal(Errno.NotSupported, TrySend(context, Make(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly)).Error);
            Assert.Equal(Errno.NotSocket, TrySend(context, pipe.WriteEnd).Error);
            Assert.Equal(Errno.BadDescriptor, TrySend(context, 99).Error);
        });
    }

    [Fact]
    public void SendLent_OfPagesOfOthers_SendsWhatIsBeforeThemAndNoMore()
    {
        stack!.OnLent = (context, ranges) => AsTheStackDoes(context, ranges);
        PageRange[]? foreign = null;
        bool isLooked = false;
        rig.Loader.Extra["lender"] = (context, system) =>
        {
            PageRange[] own = LendRanges(context);
            int socket = system.MakeSocket(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            Assert.Equal(3, system.SendLent(context, socket, own, SocketFlags.None).Value);
            foreign = own;
            rig.Await(context, _ => isLooked);
            return 0;
        };
        rig.Run(context =>
        {
            int lender = rig.System.Spawn(context, "lender\0"u8, 0, 1, 2).Value;
            rig.Await(context, _ => foreign is not null);
            int socket = Make(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly);
            PageRange[] own = LendRanges(context);
            PageBuffer kept = PageBuffer.Allocate(context);
            PageRange unlent = own[0] with { BusAddress = kept.GetBusAddress(context) };

            Assert.Equal(Errno.NotSupported, rig.System.SendLent(context, socket, foreign, SocketFlags.None).Error);
            Assert.Equal(Errno.NotSupported, rig.System.SendLent(context, socket, [unlent], SocketFlags.None).Error);
            Assert.Equal(2, rig.System.SendLent(context, socket, [own[0], own[1], foreign![2], own[2]], SocketFlags.None).Value);
            PageBuffer.Free(context, ref kept);
            isLooked = true;
            Assert.Equal(0, rig.System.WaitForChild(context, lender).Value.Status);
        });
    }

    /// <summary>What the call names is lent to the personality by the time there is room; then it is no more the program's to send.</summary>
    [Fact]
    public void SendLent_OfAPageThatIsLentToThePersonalityMeanwhile_DoesNotSendIt()
    {
        uint attacker = 0;
        ulong address = 0;
        bool isTried = false;
        bool isSwapped = false;
        bool isAnswered = false;
        stack!.OnLent = (context, ranges) =>
        {
            isTried = true;
            return isSwapped ? AsTheStackDoes(context, ranges) : SocketError.TryAgain;
        };
        rig.Loader.Extra["accomplice"] = (context, system) =>
        {
            PageBuffer page = PageBuffer.Allocate(context);
            address = page.Lend(context, LoanAccess.DeviceReads, new DomainId(attacker));
            rig.Await(context, _ => isTried);
            page.EndLoan(context);
            _ = page.Lend(context, LoanAccess.DeviceReads, new DomainId(PosixRig.PersonalityId));
            isSwapped = true;
            stack.Signal!.Signal();
            rig.Await(context, _ => isAnswered);
            return 0;
        };
        rig.Run(context =>
        {
            attacker = context.Self.Value;
            int socket = Make(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly);
            int accomplice = rig.System.Spawn(context, "accomplice\0"u8, 0, 1, 2).Value;
            rig.Await(context, _ => address != 0);
            PageRange[] ranges = [new() { BusAddress = address, LengthBytes = PageBuffer.PageBytes }];

            Assert.Equal(Errno.NotSupported, rig.System.SendLent(context, socket, ranges, SocketFlags.None).Error);

            Assert.True(isSwapped);
            isAnswered = true;
            Assert.Equal(0, rig.System.WaitForChild(context, accomplice).Value.Status);
        });
    }

    [Fact]
    public void SendLent_ToAPeerThatIsGone_IsTheEndOfTheProcess()
    {
        stack!.OnLent = (_, _) => SocketError.BrokenPipe;
        rig.Loader.Extra["sender"] = (context, system) =>
        {
            int socket = system.MakeSocket(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            PageRange[] ranges = LendRanges(context);
            _ = system.SendLent(context, socket, ranges, SocketFlags.NoSignal);
            _ = system.Write(context, 1, "x"u8);
            _ = system.SendLent(context, socket, ranges, SocketFlags.None);
            _ = system.Sleep(context, 1);
            return 0;
        };

        Assert.Equal("x141\n", rig.Shell("sender; echo $?").Output);
    }

    [Fact]
    public void ReceivePages_OfAStream_GivesPagesAndThenTheEnd()
    {
        rig.Run(context =>
        {
            (int client, int server) = Connect(context);
            Assert.Equal(Errno.TryAgain, rig.System.ReceivePages(context, server, 4_096, out int received).Error);
            Assert.Equal(5, rig.System.Send(context, client, "bytes"u8).Value);
            _ = rig.System.Shutdown(context, client, ShutdownHow.Send);
            PollEntry[] entries = [new() { Descriptor = server, Events = SocketEvents.PeerClosed }];
            Assert.Equal(1, rig.System.Poll(context, entries, -1).Value);

            PageBuffer pages = rig.System.ReceivePages(context, server, 3, out received).Value;
            Assert.Equal("byt", PosixRig.Text(pages.Borrow(context)[..received].ToArray()));
            PageBuffer.Free(context, ref pages);
            pages = rig.System.ReceivePages(context, server, 9_000, out received).Value;
            Assert.Equal("es", PosixRig.Text(pages.Borrow(context)[..received].ToArray()));
            Assert.Equal(3 * PageBuffer.PageBytes, pages.GetLength(context));
            PageBuffer.Free(context, ref pages);
            pages = rig.System.ReceivePages(context, server, 1, out received).Value;
            Assert.Equal(0, received);
            PageBuffer.Free(context, ref pages);
        });
    }

    [Fact]
    public void ReceivePages_OfAStreamThatWaits_WaitsForItsBytesOrItsTimeout()
    {
        rig.Loader.Extra["sender"] = (context, system) =>
        {
            _ = system.Sleep(context, 1_000);
            return system.Send(context, 1, "late"u8).Value - 4;
        };
        rig.Run(context =>
        {
            (int client, int server) = Connect(context);
            Assert.True(rig.System.Control(context, server, DescriptorCommand.SetStatusFlags, 0).IsOk);
            int sender = rig.System.Spawn(context, "sender\0"u8, 0, client, 2).Value;

            PageBuffer pages = rig.System.ReceivePages(context, server, 4_096, out int received).Value;
            Assert.Equal("late", PosixRig.Text(pages.Borrow(context)[..received].ToArray()));
            PageBuffer.Free(context, ref pages);
            Assert.Equal(0, rig.System.WaitForChild(context, sender).Value.Status);

            Assert.True(rig.System.SetSocketOption(context, server, SocketOption.ReceiveTimeoutMicros, 1_000).IsOk);
            Assert.Equal(Errno.TryAgain, rig.System.ReceivePages(context, server, 4_096, out _).Error);
        });
    }

    [Fact]
    public void ReceivePages_OfWhatHasNone_IsAnError()
    {
        rig.Run(context =>
        {
            int datagrams = Make(context, AddressFamily.InterNetwork, SocketKind.Datagram, OpenFlags.ReadOnly);
            SocketPair pair = rig.System.MakeSocketPair(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            (_, int server) = Connect(context);

            Assert.Equal(Errno.NotSupported, rig.System.ReceivePages(context, datagrams, 1, out _).Error);
            Assert.Equal(Errno.NotSupported, rig.System.ReceivePages(context, pair.First, 1, out _).Error);
            Assert.Equal(Errno.NotSocket, rig.System.ReceivePages(context, 0, 1, out _).Error);
            Assert.Equal(Errno.InvalidArgument, rig.System.ReceivePages(context, server, 0, out _).Error);
        });
    }

    private Reply<int, Errno> TrySend(CallContext context, int socket, SocketFlags flags = SocketFlags.None) =>
        rig.System.SendLent(context, socket, LendRanges(context), flags);

    private Reply<int, SocketError> AsTheStackDoes(CallContext context, PageRange[] ranges)
    {
        int count = 0;
        while (count < ranges.Length && PageBuffer.IsLentBy(context, stack!.Lender, ranges[count].BusAddress, LoanAccess.DeviceReads))
        {
            count++;
        }

        return count > 0 ? count : SocketError.NotSupported;
    }

    private static PageRange[] LendRanges(CallContext context)
    {
        var ranges = new PageRange[3];
        for (int index = 0; index < ranges.Length; index++)
        {
            ulong address = PageBuffer.Allocate(context).Lend(context, LoanAccess.DeviceReads);
            ranges[index] = new PageRange { BusAddress = address, LengthBytes = PageBuffer.PageBytes };
        }

        return ranges;
    }

    private int Make(CallContext context, AddressFamily family, SocketKind kind, OpenFlags flags) =>
        rig.System.MakeSocket(context, family, kind, flags, 0).Value;

    /// <summary>Two ends of a connection; neither waits.</summary>
    private (int Client, int Server) Connect(CallContext context)
    {
        int listener = Make(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly);
        Assert.True(rig.System.Bind(context, listener, new SocketAddress(Home, 80)).IsOk);
        Assert.True(rig.System.Listen(context, listener, 1).IsOk);
        int client = Make(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly);
        Assert.True(rig.System.Connect(context, client, new SocketAddress(Home, 80)).IsOk);
        return (client, rig.System.Accept(context, listener, default, OpenFlags.NonBlock, out _).Value);
    }
}
