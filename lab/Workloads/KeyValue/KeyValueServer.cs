using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Lab.Workloads.Network;

namespace RedLeafSharp.Lab.Workloads.KeyValue;

/// <summary>The server's end of one connection: carries out each request as it comes, and answers it.</summary>
internal sealed class KeyValueServer(RoundTable table, TrialSocket socket, KeyValueStore store) : Party
{
    private const int RequestsMax = 16;

    private readonly byte[] requests = new byte[RequestsMax * KeyValueRequest.LengthBytes];
    private readonly byte[] answers = new byte[RequestsMax * KeyValueAnswer.LengthBytes];
    private int received;
    private int answered;
    private int sent;

    internal override bool IsDone => !socket.IsOpen;

    internal override bool Step(CallContext context)
    {
        int count = sent < answered ? socket.Send(context, answers.AsSpan(sent, answered - sent)) : 0;
        sent += count;
        if (sent < answered)
        {
            return count > 0;
        }

        (sent, answered) = (0, 0);
        int more = socket.Receive(context, requests.AsSpan(received), out bool isEnd);
        received += more;
        if (isEnd)
        {
            socket.Close(context);
        }

        int used = 0;
        for (; received - used >= KeyValueRequest.LengthBytes && socket.IsOpen; used += KeyValueRequest.LengthBytes)
        {
            Carry(context, requests.AsSpan(used, KeyValueRequest.LengthBytes));
        }

        requests.AsSpan(used, received - used).CopyTo(requests);
        received -= used;
        return count > 0 || more > 0 || isEnd;
    }

    internal override void Close(CallContext context) => socket.Close(context);

    private void Carry(CallContext context, ReadOnlySpan<byte> bytes)
    {
        if (!KeyValueRequest.TryRead(bytes, out KeyValueRequest request))
        {
            table.Trial.Report(ViolationKind.SilentCorruption, KeyValue.Oracle, "the server was sent what no client sends");
            socket.Close(context);
            return;
        }

        store.Apply(request).Write(answers.AsSpan(answered));
        answered += KeyValueAnswer.LengthBytes;
    }
}
