using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>A stream's queue against a list of what each of its bytes is: a value that was copied in, or an address in a lent page.</summary>
public sealed class SendQueueTests : IDisposable
{
    private const ulong LentBase = 1UL << 40;

    private readonly TestThread thread = new();
    private readonly PacketPool pool;
    private readonly OutgoingPacket packet;
    private readonly SendQueue queue;
    private readonly List<ulong> model = [];

    public SendQueueTests()
    {
        Assert.True(PacketPool.TryCreate(thread.Context, 1_000, out pool));
        packet = new OutgoingPacket(pool);
        queue = new SendQueue(pool) { Start = uint.MaxValue - 100_000, Capacity = 200_000 };
    }

    public void Dispose() => thread.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Queue_AfterAnyOrderOfOperations_HasEachByteWhereItLies(int seed)
    {
        var random = new Random(seed);
        int free = pool.FreeCount;
        for (int round = 0; round < 1_500; round++)
        {
            switch (random.Next(4))
            {
                case 0:
                    AppendCopy(random);
                    break;
                case 1 when queue.FreeBytes > 0:
                    AppendLent(random, (ulong)round);
                    break;
                case 2:
                    Drop(random.Next(queue.Count + 1));
                    break;
                default:
                    CheckSegment(random);
                    break;
            }

            Assert.Equal(model.Count, queue.Count);
        }

        queue.Clear();
        packet.Discard();
        Assert.Equal(free, pool.FreeCount);
        while (pool.TryTakeReturned(out _, out _, out _))
        {
        }

        Assert.Equal(StackLimits.LentRangesMax, pool.FreeLentCount);
    }

    [Fact]
    public void BytesWithin_OfCopiesOnly_IsWhatWasAskedFor()
    {
        queue.Append(thread.Context, new byte[100_000]);
        Assert.Equal(100_000, queue.BytesWithin(1, queue.Start, 100_000));
    }

    private void AppendCopy(Random random)
    {
        byte[] data = new byte[random.Next(1, random.Next(2) == 0 ? 30 : 10_000)];
        random.NextBytes(data);
        int appended = queue.Append(thread.Context, data);
        Assert.Equal(Math.Min(data.Length, queue.Capacity - model.Count), appended);
        model.AddRange(data.Take(appended).Select(value => (ulong)value));
    }

    private void AppendLent(Random random, ulong round)
    {
        if (pool.FreeLentCount == 0)
        {
            Assert.True(pool.TryTakeReturned(out _, out _, out _));
        }

        int length = random.Next(StackLimits.LentBytesMin, PageBuffer.PageBytes + 1);
        ulong address = LentBase + (round << 16);
        queue.AppendLent(pool.AddLent(address, length, link: 1), length);
        for (int index = 0; index < length; index++)
        {
            model.Add(address + (ulong)index);
        }
    }

    private void Drop(int count)
    {
        queue.Drop(count);
        model.RemoveRange(0, count);
    }

    /// <summary>A segment of any place and length has the queue's bytes, in as many pieces as was asked for.</summary>
    private void CheckSegment(Random random)
    {
        if (queue.Count == 0)
        {
            return;
        }

        int start = random.Next(queue.Count);
        int length = Math.Min(random.Next(1, 60_000), queue.Count - start);
        int piecesMax = random.Next(4, OutgoingPacket.PiecesMax);
        uint sequence = queue.Start + (uint)start;
        bool hasLent = model.Exists(value => value >= LentBase);
        int fitting = queue.BytesWithin(piecesMax, sequence, length);
        Assert.InRange(fitting, Math.Min(length, hasLent ? 1 : length), length);
        Assert.True(packet.TryBegin());
        if (!queue.TryAddTo(packet, sequence, fitting))
        {
            Assert.False(hasLent, "more pieces than were asked for");
            return;
        }

        Assert.True(!hasLent || packet.Count <= piecesMax + 1);
        Assert.Equal(model.GetRange(start, fitting), Bytes());
        int firstLent = model.FindIndex(start, fitting, value => value >= LentBase);
        Assert.Equal(firstLent < 0 ? fitting : firstLent - start, packet.ReadableBytes);
    }

    private List<ulong> Bytes()
    {
        var bytes = new List<ulong>();
        foreach (Piece piece in packet.Pieces[1..].ToArray())
        {
            for (int index = 0; index < piece.LengthBytes; index++)
            {
                int offset = piece.Offset + index;
                bytes.Add(pool.IsLent(piece.Packet)
                    ? pool.BusAddress(piece.Packet) + (ulong)offset
                    : pool.Buffer(thread.Context, piece.Packet)[offset]);
            }
        }

        return bytes;
    }
}
