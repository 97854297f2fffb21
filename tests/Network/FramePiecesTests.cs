using RedLeafSharp.Machine.Links;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A frame that is left where it lies, of which the front is taken bit by bit.</summary>
public sealed class FramePiecesTests
{
    private readonly byte[] memory = GC.AllocateArray<byte>(256, pinned: true);
    private readonly FramePieces pieces = new();

    public FramePiecesTests()
    {
        new Random(1).NextBytes(memory);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(54)]
    [InlineData(100)]
    public void TakeFront_OfSeveralPieces_LeavesWhatIsBehind(int count)
    {
        Assert.True(pieces.TryAdd(memory.AsSpan(0, 10)) && pieces.TryAdd(memory.AsSpan(10, 60)) && pieces.TryAdd(memory.AsSpan(70, 30)));
        byte[] front = new byte[count];
        pieces.TakeFront(front);
        Assert.Equal(100 - count, pieces.LengthBytes);
        byte[] rest = new byte[100 - count];
        int at = 0;
        for (int index = 0; index < pieces.Count; index++)
        {
            pieces[index].CopyTo(rest.AsSpan(at));
            at += pieces[index].Length;
        }

        Assert.Equal(memory[..100], (byte[])[.. front, .. rest]);
    }

    [Fact]
    public void TryAdd_OneTooMany_IsRefusedAndTheOthersStay()
    {
        for (int index = 0; index < FramePieces.CountMax; index++)
        {
            Assert.True(pieces.TryAdd(memory.AsSpan(2 * index, 2)));
        }

        Assert.False(pieces.TryAdd(memory.AsSpan(0, 2)));
        byte[] all = new byte[pieces.LengthBytes];
        pieces.TakeFront(all);
        Assert.Equal(memory[..(2 * FramePieces.CountMax)], all);
        Assert.Equal(0, pieces.Count);
    }
}
