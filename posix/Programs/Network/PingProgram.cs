using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>ping: asks a host to answer (ICMP echo, RFC 792 and 4443), in the words of iputils.</summary>
public sealed class PingProgram : Utility
{
    private const int HeaderBytes = 8;
    private const int IpHeaderBytes = 20;
    private const byte EchoRequest = 8;
    private const byte EchoReply = 0;
    private const byte Unreachable = 3;
    private const byte EchoRequestV6 = 128;
    private const byte EchoReplyV6 = 129;
    private const byte UnreachableV6 = 1;
    private const int IpHeaderBytesV6 = 40;
    private const int ProtocolIcmp = 1;
    private const int ProtocolIcmpV6 = 58;
    private const int PayloadBytesMax = 65_507;

    private bool isV6;
    private long sentCount;
    private long receivedCount;
    private long sumMicros;
    private long squaresMicros;
    private long leastMicros = long.MaxValue;
    private long mostMicros;

    private protected override string Synopsis => "[-q] [-c COUNT] [-i SECONDS] [-s BYTES] [-W SECONDS] HOST";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "c:i:s:W:q");
        int count = int.MaxValue;
        int size = 56;
        long intervalMicros = 1_000_000;
        long waitMicros = 1_000_000;
        bool isGood = (options.ValueOf('c') is not { } c || (SocketText.TryParseNumber(c, int.MaxValue, out count) && count > 0))
            && (options.ValueOf('s') is not { } s || SocketText.TryParseNumber(s, PayloadBytesMax, out size))
            && (options.ValueOf('i') is not { } i || SocketText.TryParseSeconds(i, out intervalMicros))
            && (options.ValueOf('W') is not { } w || SocketText.TryParseSeconds(w, out waitMicros));
        if (options.Error is not null || options.Operands.Count != 1 || !isGood)
        {
            return libc.ComplainUsage(options.Error ?? $"usage: {libc.Name} {Synopsis}") + 1;
        }

        if (!SocketText.TryResolve(libc, options.Operands[0], out SocketAddress address))
        {
            return 2;
        }

        isV6 = !address.Address.IsV4;

        Reply<int, Errno> socket = libc.System.MakeSocket(
            libc.Context, SocketNames.FamilyFor(address.Address), SocketKind.Raw, OpenFlags.CloseOnExec, isV6 ? ProtocolIcmpV6 : ProtocolIcmp);
        Errno error = socket.IsOk
            ? Errors.Of(libc.System.Connect(libc.Context, socket.Value, address))
            : Errors.Of(socket);
        if (error != Errno.None)
        {
            return libc.Complain("connect", error) + 1;
        }

        libc.PrintLine($"PING {options.Operands[0]} ({address.Address}) {size}({size + HeaderBytes + (isV6 ? IpHeaderBytesV6 : IpHeaderBytes)}) bytes of data.");
        long started = SocketText.NowMicros(libc);
        for (int sequence = 1; sequence <= count && !libc.IsOutputClosed; sequence++)
        {
            long next = SocketText.NowMicros(libc) + intervalMicros;
            Exchange(libc, socket.Value, address.Address, (ushort)sequence, size, waitMicros, options.Has('q'));
            libc.Flush();
            if (sequence < count)
            {
                _ = libc.System.Sleep(libc.Context, Math.Max(0, next - SocketText.NowMicros(libc)));
            }
        }

        Summarize(libc, options.Operands[0], SocketText.NowMicros(libc) - started);
        return receivedCount > 0 ? 0 : 1;
    }

    private void Exchange(Libc libc, int socket, IpAddress to, ushort sequence, int size, long waitMicros, bool isQuiet)
    {
        ushort id = (ushort)libc.System.GetProcessId(libc.Context).Value;
        byte[] packet = new byte[HeaderBytes + size];
        packet[0] = isV6 ? EchoRequestV6 : EchoRequest;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), sequence);
        for (int index = HeaderBytes; index < packet.Length; index++)
        {
            packet[index] = (byte)index;
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), Checksum(packet));
        long sent = SocketText.NowMicros(libc);
        sentCount++;
        Errno error = Errors.Of(libc.System.Send(libc.Context, socket, packet));
        if (error != Errno.None)
        {
            libc.Complain("sendmsg", error);
            return;
        }

        byte[] buffer = new byte[IpHeaderBytes + 40 + packet.Length];
        long left = waitMicros;
        while (left > 0)
        {
            PollEntry[] entries = [new() { Descriptor = socket, Events = SocketEvents.Readable }];
            if (libc.System.Poll(libc.Context, entries, left).Value > 0)
            {
                Reply<int, Errno> reply = libc.System.Receive(libc.Context, socket, buffer);
                long now = SocketText.NowMicros(libc);
                if (reply.IsOk && TryTake(libc, buffer.AsSpan(0, reply.Value), to, id, sequence, now - sent, isQuiet))
                {
                    return;
                }
            }

            left = sent + waitMicros - SocketText.NowMicros(libc);
        }
    }

    /// <summary>Whether a packet is the answer, or says that there will be none.</summary>
    private bool TryTake(
        Libc libc, ReadOnlySpan<byte> packet, IpAddress to, ushort id, ushort sequence, long micros, bool isQuiet)
    {
        // A socket of IPv6 gives no header (RFC 3542 section 3), and, connected, nobody else's packets.
        int headerBytes = isV6 ? 0 : packet.Length < IpHeaderBytes ? -1 : (packet[0] & 15) * 4;
        if (headerBytes < (isV6 ? 0 : IpHeaderBytes) || packet.Length < headerBytes + HeaderBytes)
        {
            return false;
        }

        IpAddress source = isV6 ? to : IpAddress.From(packet.Slice(12, 4));
        ReadOnlySpan<byte> message = packet[headerBytes..];
        if (message[0] == (isV6 ? UnreachableV6 : Unreachable))
        {
            libc.PrintLine($"From {source} icmp_seq={sequence} Destination Host Unreachable");
            return true;
        }

        if (message[0] != (isV6 ? EchoReplyV6 : EchoReply) || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != id
            || BinaryPrimitives.ReadUInt16BigEndian(message[6..]) != sequence)
        {
            return false;
        }

        receivedCount++;
        sumMicros += micros;
        squaresMicros += micros * micros;
        leastMicros = Math.Min(leastMicros, micros);
        mostMicros = Math.Max(mostMicros, micros);
        if (!isQuiet)
        {
            string left = isV6 ? "" : $" ttl={packet[8]}";
            libc.PrintLine($"{message.Length} bytes from {source}: icmp_seq={sequence}{left} time={Millis(micros)} ms");
        }

        return true;
    }

    private void Summarize(Libc libc, string host, long tookMicros)
    {
        long lossPercent = (sentCount - receivedCount) * 100 / Math.Max(1, sentCount);
        libc.PrintLine($"\n--- {host} ping statistics ---");
        libc.PrintLine(
            $"{sentCount} packets transmitted, {receivedCount} received, {lossPercent}% packet loss, time {tookMicros / 1000}ms");
        if (receivedCount > 0)
        {
            long mean = sumMicros / receivedCount;
            long deviation = (long)Math.Sqrt(Math.Max(0, (squaresMicros / receivedCount) - (mean * mean)));
            libc.PrintLine(
                $"rtt min/avg/max/mdev = {Millis(leastMicros)}/{Millis(mean)}/{Millis(mostMicros)}/{Millis(deviation)} ms");
        }
    }

    private static string Millis(long micros) => $"{micros / 1000}.{micros % 1000:000}";

    /// <summary>RFC 1071.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int index = 0; index < data.Length; index++)
        {
            sum += index % 2 == 0 ? (uint)data[index] << 8 : data[index];
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
