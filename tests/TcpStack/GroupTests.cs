using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Groups: IGMP (RFC 3376, 2236) with a test for a router, and who gets what is sent to them.</summary>
public sealed class GroupTests : IDisposable
{
    private const long Second = 1_000_000;
    private static readonly IpAddress Own = IpAddress.FromV4(10, 0, 0, 1);
    private static readonly IpAddress Router = IpAddress.FromV4(10, 0, 0, 254);
    private static readonly IpAddress Group = IpAddress.FromV4(239, 1, 2, 3);
    private static readonly IpAddress Other = IpAddress.FromV4(239, 1, 2, 4);

    private readonly StackRig rig = new(Own);

    public GroupTests()
    {
        rig.RunUntil(5 * Second);
        rig.Wire.Sent.Clear();
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Join_IsToldTwiceWithinASecond()
    {
        Join(Group);
        Assert.Equal(["v3 224.0.0.22 to-exclude 239.1.2.3"], Reports(until: 0));
        Assert.Equal(["v3 224.0.0.22 to-exclude 239.1.2.3"], Reports(until: Second));
        Assert.Empty(Reports(until: 100 * Second));
    }

    [Fact]
    public void Report_HasOneHopAndTheOptionForRouters()
    {
        Join(Group);
        rig.Poll();
        byte[] packet = rig.Wire.Sent.Dequeue();
        Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header ip));
        Assert.Equal((24, 1, 0xC0, Own), (ip.HeaderBytes, ip.TimeToLive, ip.TypeOfService, ip.Source));
        Assert.Equal(new byte[] { 0x94, 4, 0, 0 }, packet[20..24]);
    }

    [Fact]
    public void Leave_OfTheLastMember_IsToldTwice()
    {
        Join(Group);
        Join(Group);
        _ = Reports(until: 2 * Second);
        rig.Stack.Igmp.Leave(rig.Wire, Group);
        Assert.Empty(Reports(until: 2 * Second));
        rig.Stack.Igmp.Leave(rig.Wire, Group);
        Assert.Equal(["v3 224.0.0.22 to-include 239.1.2.3", "v3 224.0.0.22 to-include 239.1.2.3"], Reports(until: 2 * Second));
        Assert.Equal(-1, rig.Wire.Groups.Find(Group));
    }

    [Fact]
    public void Query_OfAll_IsAnsweredInItsTimeByOneReport()
    {
        Join(Group);
        Join(Other);
        _ = Reports(until: 3 * Second);
        Query(code: 20, IpAddress.AnyV4);
        string[] reports = Reports(until: 2 * Second);
        Assert.Equal("v3 224.0.0.22 is-exclude 239.1.2.3 is-exclude 239.1.2.4", Assert.Single(reports));
        Assert.Empty(Reports(until: 100 * Second));
    }

    [Fact]
    public void Query_OfAGroup_IsAnsweredByItsMembersOnly()
    {
        Join(Group);
        _ = Reports(until: 3 * Second);
        Query(code: 10, Other);
        Assert.Empty(Reports(until: 2 * Second));
        Query(code: 10, Group);
        Assert.Equal(["v3 224.0.0.22 is-exclude 239.1.2.3"], Reports(until: Second));
    }

    [Fact]
    public void Query_WithAnotherRobustness_HasChangesToldAsOften()
    {
        Query(code: 10, IpAddress.AnyV4, robustness: 4);
        Join(Group);
        Assert.Equal(4, Reports(until: 10 * Second).Length);
    }

    [Fact]
    public void Query_OfALongTime_IsReadAsAFloatingNumber()
    {
        Join(Group);
        _ = Reports(until: 3 * Second);

        // 0x8F: 31 << 3 tenths are 24.8 s.
        int late = 0;
        for (int round = 0; round < 20; round++)
        {
            Query(code: 0x8F, IpAddress.AnyV4);
            late += Reports(until: 13 * Second).Length == 0 ? 1 : 0;
            _ = Reports(until: 13 * Second);
        }

        Assert.InRange(late, 1, 19);
    }

    [Fact]
    public void OlderRouter_IsSpokenToInItsVersion_UntilItIsGone()
    {
        Join(Group);
        _ = Reports(until: 3 * Second);
        QueryV2(code: 10);
        Assert.Equal(["v2 239.1.2.3"], Reports(until: Second));
        rig.Stack.Igmp.Leave(rig.Wire, Group);
        Assert.Equal(["leave 224.0.0.2"], Reports(until: 20 * Second));
        Join(Group);
        Assert.Equal(["v2 239.1.2.3", "v2 239.1.2.3"], Reports(until: 20 * Second));
        _ = Reports(until: 260 * Second);
        Join(Other);
        Assert.Equal("v3 224.0.0.22 to-exclude 239.1.2.4", Reports(until: 0)[0]);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    public void Query_OfNoVersion_IsIgnored(int length)
    {
        Join(Group);
        _ = Reports(until: 3 * Second);
        byte[] query = new byte[length];
        (query[0], query[1]) = (IgmpSpec.Query, 10);
        Inject(query, Igmp.AllHosts, IpAddress.AnyV4);
        Assert.Empty(Reports(until: 10 * Second));
        Join(Other);
        Assert.Equal("v3 224.0.0.22 to-exclude 239.1.2.4", Reports(until: 0)[0]);
    }

    [Fact]
    public void OlderRouter_AnotherHostHasAnswered_IsNotAnsweredTwice()
    {
        Join(Group);
        _ = Reports(until: 3 * Second);
        QueryV2(code: 10);
        byte[] report = new byte[8];
        report[0] = IgmpSpec.ReportV2;
        Inject(report, Group, Group);
        Assert.Empty(Reports(until: 10 * Second));
    }

    [Fact]
    public void FirstRouter_HearsReportsAndNoLeaves()
    {
        QueryV2(code: 0);
        Join(Group);
        Assert.Equal(["v1 239.1.2.3", "v1 239.1.2.3"], Reports(until: 20 * Second));
        rig.Stack.Igmp.Leave(rig.Wire, Group);
        Assert.Empty(Reports(until: 20 * Second));
    }

    [Fact]
    public void Datagram_ToAGroup_ReachesItsMembersAndNobodyElse()
    {
        DatagramSocket member = Bind(takesAll: false);
        DatagramSocket second = Bind(takesAll: false);
        DatagramSocket stranger = Bind(takesAll: false);
        DatagramSocket curious = Bind(takesAll: true);
        Assert.Equal(SocketError.None, member.Groups!.Join(Group, 2));
        Assert.Equal(SocketError.None, second.Groups!.Join(Group, 2));
        Assert.Equal(SocketError.None, stranger.Groups!.Join(Other, 2));
        InjectDatagram(Group);
        Assert.Equal([1, 1, 0, 1], new[] { member, second, stranger, curious }.Select(one => one.Count));

        // The group that nobody is in any more is not received at all.
        rig.Stack.Udp.Close(member);
        rig.Stack.Udp.Close(second);
        InjectDatagram(Group);
        Assert.Equal(1, curious.Count);
        rig.Stack.Udp.Close(stranger);
        rig.Stack.Udp.Close(curious);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Datagram_SentToAnOwnGroup_ComesBackUnlessUnwanted()
    {
        DatagramSocket member = Bind(takesAll: true);
        Assert.Equal(SocketError.None, member.Groups!.Join(Group, 2));
        rig.Poll();
        rig.Wire.Sent.Clear();
        DatagramSocket sender = new(rig.Stack.Pool) { MulticastLink = 2 };
        Assert.Equal(SocketError.None, rig.Stack.Udp.Send(rig.Context, sender, new byte[5_000], Group, 9));
        byte[] got = new byte[6_000];
        Assert.Equal(5_000, member.Dequeue(rig.Context, got));
        Assert.Equal(4, rig.Wire.Sent.Count);
        Assert.Equal(1, rig.Wire.Sent.Peek()[8]);

        sender.LoopsMulticast = false;
        _ = rig.Stack.Udp.Send(rig.Context, sender, new byte[5], Group, 9);
        Assert.Equal(0, member.Count);

        (sender.LoopsMulticast, sender.MulticastTimeToLive) = (true, 0);
        rig.Wire.Sent.Clear();
        _ = rig.Stack.Udp.Send(rig.Context, sender, new byte[5], Group, 9);
        Assert.Equal((1, 0), (member.Count, rig.Wire.Sent.Count));
        rig.Stack.Udp.Close(member);
        rig.Stack.Udp.Close(sender);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Messages_OfRandomBytes_DoNoHarm()
    {
        var random = new Random(3);
        Join(Group);
        for (int round = 0; round < 5_000; round++)
        {
            byte[] message = new byte[random.Next(40)];
            random.NextBytes(message);
            if (message.Length > 7)
            {
                message[0] = (byte)(0x11 + random.Next(8));
            }

            Inject(message, random.Next(2) == 0 ? Group : Igmp.AllHosts, Group);
            rig.RunUntil(rig.Now + random.Next((int)Second));
            rig.Wire.Sent.Clear();
        }

        rig.AssertNoLeak();
    }

    private void Join(IpAddress group) => Assert.True(rig.Stack.Igmp.TryJoin(rig.Wire, group));

    private DatagramSocket Bind(bool takesAll)
    {
        var socket = new DatagramSocket(rig.Stack.Pool)
        {
            MayShareAddress = true,
            TakesAllGroups = takesAll,
            Groups = new GroupList(rig.Stack),
        };
        Assert.Equal(SocketError.None, rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 9));
        return socket;
    }

    private void Query(byte code, IpAddress group, byte robustness = 0)
    {
        byte[] query = new byte[12];
        (query[0], query[1], query[8]) = (IgmpSpec.Query, code, robustness);
        Inject(query, Igmp.AllHosts, group);
    }

    private void QueryV2(byte code)
    {
        byte[] query = new byte[8];
        (query[0], query[1]) = (IgmpSpec.Query, code);
        Inject(query, Igmp.AllHosts, IpAddress.AnyV4);
    }

    private void Inject(byte[] message, IpAddress destination, IpAddress group)
    {
        if (message.Length >= 8)
        {
            BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), group.V4);
            (message[2], message[3]) = (0, 0);
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Complement(InternetChecksum.Sum(message)));
        }

        InjectIp(2, message, destination);
    }

    private void InjectDatagram(IpAddress destination) => InjectIp(17, [0, 7, 0, 9, 0, 9, 0, 0, 42], destination);

    private void InjectIp(byte protocol, byte[] payload, IpAddress destination)
    {
        byte[] packet = new byte[20 + payload.Length];
        new Ipv4Header
        {
            TotalBytes = packet.Length,
            TimeToLive = 1,
            Protocol = protocol,
            Source = Router,
            Destination = destination,
        }.Write(packet);
        payload.CopyTo(packet, 20);
        rig.Wire.Incoming.Enqueue(packet);
        rig.Poll();
    }

    /// <summary>What the stack tells within a time, as text.</summary>
    private string[] Reports(long until)
    {
        rig.Poll();
        rig.RunUntil(rig.Now + until);
        var reports = new List<string>();
        while (rig.Wire.Sent.TryDequeue(out byte[]? packet))
        {
            Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header ip));
            byte[] message = packet[ip.HeaderBytes..];
            Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(message)));
            reports.Add(message[0] switch
            {
                IgmpSpec.ReportV1 => $"v1 {ip.Destination}",
                IgmpSpec.ReportV2 => $"v2 {ip.Destination}",
                IgmpSpec.LeaveV2 => $"leave {ip.Destination}",
                _ => $"v3 {ip.Destination}{Records(message)}",
            });
        }

        return [.. reports];
    }

    private static string Records(byte[] message)
    {
        IEnumerable<string> records = Enumerable.Range(0, BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(6))).Select(index =>
        {
            ReadOnlySpan<byte> record = message.AsSpan(8 + (8 * index), 8);
            string kind = record[0] switch { 2 => "is-exclude", 3 => "to-include", 4 => "to-exclude", _ => "?" };
            return $" {kind} {IpAddress.From(record[4..])}";
        });
        return string.Concat(records.Order(StringComparer.Ordinal));
    }
}
