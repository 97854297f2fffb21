using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>One end of a connection with a stream each way: sends its own, ends it, and knows each byte of the other.</summary>
internal sealed class BulkEnd : Party
{
    /// <summary>What counts as an operation: so many bytes received.</summary>
    private const int BlockBytes = 4096;

    private readonly RoundTable table;
    private readonly TrialSocket socket;
    private readonly PositionStream outgoing;
    private readonly PositionStream incoming;
    private readonly byte[] ahead = new byte[BlockBytes];
    private readonly byte[] buffer = new byte[BlockBytes];
    private readonly long firstNumber;
    private readonly long outgoingBytes;
    private readonly long incomingBytes;
    private long sent;
    private long received;
    private long answered;
    private bool hasEnded;
    private bool isPeerAtEnd;

    /// <param name="table">The round.</param>
    /// <param name="number">Of the connection.</param>
    /// <param name="isServer">Which end.</param>
    /// <param name="socket">Its socket.</param>
    /// <param name="outgoingBytes">What it sends.</param>
    /// <param name="incomingBytes">What must come.</param>
    internal BulkEnd(RoundTable table, int number, bool isServer, TrialSocket socket, long outgoingBytes, long incomingBytes)
    {
        this.table = table;
        this.socket = socket;
        this.outgoingBytes = outgoingBytes;
        this.incomingBytes = incomingBytes;
        outgoing = new PositionStream(table.Trial.Seed, number, isToServer: !isServer);
        incoming = new PositionStream(table.Trial.Seed, number, isToServer: isServer);
        firstNumber = ((2L * number) + (isServer ? 1 : 0)) * WorkloadLimits.StreamKibibytesMax;
    }

    internal override bool IsDone => !socket.IsOpen;

    internal override bool HasBegun => sent > 0 || received > 0 || IsDone;

    private long BlockCount => (incomingBytes + BlockBytes - 1) / BlockBytes;

    internal override bool Step(CallContext context)
    {
        bool hasWorked = Send(context) | Receive(context);
        if (hasEnded && isPeerAtEnd)
        {
            socket.Close(context);
        }
        else if (!socket.IsOpen)
        {
            Fail();
        }

        return hasWorked;
    }

    internal override void Close(CallContext context) => socket.Close(context);

    private bool Send(CallContext context)
    {
        if (hasEnded || !socket.IsOpen)
        {
            return false;
        }

        if (sent == outgoingBytes)
        {
            socket.EndSending(context);
            hasEnded = true;
            return true;
        }

        Span<byte> next = ahead.AsSpan(0, (int)Math.Min(BlockBytes, outgoingBytes - sent));
        outgoing.Fill(next, sent);
        int count = socket.Send(context, next);
        sent += count;
        return count > 0;
    }

    private bool Receive(CallContext context)
    {
        if (isPeerAtEnd || !socket.IsOpen)
        {
            return false;
        }

        int count = socket.Receive(context, buffer, out bool isEnd);
        bool isRight = isEnd
            ? received == incomingBytes || Report(ViolationKind.DataLoss, $"it ends after {received} of {incomingBytes} bytes, without an error")
            : received + count <= incomingBytes
                ? incoming.Check(table.Trial, buffer.AsSpan(0, count), received)
                : Report(ViolationKind.SilentCorruption, $"more than its {incomingBytes} bytes come");
        if (!isRight)
        {
            socket.Close(context);
            Fail();
            return true;
        }

        isPeerAtEnd = isEnd;
        received += count;
        while (answered < BlockCount && (received == incomingBytes || received / BlockBytes > answered))
        {
            table.Answer(firstNumber + answered++, isOk: true, BlockBytes);
        }

        return count > 0 || isEnd;
    }

    private bool Report(ViolationKind kind, string what)
    {
        table.Trial.Report(kind, PositionStream.Oracle, $"{incoming}: {what}");
        return false;
    }

    /// <summary>What has not come will not.</summary>
    private void Fail()
    {
        for (; answered < BlockCount; answered++)
        {
            table.Answer(firstNumber + answered, isOk: false, (ulong)socket.Error);
        }
    }
}
