using System.Globalization;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;
using Xunit.Sdk;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>
/// Runs a script of a conversation with the stack, in virtual time: what the peer sends, what the stack has to send and when,
/// what the
/// program does. docs/tcp-stack.md describes the language.
/// </summary>
internal sealed class WireScript : IDisposable
{
    private const ushort StackPort = 80;
    private const ushort PeerPort = 40_000;
    private const uint PeerIss = 1_000_000;
    private const long ToleranceMicros = 2_500;

    private static readonly IpAddress StackAddress = IpAddress.FromV4(10, 0, 0, 1);
    private static readonly IpAddress PeerAddress = IpAddress.FromV4(10, 0, 0, 2);

    private readonly StackRig rig = new(StackAddress);
    private readonly Queue<(long Micros, byte[] Packet)> sent = new();
    private readonly List<string> trace = [];
    private TcpListener? listener;
    private TcpConnection? connection;
    private ushort stackPort = StackPort;
    private ushort peerPort = PeerPort;
    private uint stackIss;
    private bool knowsStackIss;
    private uint lastTimestamp;
    private uint rememberedTimestamp;
    private TcpOptionsOfSocket settings = TcpOptionsOfSocket.Default;

    public void Dispose() => rig.Dispose();

    /// <summary>Runs a script; fails at the first line that does not hold, and shows what was sent until then.</summary>
    internal static void Run(string script)
    {
        using var runner = new WireScript();
        string line = "";
        try
        {
            runner.Begin();
            foreach (string one in script.Split('\n'))
            {
                line = one.Split("//")[0].Trim();
                if (line.Length > 0)
                {
                    runner.Step(line);
                }
            }

            line = "(end of script)";
            runner.End();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new XunitException($"at: {line}\n{exception.Message}\nso far:\n{string.Join('\n', runner.trace)}");
        }
    }

    private void Begin()
    {
        rig.Thread.Scheduler.Advance(1_000_000);
        rig.Poll();
    }

    private void End()
    {
        ExpectNothing();
        connection?.Abort(rig.Context, SocketError.None);
        connection?.Receive(rig.Context, new byte[1 << 21], isPeek: false, out _);
        connection?.Close(rig.Context);
        rig.Hoard(rig.Stack.Pool.Capacity);
        if (listener is not null)
        {
            rig.Stack.Tcp.Close(rig.Context, listener);
        }

        rig.AssertNoLeak();
    }

    private void Step(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long target = rig.Now;
        if (words[0][0] == '+')
        {
            target += (long)Math.Round(double.Parse(words[0][1..], CultureInfo.InvariantCulture) * 1e6);
            words = words[1..];
        }

        if (words[0] == ">")
        {
            Expect(words[1..], target);
            return;
        }

        rig.RunUntil(target, Collect);
        switch (words[0])
        {
            case "<":
                Inject(words[1..]);
                break;
            case "nothing":
                ExpectNothing();
                break;
            default:
                Act(words);
                break;
        }

        Collect();
    }

    private void Act(string[] words)
    {
        int number = words.Length > 1 && int.TryParse(words[1], out int parsed) ? parsed : 0;
        switch (words[0])
        {
            case "listen":
                rig.Stack.Tcp.Listen(IpAddress.AnyV4, StackPort, Math.Max(1, number), out listener);
                listener.Settings = settings;
                break;
            case "connect":
                (stackPort, peerPort) = (PeerPort, StackPort);
                SocketError error = rig.Stack.Tcp.Connect(
                    rig.Context, IpAddress.AnyV4, stackPort, PeerAddress, peerPort, in settings, out connection);
                Assert.Equal(SocketError.None, error);
                break;
            case "inuse":
                Assert.Equal(SocketError.AddressInUse, rig.Stack.Tcp.Connect(
                    rig.Context, IpAddress.AnyV4, stackPort, PeerAddress, peerPort, in settings, out _));
                break;
            case "accept":
                Assert.True(listener!.TryAccept(out connection), "nothing to accept");
                break;
            case "refuse":
                Assert.False(listener!.TryAccept(out _), "something to accept");
                break;
            case "peer":
                (peerPort, knowsStackIss) = ((ushort)number, false);
                break;
            case "established":
                Establish(words.Length > 1 ? words[1] : "");
                break;
            case "remember":
                rememberedTimestamp = lastTimestamp;
                break;
            case "hoard":
                rig.Hoard(number);
                break;
            case "unhoard":
                rig.Hoard(rig.Stack.Pool.Capacity);
                break;
            case "set":
                Set(words[1], int.Parse(words[2], CultureInfo.InvariantCulture));
                break;
            default:
                ActOn(connection!, words, number);
                break;
        }
    }

    /// <summary>The program's calls on the connection.</summary>
    private void ActOn(TcpConnection connection, string[] words, int number)
    {
        switch (words[0])
        {
            case "send":
                Assert.Equal(number, connection.Send(rig.Context, Pattern(number), out _));
                break;
            case "more":
                Assert.Equal(number, connection.Send(rig.Context, Pattern(number), out _, flags: SocketFlags.More));
                break;
            case "oob":
                Assert.Equal(number, connection.Send(rig.Context, Pattern(number), out _, flags: SocketFlags.OutOfBand));
                break;
            case "urgent":
                byte[] urgent = new byte[1];
                int got1 = connection.ReceiveUrgent(urgent, isPeek: false, out SocketError refused);
                Assert.Equal(words[1], refused != SocketError.None ? refused.ToString() : $"{(got1 == 0 ? -1 : urgent[0])}");
                break;
            case "mark":
                Assert.Equal(number != 0, connection.IsAtMark);
                break;
            case "unread":
                Assert.Equal(number, connection.UnreadBytes);
                break;
            case "broken":
                connection.Send(rig.Context, Pattern(number), out SocketError broken);
                Assert.Equal(SocketError.BrokenPipe, broken);
                break;
            case "recv":
                Assert.Equal(number, connection.Receive(rig.Context, new byte[Math.Max(1, number)], isPeek: false, out _));
                break;
            case "error":
                connection.Receive(rig.Context, new byte[1], isPeek: false, out SocketError got);
                Assert.Equal(words[1], got.ToString());
                break;
            case "shutdown":
                connection.ShutdownSend(rig.Context);
                break;
            case "close":
                connection.Close(rig.Context);
                break;
            case "abort":
                connection.Abort(rig.Context, SocketError.None);
                break;
            case "state":
                Assert.Equal(words[1], connection.State.ToString());
                break;
            default:
                throw new XunitException($"unknown verb {words[0]}");
        }
    }

    private void Set(string name, int value)
    {
        switch (name)
        {
            case "nodelay":
                settings.IsNoDelay = value != 0;
                break;
            case "rcvbuf":
                settings.ReceiveBytes = value;
                break;
            case "keepalive":
                settings.UsesKeepalive = true;
                settings.KeepaliveIdleMicros = value * 1_000_000L;
                settings.KeepaliveIntervalMicros = 1_000_000;
                settings.KeepaliveProbes = 2;
                break;
            case "keepinterval":
                settings.KeepaliveIntervalMicros = value * 1_000_000L;
                break;
            case "usertimeout":
                settings.UserTimeoutMicros = value * 1_000_000L;
                break;
            case "linger":
                settings.LingerSeconds = value;
                break;
            case "cork":
                settings.IsCorked = value != 0;
                break;
            case "inline":
                settings.IsUrgentInline = value != 0;
                break;
            case "ecn":
                rig.Stack.Tcp.Ecn = (EcnMode)value;
                break;
            case "reno":
                rig.Stack.Tcp.UsesCubic = value == 0;
                break;
            default:
                throw new XunitException($"unknown setting {name}");
        }

        if (connection is not null)
        {
            connection.Settings = settings;
            connection.ArmKeepalive();
            connection.Kick(rig.Context);
        }
    }

    /// <summary>The handshake that most scripts begin with: MSS 1000, a round trip of 100 ms.</summary>
    private void Establish(string options)
    {
        string syn = "mss 1000" + options switch
        {
            "sack" => ",sackOK",
            "ts" => ",sackOK,ts 100",
            "scale" => ",ws 7",
            _ => "",
        };
        Step("listen");
        Step($"< {(options == "ecn" ? "SEW" : "S")} 0:0(0) win 65535 <{syn}>");
        Step(options == "ecn" ? "> SE. 0:0(0) ack 1 ecn none" : "> S. 0:0(0) ack 1");
        Step($"+0.1 < . 1:1(0) ack 1 win {(options == "scale" ? 512 : 65535)}{(options == "ts" ? " <ts 200>" : "")}");
        Step("accept");
        Step("state Established");
    }

    private static byte[] Pattern(int length)
    {
        byte[] data = new byte[length];
        for (int index = 0; index < length; index++)
        {
            data[index] = (byte)(index * 7);
        }

        return data;
    }

    private void Inject(string[] words)
    {
        SegmentText text = SegmentText.Parse(words);
        TcpOptions options = text.Options;
        for (int index = 0; index < text.Sacks.Count; index++)
        {
            options.AddSack(new SequenceRange(stackIss + text.Sacks[index].Start, stackIss + text.Sacks[index].End));
        }

        options.TimestampEcho = text.EchoesRemembered ? rememberedTimestamp : text.TimestampEcho ?? lastTimestamp;
        var header = new TcpHeader
        {
            SourcePort = peerPort,
            DestinationPort = stackPort,
            Sequence = PeerIss + text.Start,
            Acknowledgment = text.Acknowledgment is { } acknowledgment ? stackIss + acknowledgment : 0,
            HeaderBytes = TcpHeader.LengthBytes + options.LengthBytes,
            Flags = text.Flags,
            Window = (ushort)(text.Window ?? 65_535),
            UrgentPointer = text.UrgentPointer ?? 0,
        };
        byte[] packet = new byte[Ipv4Header.LengthBytes + header.HeaderBytes + text.LengthBytes];
        Span<byte> segment = packet.AsSpan(Ipv4Header.LengthBytes);
        header.Write(segment);
        options.Write(segment[TcpHeader.LengthBytes..]);
        Pattern(text.LengthBytes).CopyTo(segment[header.HeaderBytes..]);
        uint sum = InternetChecksum.Sum(segment) + InternetChecksum.PseudoHeader(PeerAddress, StackAddress, 6, segment.Length);
        ushort checksum = InternetChecksum.Complement(sum);
        (segment[16], segment[17]) = ((byte)(checksum >> 8), (byte)checksum);
        new Ipv4Header
        {
            TotalBytes = packet.Length,
            TypeOfService = text.Ecn ?? 0,
            TimeToLive = 64,
            Protocol = 6,
            Source = PeerAddress,
            Destination = StackAddress,
        }.Write(packet);
        trace.Add($"{rig.Now / 1e6:F3} < {string.Join(' ', words)}");
        rig.Wire.Incoming.Enqueue(packet);
        rig.Poll();
    }

    private void Collect()
    {
        while (rig.Wire.Sent.TryDequeue(out byte[]? packet))
        {
            sent.Enqueue((rig.Now, packet));
            Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header ip));
            ReadOnlySpan<byte> segment = packet.AsSpan(ip.HeaderBytes);
            Assert.True(TcpHeader.TryParse(segment, out TcpHeader header));
            Assert.True(TcpOptions.TryParse(segment[TcpHeader.LengthBytes..header.HeaderBytes], out TcpOptions options));
            uint pseudo = InternetChecksum.PseudoHeader(ip.Source, ip.Destination, 6, segment.Length);
            Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(segment) + pseudo), "wrong checksum");
            if (header.IsSyn && !knowsStackIss)
            {
                (stackIss, knowsStackIss) = (header.Sequence, true);
            }

            lastTimestamp = options.HasTimestamps ? options.TimestampValue : lastTimestamp;
            trace.Add($"{rig.Now / 1e6:F3} > {Describe(in header, in options, segment.Length - header.HeaderBytes)}");
        }
    }

    private void Expect(string[] words, long target)
    {
        // What is due may come a little late or early: timers have granularity.
        Collect();
        while (sent.Count == 0 && rig.Now < target + ToleranceMicros)
        {
            rig.StepTowards(target + ToleranceMicros);
            Collect();
        }

        SegmentText expected = SegmentText.Parse(words);
        Assert.True(sent.Count > 0, "nothing was sent");
        (long micros, byte[] packet) = sent.Dequeue();
        Assert.True(Math.Abs(micros - target) <= ToleranceMicros, $"sent at {micros / 1e6:F4} instead of {target / 1e6:F4}");
        Ipv4Header.TryParse(packet, out Ipv4Header ip);
        Assert.Equal(expected.Ecn ?? (ip.TypeOfService & 3), ip.TypeOfService & 3);
        ReadOnlySpan<byte> segment = packet.AsSpan(ip.HeaderBytes);
        TcpHeader.TryParse(segment, out TcpHeader header);
        TcpOptions.TryParse(segment[TcpHeader.LengthBytes..header.HeaderBytes], out TcpOptions options);
        expected.Check(in header, in options, segment.Length - header.HeaderBytes, knowsStackIss ? stackIss : 0, PeerIss);
    }

    private void ExpectNothing() => Assert.True(sent.Count == 0, $"{sent.Count} segments too many");

    private string Describe(in TcpHeader header, in TcpOptions options, int lengthBytes)
    {
        uint start = header.IsRst && !knowsStackIss ? header.Sequence : header.Sequence - stackIss;
        string text = $"{header.Flags} {start}:{start + (uint)lengthBytes}({lengthBytes}) "
            + $"ack {(header.IsAck ? header.Acknowledgment - PeerIss : 0)} win {header.Window}";
        for (int index = 0; index < options.SackCount; index++)
        {
            text += $" sack {options.Sack(index).Start - PeerIss}:{options.Sack(index).End - PeerIss}";
        }

        return text;
    }
}
