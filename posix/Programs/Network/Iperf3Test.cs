using System.Buffers.Binary;
using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>One test of iperf 3, on the server's side: the client says what to do, and when it is over.</summary>
internal sealed class Iperf3Test(int listener, int control, Iperf3Pages pages)
{
    /// <summary>How long a client may take for a step of the protocol; the test itself lasts as long as it likes.</summary>
    private const long StepMicros = 30_000_000;

    private readonly List<(int Socket, long Bytes)> streams = [];
    private readonly byte[] cookie = new byte[Iperf3Spec.CookieBytes];
    private byte[] block = [];
    private bool isReverse;

    /// <summary>-Z: without copies, as long as the way of the streams has a device that makes checksums.</summary>
    private bool isZeroCopy;

    public int Run(Libc libc)
    {
        _ = libc.System.SetSocketOption(libc.Context, control, SocketOption.ReceiveTimeoutMicros, StepMicros);
        _ = libc.System.SetSocketOption(libc.Context, control, SocketOption.NoDelay, 1);
        string? failure = Prepare(libc) ?? Move(libc, out long micros) ?? Conclude(libc, micros);
        foreach ((int socket, _) in streams)
        {
            if (socket >= 0)
            {
                libc.Close(socket);
            }
        }

        libc.Close(control);
        return failure is null ? 0 : libc.Complain(failure);
    }

    /// <summary>Cookie, parameters, streams.</summary>
    private string? Prepare(Libc libc)
    {
        if (!TryReceive(libc, control, cookie) || !TrySay(libc, Iperf3Spec.ParameterExchange) || !TryReceiveText(libc, out string text))
        {
            return "unable to receive the parameters";
        }

        isReverse = Number(text, "reverse") != 0;
        isZeroCopy = isReverse && Number(text, "zerocopy") != 0;
        long length = Number(text, "len");
        block = new byte[length > 0 ? Math.Min(length, Iperf3Spec.BlockBytesMax) : Iperf3Spec.BlockBytesDefault];
        long count = Math.Max(1, Number(text, "parallel"));
        if (Number(text, "udp") != 0 || Number(text, "bidirectional") != 0 || count > Iperf3Spec.StreamsMax)
        {
            _ = TrySay(libc, Iperf3Spec.AccessDenied);
            return "only streams of TCP in one direction are there";
        }

        if (!TrySay(libc, Iperf3Spec.CreateStreams))
        {
            return "the client is gone";
        }

        byte[] shown = new byte[Iperf3Spec.CookieBytes];
        _ = libc.System.SetSocketOption(libc.Context, listener, SocketOption.ReceiveTimeoutMicros, StepMicros);
        while (streams.Count < count)
        {
            Reply<int, Errno> accepted = libc.System.Accept(libc.Context, listener, out _);
            if (!accepted.IsOk)
            {
                break;
            }

            _ = libc.System.SetSocketOption(libc.Context, accepted.Value, SocketOption.ReceiveTimeoutMicros, StepMicros);
            if (TryReceive(libc, accepted.Value, shown) && shown.AsSpan().SequenceEqual(cookie))
            {
                streams.Add((accepted.Value, 0));
            }
            else
            {
                libc.Close(accepted.Value);
            }
        }

        _ = libc.System.SetSocketOption(libc.Context, listener, SocketOption.ReceiveTimeoutMicros, 0);
        return streams.Count == count && TrySay(libc, Iperf3Spec.TestStart) && TrySay(libc, Iperf3Spec.TestRunning)
            ? null
            : "the client has not opened its streams";
    }

    /// <summary>Takes or sends data until the client says that the test is over.</summary>
    private string? Move(Libc libc, out long micros)
    {
        var entries = new PollEntry[streams.Count + 1];
        entries[0] = new PollEntry { Descriptor = control, Events = SocketEvents.Readable };
        for (int index = 0; index < streams.Count; index++)
        {
            entries[index + 1] = new PollEntry
            {
                Descriptor = streams[index].Socket,
                Events = isReverse ? SocketEvents.Writable : SocketEvents.Readable,
            };
        }

        long started = SocketText.NowMicros(libc);
        byte state = Iperf3Spec.TestRunning;
        while (state == Iperf3Spec.TestRunning)
        {
            Reply<int, Errno> ready = libc.System.Poll(libc.Context, entries, -1);
            if (!ready.IsOk || (entries[0].Returned != SocketEvents.None && !TryHear(libc, out state)))
            {
                micros = 0;
                return "the control connection has ended";
            }

            for (int index = 0; index < streams.Count && state == Iperf3Spec.TestRunning; index++)
            {
                if (entries[index + 1].Returned != SocketEvents.None && !TryMove(libc, index))
                {
                    entries[index + 1].Descriptor = -1;
                }
            }
        }

        micros = Math.Max(1, SocketText.NowMicros(libc) - started);
        EndStreams(libc);
        return state == Iperf3Spec.TestEnd ? null : "the client has terminated";
    }

    /// <summary>A client that receives waits for a whole block, or the end of the stream, before it hears anything else.</summary>
    private void EndStreams(Libc libc)
    {
        for (int index = 0; isReverse && index < streams.Count; index++)
        {
            (int socket, long bytes) = streams[index];
            libc.Close(socket);
            streams[index] = (-1, bytes);
        }
    }

    private string? Conclude(Libc libc, long micros)
    {
        // What is still on its way counts for nobody, as in iperf itself.
        byte[] results = ByteText.ToBytes(Results(micros));
        byte[] length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)results.Length);
        bool isTold = TrySay(libc, Iperf3Spec.ExchangeResults) && TryReceiveText(libc, out _)
            && libc.System.Send(libc.Context, control, length).IsOk && libc.System.Send(libc.Context, control, results).IsOk
            && TrySay(libc, Iperf3Spec.DisplayResults);
        if (isTold)
        {
            _ = TryHear(libc, out _);
        }

        long total = 0;
        foreach ((_, long bytes) in streams)
        {
            total += bytes;
        }

        long tenths = total * 80 / micros;
        libc.PrintLine(
            $"{streams.Count} streams, {(isReverse ? "sent" : "received")} {total} bytes in {micros / 1_000_000}.{micros / 10_000 % 100:00} s, "
            + $"{tenths / 10}.{tenths % 10} Mbit/s");
        return isTold ? null : "the client has not taken the results";
    }

    private bool TryMove(Libc libc, int index)
    {
        (int socket, long bytes) = streams[index];
        Reply<int, Errno> reply = isZeroCopy ? pages.Send(libc, socket)
            : isReverse ? libc.System.Send(libc.Context, socket, block, SocketFlags.DontWait)
            : libc.System.Receive(libc.Context, socket, block, SocketFlags.DontWait);
        if (isZeroCopy && Errors.Of(reply) == Errno.NotSupported)
        {
            isZeroCopy = false;
            return true;
        }

        streams[index] = (socket, bytes + reply.Value);
        return reply.IsOk ? reply.Value > 0 : Errors.Of(reply) == Errno.TryAgain;
    }

    /// <summary>The results as iperf's own server tells them; the numbers of streams go 1, 3, 4, as iperf counts.</summary>
    private string Results(long micros)
    {
        string seconds = $"{micros / 1_000_000}.{micros % 1_000_000:000000}";
        var text = new StringBuilder();
        text.Append("{\"cpu_util_total\":0,\"cpu_util_user\":0,\"cpu_util_system\":0,\"sender_has_retransmits\":0,\"streams\":[");
        for (int index = 0; index < streams.Count; index++)
        {
            text.Append(index == 0 ? "" : ",").Append("{\"id\":").Append(index == 0 ? 1 : index + 2).Append(",\"bytes\":")
                .Append(streams[index].Bytes).Append(",\"retransmits\":-1,\"jitter\":0,\"errors\":0,\"packets\":0,\"start_time\":0,\"end_time\":")
                .Append(seconds).Append('}');
        }

        return text.Append("]}").ToString();
    }

    private bool TrySay(Libc libc, byte state)
    {
        byte[] message = [state];
        return libc.System.Send(libc.Context, control, message).Value == message.Length;
    }

    private bool TryHear(Libc libc, out byte state)
    {
        byte[] message = new byte[1];
        bool isHeard = TryReceive(libc, control, message);
        state = message[0];
        return isHeard;
    }

    private static bool TryReceive(Libc libc, int socket, byte[] data) =>
        libc.System.Receive(libc.Context, socket, data, SocketFlags.WaitAll).Value == data.Length;

    private bool TryReceiveText(Libc libc, out string text)
    {
        text = "";
        byte[] length = new byte[sizeof(uint)];
        if (!TryReceive(libc, control, length) || BinaryPrimitives.ReadUInt32BigEndian(length) > Iperf3Spec.TextBytesMax)
        {
            return false;
        }

        byte[] data = new byte[BinaryPrimitives.ReadUInt32BigEndian(length)];
        bool isWhole = TryReceive(libc, control, data);
        text = ByteText.ToText(data);
        return isWhole;
    }

    /// <summary>The number or truth value of a name in JSON; 0 when it is not there. The text is flat, and names are never values.</summary>
    private static long Number(string json, string name)
    {
        int start = json.IndexOf($"\"{name}\":", StringComparison.Ordinal);
        if (start < 0)
        {
            return 0;
        }

        string value = json[(start + name.Length + 3)..].TrimStart();
        if (value.StartsWith("true", StringComparison.Ordinal))
        {
            return 1;
        }

        long number = 0;
        for (int index = 0; index < value.Length && index < 9 && char.IsAsciiDigit(value[index]); index++)
        {
            number = (10 * number) + (value[index] - '0');
        }

        return number;
    }
}
