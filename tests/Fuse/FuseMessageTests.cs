using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Cli.Fuse;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Fuse;

public sealed class FuseMessageTests
{
    /// <summary>The sizes that include/uapi/linux/fuse.h gives them; a program that was compiled with it printed these.</summary>
    [Fact]
    public void Structures_OfTheProtocol_HaveItsSizes()
    {
        Assert.Equal(40, Unsafe.SizeOf<RequestHeader>());
        Assert.Equal(16, Unsafe.SizeOf<ReplyHeader>());
        Assert.Equal(88, Unsafe.SizeOf<NodeAttributes>());
        Assert.Equal(128, Unsafe.SizeOf<EntryReply>());
        Assert.Equal(104, Unsafe.SizeOf<AttributesReply>());
        Assert.Equal(64, Unsafe.SizeOf<InitializeReply>());
        Assert.Equal(88, Unsafe.SizeOf<SetAttributesRequest>());
        Assert.Equal(16, Unsafe.SizeOf<MakeNodeRequest>());
        Assert.Equal(16, Unsafe.SizeOf<CreateRequest>());
        Assert.Equal(144, Unsafe.SizeOf<CreateReply>());
        Assert.Equal(16, Unsafe.SizeOf<Rename2Request>());
        Assert.Equal(40, Unsafe.SizeOf<TransferRequest>());
        Assert.Equal(80, Unsafe.SizeOf<StatusReply>());
        Assert.Equal(24, Unsafe.SizeOf<ListedName>());
        Assert.Equal(16, Unsafe.SizeOf<SyncRequest>());
        Assert.Equal(32, Unsafe.SizeOf<AllocateRequest>());
        Assert.Equal(24, Unsafe.SizeOf<SeekRequest>());
    }

    [Fact]
    public void Request_WithStructureAndNames_IsTakenApart()
    {
        byte[] message = new byte[RequestHeader.Bytes + 8 + 8];
        var header = new RequestHeader { LengthBytes = (uint)message.Length, Operation = FuseOperation.Rename, Node = 7 };
        MemoryMarshal.Write(message, header);
        message[RequestHeader.Bytes] = 9;
        "old\0new\0"u8.CopyTo(message.AsSpan(RequestHeader.Bytes + 8));

        Assert.True(FuseRequest.TryParse(message, out FuseRequest request));
        Assert.Equal((FuseOperation.Rename, 7ul), (request.Header.Operation, request.Header.Node));
        Assert.True(request.TryTake(out RenameRequest rename));
        Assert.Equal(9ul, rename.NewDirectory);
        Assert.True(request.TryTakeText(out ReadOnlySpan<byte> name));
        Assert.True(request.TryTakeText(out ReadOnlySpan<byte> newName));
        Assert.Equal(("old", "new"), (System.Text.Encoding.ASCII.GetString(name), System.Text.Encoding.ASCII.GetString(newName)));
        Assert.False(request.TryTakeText(out _));
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(39, 39u)]
    [InlineData(40, 41u)]
    [InlineData(48, 40u)]
    public void Request_OfAnotherLengthThanItSays_IsNone(int length, uint stated)
    {
        byte[] message = new byte[Math.Max(length, sizeof(uint))];
        MemoryMarshal.Write(message, stated);

        Assert.False(FuseRequest.TryParse(message.AsSpan(0, length), out _));
    }

    [Fact]
    public void Request_ShorterThanItsStructure_GivesNothing()
    {
        byte[] message = new byte[RequestHeader.Bytes + 4];
        MemoryMarshal.Write(message, (uint)message.Length);

        Assert.True(FuseRequest.TryParse(message, out FuseRequest request));
        Assert.False(request.TryTake(out ForgetRequest _));
    }

    [Fact]
    public void Reply_WithAnError_CarriesNothingElse()
    {
        byte[] message = new byte[256];
        var reply = new FuseReply(message);
        reply.Put(new WriteReply { LengthBytes = 5 });

        reply.Finish(unique: 11, Errno.NoSpace);

        ReplyHeader header = MemoryMarshal.Read<ReplyHeader>(message);
        Assert.Equal((16u, -28, 11ul, 16), (header.LengthBytes, header.Error, header.Unique, reply.LengthBytes));
    }
}
