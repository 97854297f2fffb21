using RedLeafSharp.Contracts;
using Xunit;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>sendfile over a file system that lends and a stack that takes what a test lets it take.</summary>
public sealed class SendFileTests : IDisposable
{
    private const int FileBytes = 100_000;
    private const uint Mode = 0x1B6;

    private readonly LentMemory memory = new();
    private readonly List<string> fileCalls = [];
    private readonly byte[] content = new byte[FileBytes];
    private readonly PosixRig rig;
    private LendingStack? stack;
    private int lastSocket = -1;

    public SendFileTests()
    {
        new Random(1).NextBytes(content);
        rig = new PosixRig(detectsDeadlock: false, hasNetwork: true, wrapStack: inner => stack = new LendingStack(inner, memory) { Kept = [] });
        rig.Files.Lent = memory;
        memory.RangeCountMax = 16;
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void File_OfWholePages_IsLentAndItsTailCopied()
    {
        Assert.Equal(FileBytes, Send(0, FileBytes));

        Assert.Equal(["lent 16 more", "lent 8 more", "send 1696"], stack!.Calls);
        Assert.Equal(PosixRig.PersonalityId, stack.Lender.Value);
        Assert.Equal(["LendPages", "LendPages", "Read"], fileCalls.Where(call => call != "GetAttributes"));
    }

    [Fact]
    public void File_FromTheMiddleOfAPage_BeginsWithACopyOfItsRest()
    {
        Assert.Equal(FileBytes - 3_000, Send(3_000, int.MaxValue));

        Assert.Equal(["send 1096 more", "lent 16 more", "lent 7 more", "send 1696"], stack!.Calls);
    }

    [Theory]
    [InlineData(0, 1_024)]
    [InlineData(98_976, 1_024)]
    [InlineData(4_000, 2_175)]
    public void Piece_ThatIsShort_IsOneReadAndOneSend(ulong offset, int length)
    {
        Assert.Equal(length, Send(offset, length));

        Assert.Equal([$"send {length}"], stack!.Calls);
        Assert.Equal(["Read"], fileCalls);
        Assert.Equal(0, memory.Count);
    }

    [Fact]
    public void Stack_ThatRefuses_IsNotAskedAgain()
    {
        stack!.OnLent = (_, _) => SocketError.NotSupported;

        Assert.Equal(FileBytes, Send(0, FileBytes));

        Assert.Equal(["lent -95 more", "send 65536 more", "send 34464"], stack.Calls);
        Assert.Equal(16, memory.Count);
    }

    [Fact]
    public void Stack_ThatRefusesWhatItTookBefore_IsAskedOnceMore()
    {
        var answers = new Queue<Reply<int, SocketError>>(
            [2, SocketError.NotSupported, 1, SocketError.NotSupported, SocketError.NotSupported]);
        stack!.OnLent = (_, _) => answers.Dequeue();

        Assert.Equal(FileBytes, Send(0, FileBytes));

        Assert.Equal(
            ["lent 2 more", "lent -95 more", "send 4096 more", "lent 1 more", "lent -95 more", "send 4096 more", "lent -95 more", "send 65536 more",
                "send 13984"],
            stack.Calls);
    }

    [Fact]
    public void File_ThatLendsNothingInPlaces_IsCopiedThere()
    {
        memory.Refuse = (_, offset) => offset == 0 ? Errno.NotSupported : Errno.None;

        Assert.Equal(FileBytes, Send(0, FileBytes));

        Assert.Equal(["send 65536 more", "lent 8 more", "send 1696"], stack!.Calls);
    }

    [Fact]
    public void Stack_ThatIsFull_EndsACallThatDoesNotWait()
    {
        var answers = new Queue<Reply<int, SocketError>>([3, SocketError.TryAgain, SocketError.TryAgain]);
        stack!.OnLent = (_, _) => answers.Dequeue();

        Assert.Equal(3 * 4_096, Send(0, FileBytes, OpenFlags.NonBlock));
        Assert.Equal(16 + 1, memory.Count);
        Assert.Equal(-(int)Errno.TryAgain, Send(0, FileBytes, OpenFlags.NonBlock));
    }

    [Fact]
    public void Stack_ThatDies_IsAnErrorAndNothingStaysLent()
    {
        int calls = 0;
        stack!.OnLent = (_, ranges) => ++calls == 1 ? ranges.Length : throw new InvalidOperationException("bug");

        Assert.Equal(16 * 4_096, Send(0, FileBytes));
        Assert.Equal(-(int)Errno.InputOutput, Send(0, FileBytes, opensSocket: false));
    }

    [Fact]
    public void FileSystem_ThatFails_EndsTheCallWithWhatHasGone()
    {
        memory.Refuse = (_, offset) => offset > 0 ? Errno.InputOutput : Errno.None;

        Assert.Equal(16 * 4_096, Send(0, FileBytes));
        Assert.Equal(-(int)Errno.InputOutput, Send(4_096, FileBytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Anything_ThatBothSidesMayDo_LosesNoByteAndNoPage(int seed)
    {
        var random = new Random(seed);
        memory.Refuse = (_, _) =>
        {
            memory.RangeCountMax = random.Next(1, 20);
            return random.Next(5) == 0 ? Errno.NotSupported : Errno.None;
        };
        stack!.OnLent = (_, ranges) => Draw(random.Next(6), random.Next(1, ranges.Length + 1));
        stack.OnSend = () => Draw(random.Next(4) * 2, random.Next(1, 100_000)).Value;

        for (int round = 0; round < 100; round++)
        {
            int offset = random.Next(FileBytes);
            int length = random.Next(1, FileBytes + 10_000);
            Assert.Equal(Math.Min(length, FileBytes - offset), Send((ulong)offset, length));
        }
    }

    [Fact]
    public void Kill_OfOneThatWaitsToReturnPages_ReturnsThem()
    {
        KernelEvent? sending = null;
        KernelEvent? holding = null;
        (bool isSending, bool isHolding) = (false, false);
        stack!.OnLent = (context, ranges) =>
        {
            isSending = true;
            _ = sending!.Wait(context, KernelEvent.Forever);
            return ranges.Length;
        };
        memory.Refuse = (context, offset) =>
        {
            isHolding = offset != 0;
            _ = isHolding ? holding!.Wait(context, KernelEvent.Forever) : default;
            return isHolding ? Errno.InputOutput : Errno.None;
        };
        rig.Loader.Extra["sender"] = (context, system) => system.SendFileAt(context, 1, 0, 0, FileBytes).Value;
        rig.Loader.Extra["holder"] = (context, system) => system.SendFileAt(context, 1, 0, 4_096, FileBytes).Value;
        rig.Run(context =>
        {
            (sending, holding) = (KernelEvent.Create(context), KernelEvent.Create(context));
            int file = MakeFile(context);
            int socket = MakeSocket(context, OpenFlags.ReadOnly);
            int sender = rig.System.Spawn(context, "sender\0"u8, file, socket, 2).Value;
            rig.Await(context, _ => isSending);
            _ = rig.System.Spawn(context, "holder\0"u8, file, socket, 2);
            rig.Await(context, _ => isHolding);
            sending.Signal();
            Assert.True(rig.System.Sleep(context, 1_000).IsOk);
            Assert.Equal(16, memory.OutstandingCount);

            Assert.True(rig.System.Kill(context, sender, 9).IsOk);
            Assert.True(rig.System.Sleep(context, 1_000).IsOk);
            holding.Signal();

            Assert.Equal(137, rig.System.WaitForChild(context, sender).Value.Status);
            Assert.Equal(0, memory.OutstandingCount);
        });
    }

    [Fact]
    public void Offset_OfTheInput_MovesByWhatHasGone()
    {
        stack!.OnLent = (_, ranges) => Math.Min(2, ranges.Length);
        rig.Run(context =>
        {
            int file = MakeFile(context);
            int socket = MakeSocket(context, OpenFlags.NonBlock);
            Assert.Equal(10, rig.System.Seek(context, file, 10, SeekOrigin.Start).Value);

            Assert.Equal(20_000, rig.System.SendFile(context, socket, file, 20_000).Value);
            Assert.Equal(FileBytes - 10 - 20_000, rig.System.SendFile(context, socket, file, int.MaxValue).Value);
            Assert.Equal((true, 0), (rig.System.SendFile(context, socket, file, int.MaxValue).IsOk, rig.System.SendFile(context, socket, file, 1).Value));

            Assert.Equal(content[10..], stack.Kept!);
            Assert.Equal(FileBytes, rig.System.Seek(context, file, 0, SeekOrigin.Current).Value);
        });
    }

    [Fact]
    public void Pipe_ThatNobodyReads_IsTheEndOfTheProcess()
    {
        rig.Loader.Extra["writer"] = (context, system) =>
        {
            PipeEnds pipe = system.MakePipe(context, OpenFlags.ReadOnly).Value;
            _ = system.Close(context, pipe.ReadEnd);
            _ = system.SendFileAt(context, pipe.WriteEnd, 0, 0, 10);
            _ = system.Sleep(context, 1);
            return 0;
        };
        rig.Run(context =>
        {
            int process = rig.System.Spawn(context, "writer\0"u8, MakeFile(context), 1, 2).Value;

            Assert.Equal(128 + 13, rig.System.WaitForChild(context, process).Value.Status);
        });
    }

    /// <summary>Taken, or refused, or full; who finds it full is signaled at once.</summary>
    private Reply<int, SocketError> Draw(int choice, int count)
    {
        if (choice == 0)
        {
            stack!.Signal!.Signal();
        }

        return choice == 0 ? SocketError.TryAgain : choice == 1 ? SocketError.NotSupported : count;
    }

    /// <summary>Sends a part of the file, and holds what was sent against it.</summary>
    /// <returns>What sendfile answers, an error below 0.</returns>
    private int Send(ulong offset, int length, OpenFlags flags = OpenFlags.ReadOnly, bool opensSocket = true)
    {
        int answer = 0;
        rig.Run(context =>
        {
            int file = MakeFile(context);
            lastSocket = opensSocket ? MakeSocket(context, flags) : lastSocket;
            stack!.Kept = [];
            stack.Calls.Clear();
            fileCalls.Clear();
            rig.Files.Interfere = call =>
            {
                fileCalls.Add(call);
                return Errno.None;
            };
            Reply<int, Errno> reply = rig.System.SendFileAt(context, lastSocket, file, offset, length);
            rig.Files.Interfere = null;
            answer = reply.IsOk ? reply.Value : -(int)reply.Error;
            Assert.Equal(content[(int)offset..((int)offset + reply.Value)], stack.Kept);
            Assert.Equal(0, memory.OutstandingCount);
            _ = rig.System.Close(context, file);
        });
        return answer;
    }

    private int MakeFile(CallContext context)
    {
        int file = rig.System.Open(context, "/f"u8, OpenFlags.Create | OpenFlags.ReadWrite, Mode).Value;
        Assert.Equal(FileBytes, rig.System.WriteAt(context, file, 0, content).Value);
        return file;
    }

    private int MakeSocket(CallContext context, OpenFlags flags) =>
        rig.System.MakeSocket(context, AddressFamily.InterNetwork, SocketKind.Stream, flags, 0).Value;
}
