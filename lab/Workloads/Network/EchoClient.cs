using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>Sends one message after the other, each when the last one has come back, and knows each byte that must come.</summary>
internal sealed class EchoClient : Party
{
    /// <summary>Streams of random numbers of clients; the workloads' others are small numbers.</summary>
    private const ulong FirstStream = 100;

    private readonly RoundTable table;
    private readonly int number;
    private readonly TrialSocket socket;
    private readonly PositionStream stream;
    private readonly byte[] message;
    private readonly byte[] buffer;
    private readonly long operations;
    private TrialRandom random;
    private long answered;
    private long begin;
    private int length;
    private int sent;
    private int received;
    private bool isEnding;

    /// <param name="table">The round.</param>
    /// <param name="number">Of the connection.</param>
    /// <param name="socket">Its socket.</param>
    internal EchoClient(RoundTable table, int number, TrialSocket socket)
    {
        this.table = table;
        this.number = number;
        this.socket = socket;
        stream = new PositionStream(table.Trial.Seed, number, isToServer: false);
        operations = table.Trial.Option("operations");
        message = new byte[(int)table.Trial.Option("bytes")];
        buffer = new byte[message.Length];
        random = table.Trial.Random(FirstStream + (ulong)number);
        Begin();
    }

    internal override bool IsDone => !socket.IsOpen;

    internal override bool HasBegun => answered > 0;

    internal override bool Step(CallContext context)
    {
        bool hasWorked = isEnding ? AwaitEnd(context) : Send(context) | Receive(context);
        if (!socket.IsOpen && !isEnding)
        {
            Fail();
        }

        return hasWorked;
    }

    internal override void Close(CallContext context) => socket.Close(context);

    private void Begin()
    {
        begin += length;
        length = 1 + (int)random.NextBelow((ulong)message.Length);
        (sent, received) = (0, 0);
        stream.Fill(message.AsSpan(0, length), begin);
    }

    private bool Send(CallContext context)
    {
        int count = sent < length ? socket.Send(context, message.AsSpan(sent, length - sent)) : 0;
        sent += count;
        return count > 0;
    }

    private bool Receive(CallContext context)
    {
        int count = socket.Receive(context, buffer.AsSpan(0, length - received), out bool isEnd);
        if (isEnd)
        {
            table.Trial.Report(ViolationKind.DataLoss, PositionStream.Oracle, $"{stream}: it ends after {begin + received} bytes, without an error");
            socket.Close(context);
            return true;
        }

        if (!stream.Check(table.Trial, buffer.AsSpan(0, count), begin + received))
        {
            socket.Close(context);
            return true;
        }

        received += count;
        if (received == length)
        {
            table.Answer((number * operations) + answered++, isOk: true, (ulong)length);
            isEnding = answered == operations;
            if (isEnding)
            {
                socket.EndSending(context);
            }
            else
            {
                Begin();
            }
        }

        return count > 0;
    }

    /// <summary>The server has everything: its end of the stream is all that may come.</summary>
    private bool AwaitEnd(CallContext context)
    {
        int count = socket.Receive(context, buffer, out bool isEnd);
        if (count > 0)
        {
            table.Trial.Report(
                ViolationKind.SilentCorruption, PositionStream.Oracle, $"{stream}: {count} bytes come behind the last one, {begin + length}");
        }

        if (isEnd || count > 0)
        {
            socket.Close(context);
        }

        return isEnd || count > 0;
    }

    /// <summary>What has not been answered will not be.</summary>
    private void Fail()
    {
        for (; answered < operations; answered++)
        {
            table.Answer((number * operations) + answered, isOk: false, (ulong)socket.Error);
        }
    }
}
