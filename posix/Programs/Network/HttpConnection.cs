using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>A connection of httpd: reads a request, sends an answer, again and again. It never waits.</summary>
internal sealed class HttpConnection(int socket, HttpSite site)
{
    private readonly byte[] input = new byte[HttpLimits.HeaderBytesMax];
    private int inputLength;
    private byte[] output = [];
    private int outputSent;
    private int outputLength;
    private int file = -1;
    private long fileOffset;
    private long fileLeft;
    private bool isSending;
    private bool isLast;
    private bool isDraining;
    private int requestCount;
    private long sinceMicros;

    public int Socket { get; } = socket;

    /// <summary>What it waits for. A request that is there already needs nothing but its turn: the next answer has to be sent.</summary>
    public SocketEvents Wanted => isSending || HasRequest ? SocketEvents.Writable : SocketEvents.Readable;

    /// <summary>Starts the clock of the first request.</summary>
    public void Begin(long nowMicros) => sinceMicros = nowMicros;

    /// <summary>Whether the peer has had its time, for a request or for taking an answer.</summary>
    public bool IsOverdue(long nowMicros)
    {
        long limit = isSending ? HttpLimits.StallMicrosMax
            : isDraining ? HttpLimits.DrainMicrosMax
            : inputLength > 0 || requestCount == 0 ? HttpLimits.RequestMicrosMax
            : HttpLimits.IdleMicrosMax;
        return nowMicros - sinceMicros > limit;
    }

    /// <summary>Does what can be done now.</summary>
    /// <returns>False when the connection is over.</returns>
    public bool Advance(Libc libc, long nowMicros)
    {
        // A bound on the steps: others want their turn, and epoll will tell again.
        for (int step = 0; step < 16; step++)
        {
            Errno error = isSending ? Send(libc, nowMicros) : Receive(libc, nowMicros);
            if (error != Errno.None)
            {
                return error == Errno.TryAgain;
            }
        }

        return true;
    }

    public void Close(Libc libc)
    {
        CloseFile(libc);
        libc.Close(Socket);
    }

    /// <summary>Whether there is a whole request, or one that will never be.</summary>
    private bool HasRequest => !isDraining && inputLength > 0
        && (inputLength == input.Length || HttpRequest.FindEnd(input.AsSpan(0, inputLength)) >= 0);

    private Errno Receive(Libc libc, long nowMicros)
    {
        if (isDraining)
        {
            return Drain(libc);
        }

        if (TryBeginAnswer(libc, nowMicros))
        {
            return Errno.None;
        }

        Reply<int, Errno> reply = libc.System.Receive(libc.Context, Socket, input.AsSpan(inputLength), SocketFlags.DontWait);
        if (!reply.IsOk)
        {
            return Errors.Of(reply);
        }

        if (reply.Value == 0)
        {
            return Errno.ConnectionReset;
        }

        // The clock of a request starts with its first byte, and is not set again by later ones.
        sinceMicros = inputLength == 0 ? nowMicros : sinceMicros;
        inputLength += reply.Value;
        return Errno.None;
    }

    /// <summary>Answers a request if a whole one is there.</summary>
    private bool TryBeginAnswer(Libc libc, long nowMicros)
    {
        ReadOnlySpan<byte> all = input.AsSpan(0, inputLength);
        int end = HttpRequest.FindEnd(all);
        if (end < 0)
        {
            bool isTooLong = inputLength == input.Length;
            if (isTooLong)
            {
                Begin(libc, HttpSite.Refuse(431), isHead: false, keepsAlive: false, nowMicros);
            }

            return isTooLong;
        }

        int status = HttpRequest.Parse(all[..end], out HttpRequest? request);
        all[end..].CopyTo(input);
        inputLength -= end;
        requestCount++;
        HttpAnswer answer = status != 0 ? HttpSite.Refuse(status) : site.Answer(libc, request!);
        bool keepsAlive = status == 0 && request!.KeepsAlive && !answer.IsClosing && requestCount < HttpLimits.RequestsPerConnectionMax;
        Begin(libc, answer, isHead: request?.Method == "HEAD", keepsAlive, nowMicros);
        return true;
    }

    private void Begin(Libc libc, HttpAnswer answer, bool isHead, bool keepsAlive, long nowMicros)
    {
        string head = $"HTTP/1.1 {answer.Status} {HttpSite.ReasonOf(answer.Status)}\r\n"
            + $"Date: {site.Date(libc)}\r\n"
            + (answer.TellsLength ? $"Content-Length: {answer.BodyLength}\r\n" : "") + answer.Headers
            + (keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
        byte[] text = isHead ? [] : answer.Text;
        (file, fileOffset, fileLeft) = (answer.File, answer.Range.First, isHead || answer.File < 0 ? 0 : answer.Range.Length);
        int smallBytes = fileLeft <= HttpLimits.SmallFileBytesMax ? (int)fileLeft : 0;
        outputLength = head.Length + text.Length;
        outputSent = 0;
        if (output.Length < outputLength + smallBytes)
        {
            output = new byte[outputLength + (file >= 0 ? HttpLimits.SmallFileBytesMax : 0)];
        }

        ByteText.Copy(head, output);
        text.CopyTo(output.AsSpan(head.Length));
        TakeSmall(libc, smallBytes);
        (isSending, isLast, sinceMicros) = (true, !keepsAlive, nowMicros);
    }

    /// <summary>Puts the bytes of a small file behind the header. What cannot be read is noticed when it is to be sent.</summary>
    private void TakeSmall(Libc libc, int lengthBytes)
    {
        if (lengthBytes > 0)
        {
            int read = libc.System.ReadAt(libc.Context, file, (ulong)fileOffset, output.AsSpan(outputLength, lengthBytes)).Value;
            outputLength += read;
            fileOffset += read;
            fileLeft -= read;
        }
    }

    private Errno Send(Libc libc, long nowMicros)
    {
        if (outputSent == outputLength)
        {
            return fileLeft == 0 ? EndAnswer(libc, nowMicros) : SendFile(libc, nowMicros);
        }

        SocketFlags flags = SocketFlags.DontWait | SocketFlags.NoSignal | (fileLeft > 0 ? SocketFlags.More : SocketFlags.None);
        Reply<int, Errno> reply = libc.System.Send(
            libc.Context, Socket, output.AsSpan(outputSent, outputLength - outputSent), flags);
        outputSent += reply.Value;
        sinceMicros = reply.Value > 0 ? nowMicros : sinceMicros;
        return Errors.Of(reply);
    }

    private Errno SendFile(Libc libc, long nowMicros)
    {
        int wanted = (int)Math.Min(fileLeft, HttpLimits.FileBytes);
        Reply<int, Errno> reply = libc.System.SendFileAt(libc.Context, Socket, file, (ulong)fileOffset, wanted);
        fileOffset += reply.Value;
        fileLeft -= reply.Value;
        sinceMicros = reply.Value > 0 ? nowMicros : sinceMicros;

        // A file that has become shorter: the peer sees that by the connection's end.
        return reply.IsOk && reply.Value == 0 ? Errno.InputOutput : Errors.Of(reply);
    }

    private Errno EndAnswer(Libc libc, long nowMicros)
    {
        CloseFile(libc);
        (isSending, sinceMicros) = (false, nowMicros);
        if (isLast)
        {
            _ = libc.System.Shutdown(libc.Context, Socket, ShutdownHow.Send);
            isDraining = true;
        }

        return Errno.None;
    }

    /// <summary>
    /// After the last answer: to close while something waits to be read would reset the connection, and the peer could lose the answer
    /// (RFC 9112 section 9.6). So it is read until the peer ends, or has had its time.
    /// </summary>
    private Errno Drain(Libc libc)
    {
        Reply<int, Errno> reply = libc.System.Receive(libc.Context, Socket, input, SocketFlags.DontWait);
        return reply.IsOk && reply.Value == 0 ? Errno.ConnectionReset : Errors.Of(reply);
    }

    private void CloseFile(Libc libc)
    {
        if (file >= 0)
        {
            libc.Close(file);
            file = -1;
        }
    }
}
