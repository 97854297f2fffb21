namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>Sends back what comes, and ends when the client does.</summary>
internal sealed class EchoServer(TrialSocket socket) : Party
{
    private const int BufferBytes = 8192;

    private readonly byte[] buffer = new byte[BufferBytes];
    private int filled;
    private int sent;

    internal override bool IsDone => !socket.IsOpen;

    internal override bool Step(CallContext context)
    {
        if (sent < filled)
        {
            int count = socket.Send(context, buffer.AsSpan(sent, filled - sent));
            sent += count;
            return count > 0;
        }

        sent = 0;
        filled = socket.Receive(context, buffer, out bool isEnd);
        if (isEnd)
        {
            socket.Close(context);
        }

        return filled > 0 || isEnd;
    }

    internal override void Close(CallContext context) => socket.Close(context);
}
