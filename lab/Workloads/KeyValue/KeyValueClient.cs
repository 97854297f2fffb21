using System.Globalization;
using RedLeafSharp.Contracts;
using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Lab.Workloads.Network;

namespace RedLeafSharp.Lab.Workloads.KeyValue;

/// <summary>
/// A client of the store: one operation after the other, each written down. When its connection breaks, nobody knows what became of the
/// open one; it goes on under another name, over another connection.
/// </summary>
internal sealed class KeyValueClient : Party
{
    /// <summary>Streams of random numbers of clients; the workloads' others are small numbers.</summary>
    private const ulong FirstStream = 100;

    /// <summary>Connections after the first; what breaks four is broken.</summary>
    private const int ReconnectsMax = 3;

    private readonly RoundTable table;
    private readonly ISocketStack stack;
    private readonly HistoryRecorder recorder;
    private readonly Party? before;
    private readonly int number;
    private readonly long operations;
    private readonly long clients;
    private readonly Dictionary<byte, long> lastSeen = [];
    private readonly byte[] request = new byte[KeyValueRequest.LengthBytes];
    private readonly byte[] answer = new byte[KeyValueAnswer.LengthBytes];
    private TrialRandom random;
    private TrialSocket? socket;
    private KeyValueRequest open;
    private int recorded;
    private int connections;
    private long answered;
    private int sent;
    private int received;

    internal KeyValueClient(RoundTable table, ISocketStack stack, HistoryRecorder recorder, Party? before, int number)
    {
        this.table = table;
        this.stack = stack;
        this.recorder = recorder;
        this.before = before;
        this.number = number;
        operations = table.Trial.Option("operations");
        clients = table.Trial.Option("clients");
        random = table.Trial.Random(FirstStream + (ulong)number);
    }

    internal override bool IsDone => answered == operations;

    internal override bool HasBegun => answered > 0;

    /// <summary>A name for each connection: of the last operation of a broken one nobody knows when it is over.</summary>
    private string Name => $"{table.Trial.Round}.{number}.{connections}";

    internal override bool Step(CallContext context)
    {
        if (socket is null)
        {
            return before is not { HasBegun: false } && Connect(context);
        }

        int count = sent < request.Length ? socket.Send(context, request.AsSpan(sent)) : 0;
        sent += count;
        int more = socket.Receive(context, answer.AsSpan(received), out bool isEnd);
        received += more;
        if (received == answer.Length)
        {
            TakeAnswer(context);
        }
        else if (isEnd || !socket.IsOpen)
        {
            Lose(context);
        }

        return count > 0 || more > 0 || isEnd;
    }

    internal override void Close(CallContext context) => socket?.Close(context);

    private bool Connect(CallContext context)
    {
        int round = table.Trial.Round;
        int connection = number + (int)(connections * clients);
        socket = TrialSocket.Connect(context, table, stack, StreamAddress.OfClient(round, connection), StreamAddress.OfServer(round));
        Begin();
        return true;
    }

    private void Begin()
    {
        byte key = (byte)random.NextBelow((ulong)table.Trial.Option("keys"));
        KeyValueCall call = random.NextBelow(8) switch
        {
            < 4 => KeyValueCall.Read,
            < 6 => KeyValueCall.Write,
            _ => KeyValueCall.CompareAndSet,
        };
        long value = (table.Trial.Round * WorkloadLimits.OperationsMax) + (answered * clients) + number + 1;
        open = new KeyValueRequest(call, key, (uint)answered, lastSeen.GetValueOrDefault(key), call == KeyValueCall.Read ? 0 : value);
        open.Write(request);
        (sent, received) = (0, 0);
        (OperationKind kind, string? expected) = call switch
        {
            KeyValueCall.Read => (OperationKind.Read, null),
            KeyValueCall.Write => (OperationKind.Write, null),
            _ => (OperationKind.CompareAndSet, Text(open.Expected)),
        };
        recorded = recorder.Invoke(Name, kind, $"key{key}", expected, Text(open.Value));
    }

    private void TakeAnswer(CallContext context)
    {
        KeyValueAnswer answered = KeyValueAnswer.Read(answer);
        if (answered.Number != open.Number)
        {
            table.Trial.Report(ViolationKind.WrongError, KeyValue.Oracle, $"client {Name} was answered number {answered.Number}, and had asked {open.Number}");
            Lose(context);
            return;
        }

        recorder.Return(recorded, answered.IsDone ? Completion.Done : Completion.Refused, Text(answered.Value));
        if (open.Call == KeyValueCall.Read || answered.IsDone)
        {
            lastSeen[open.Key] = open.Call == KeyValueCall.Read ? answered.Value : open.Value;
        }

        // Not what was read: that depends on who came first, and a fault may change it.
        Count(isOk: true);
        if (IsDone)
        {
            socket!.Close(context);
        }
        else
        {
            Begin();
        }
    }

    /// <summary>What was open may have been done, or will be, or not.</summary>
    private void Lose(CallContext context)
    {
        socket!.Close(context);
        socket = null;
        Count(isOk: false);
        if (connections++ == ReconnectsMax)
        {
            while (!IsDone)
            {
                Count(isOk: false);
            }
        }
    }

    private void Count(bool isOk) => table.Answer((number * operations) + answered++, isOk, (ulong)open.Call);

    private static string? Text(long value) => value == 0 ? null : value.ToString(CultureInfo.InvariantCulture);
}
