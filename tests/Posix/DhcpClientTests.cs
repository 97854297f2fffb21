using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Posix.Programs.Network.Dhcp;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The states of a DHCP client (RFC 2131 figure 5), in virtual time, with a test for a server.</summary>
public sealed class DhcpClientTests
{
    private const long Second = 1_000_000;
    private static readonly MacAddress Station = new(0x0200_0A00_0001);
    private static readonly IpAddress Given = IpAddress.FromV4(10, 0, 0, 9);
    private static readonly IpAddress Server = IpAddress.FromV4(10, 0, 0, 1);

    private readonly DhcpClient client = new(Station, seed: 5, startMicros: 0);
    private long now;

    [Fact]
    public void Discover_ToAll_SaysWhoAsksAndForWhat()
    {
        Assert.Equal(DhcpSteps.Send, client.Tick(now));
        Assert.Equal(DhcpType.Discover, Sent());
        Assert.Equal(0x8000, BinaryPrimitives.ReadUInt16BigEndian(client.Message[10..]));
        Assert.Equal(Station, MacAddress.From(client.Message[28..]));
        Assert.Contains((byte)1, Option(55));
        Assert.False(client.IsToServer);
        Assert.True(client.Message.Length >= 300);
    }

    [Fact]
    public void Discover_WithoutAnAnswer_IsSentLessAndLessOften()
    {
        _ = client.Tick(now);
        long[] waits = new long[6];
        for (int index = 0; index < waits.Length; index++)
        {
            waits[index] = client.DeadlineMicros - now;
            now = client.DeadlineMicros;
            Assert.Equal(DhcpSteps.Send, client.Tick(now));
            Assert.Equal(DhcpType.Discover, Sent());
        }

        long[] usual = [4, 8, 16, 32, 64, 64];
        Assert.All(usual.Zip(waits), pair => Assert.InRange(pair.Second, (pair.First - 1) * Second, (pair.First + 1) * Second));
        Assert.True(BinaryPrimitives.ReadUInt16BigEndian(client.Message[8..]) > 100);
    }

    [Fact]
    public void Offer_IsRequestedFromItsServer()
    {
        _ = client.Tick(now);
        Assert.Equal(DhcpSteps.Send, Answer(DhcpType.Offer));
        Assert.Equal(DhcpType.Request, Sent());
        Assert.Equal(new byte[] { 10, 0, 0, 9 }, Option(50));
        Assert.Equal(new byte[] { 10, 0, 0, 1 }, Option(54));
        Assert.Equal(0U, BinaryPrimitives.ReadUInt32BigEndian(client.Message[12..]));
    }

    [Fact]
    public void Acknowledgment_IsALeaseOnceNobodyElseHasTheAddress()
    {
        _ = client.Tick(now);
        _ = Answer(DhcpType.Offer);
        Assert.Equal(DhcpSteps.SetAddress, Answer(DhcpType.Acknowledge));
        Assert.Equal(DhcpState.Checking, client.State);
        client.ConfirmAddress();

        DhcpLease lease = client.Lease!;
        Assert.Equal(DhcpState.Bound, client.State);
        Assert.Equal((Given, 24, Server, 1_400), (lease.Address, lease.PrefixBits, lease.Router, lease.MtuBytes));
        Assert.Equal(2, lease.NameServers.Count);
        Assert.Equal("lab.example", lease.Domain);
        Assert.Equal((500U, 875U), (lease.RenewalSeconds, lease.RebindingSeconds));
    }

    [Fact]
    public void Conflict_IsDeclinedAndAskedAnewAfterTenSeconds()
    {
        _ = client.Tick(now);
        _ = Answer(DhcpType.Offer);
        _ = Answer(DhcpType.Acknowledge);
        Assert.Equal(DhcpSteps.DropAddress | DhcpSteps.Send, client.ReportConflict(now));
        Assert.Equal(DhcpType.Decline, Sent());
        Assert.Equal(new byte[] { 10, 0, 0, 9 }, Option(50));

        now += (10 * Second) - 1;
        Assert.Equal(DhcpSteps.None, client.Tick(now));
        now++;
        Assert.Equal(DhcpSteps.Send, client.Tick(now));
        Assert.Equal(DhcpType.Discover, Sent());
    }

    [Fact]
    public void Lease_AtHalfItsTime_IsRenewedAtItsServer()
    {
        Bind();
        now = (500 * Second) - 1;
        Assert.Equal(DhcpSteps.None, client.Tick(now));
        now++;
        Assert.Equal(DhcpSteps.Send, client.Tick(now));
        Assert.True(client.IsToServer);
        Assert.Equal(Given.V4, BinaryPrimitives.ReadUInt32BigEndian(client.Message[12..]));
        Assert.Empty(Option(54));

        now += Second;
        Assert.Equal(DhcpSteps.SetAddress, Answer(DhcpType.Acknowledge));
        Assert.Equal(DhcpState.Bound, client.State);
        Assert.Equal(1000 * Second, client.DeadlineMicros);
    }

    [Fact]
    public void Lease_NobodyExtends_IsAskedOfAllAndThenOver()
    {
        Bind();
        var asked = new List<(long, bool)>();
        DhcpSteps steps = DhcpSteps.Send;
        while (steps == DhcpSteps.Send)
        {
            now = client.DeadlineMicros;
            steps = client.Tick(now);
            asked.Add((now / Second, client.IsToServer));
        }

        // Half of what is left each time, and at least a minute (section 4.4.5).
        Assert.Equal(
            [(500, true), (687, true), (781, true), (841, true), (875, false), (937, false), (997, false), (1000, false)], asked);
        Assert.Equal(DhcpSteps.DropAddress | DhcpSteps.Send, steps);
        Assert.Equal(DhcpType.Discover, Sent());
    }

    [Fact]
    public void Refusal_OfARenewal_TakesTheAddressAway()
    {
        Bind();
        now = client.DeadlineMicros;
        _ = client.Tick(now);
        Assert.Equal(DhcpSteps.DropAddress | DhcpSteps.Send, Answer(DhcpType.Refuse));
        Assert.Equal(DhcpType.Discover, Sent());
    }

    [Fact]
    public void Refusals_OneAfterTheOther_SlowTheClientDown()
    {
        _ = client.Tick(now);
        _ = Answer(DhcpType.Offer);
        Assert.Equal(DhcpSteps.Send, Answer(DhcpType.Refuse));
        _ = Answer(DhcpType.Offer);
        Assert.Equal(DhcpSteps.None, Answer(DhcpType.Refuse));
        Assert.Equal(now + (10 * Second), client.DeadlineMicros);
    }

    [Fact]
    public void Request_NobodyAnswers_IsGivenUpForAnotherOffer()
    {
        _ = client.Tick(now);
        _ = Answer(DhcpType.Offer);
        for (int times = 1; times < 4; times++)
        {
            now = client.DeadlineMicros;
            _ = client.Tick(now);
            Assert.Equal(DhcpType.Request, Sent());
        }

        now = client.DeadlineMicros;
        _ = client.Tick(now);
        Assert.Equal(DhcpType.Discover, Sent());
    }

    [Fact]
    public void Lease_WithoutEnd_IsNeverRenewed()
    {
        _ = client.Tick(now);
        _ = Answer(DhcpType.Offer);
        _ = Answer(DhcpType.Acknowledge, seconds: uint.MaxValue);
        client.ConfirmAddress();
        Assert.Equal(long.MaxValue, client.DeadlineMicros);
    }

    [Fact]
    public void Answers_ToOthers_AreIgnored()
    {
        _ = client.Tick(now);
        byte[] offer = Message(DhcpType.Offer);
        offer[4] ^= 1;
        Assert.Equal(DhcpSteps.None, client.Receive(offer, now));
        offer[4] ^= 1;
        offer[33] ^= 1;
        Assert.Equal(DhcpSteps.None, client.Receive(offer, now));
        offer[33] ^= 1;
        Assert.Equal(DhcpSteps.Send, client.Receive(offer, now));

        // Of another server, while the first one's offer is asked for.
        byte[] other = Message(DhcpType.Acknowledge, server: 7);
        Assert.Equal(DhcpSteps.None, client.Receive(other, now));
    }

    [Theory]
    [InlineData(new byte[] { 1, 4, 255, 0, 255, 0 })]
    [InlineData(new byte[] { 54, 4, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 51, 4, 0, 0, 0, 0 })]
    public void Offer_OfNothingUsable_IsNotTaken(byte[] spoiling)
    {
        _ = client.Tick(now);
        Assert.Equal(DhcpSteps.None, client.Receive(Message(DhcpType.Offer, more: spoiling), now));
    }

    [Fact]
    public void Options_InTheFieldsOfNames_AreRead()
    {
        _ = client.Tick(now);
        byte[] offer = Message(DhcpType.Offer, more: [52, 1, 3]);
        new byte[] { 3, 4, 10, 0, 0, 77, 255 }.CopyTo(offer, 108);
        new byte[] { 26, 2, 4, 210, 255 }.CopyTo(offer, 44);
        _ = client.Receive(offer, now);
        Assert.Equal(IpAddress.FromV4(10, 0, 0, 77), client.Lease!.Router);
        Assert.Equal(1_234, client.Lease.MtuBytes);
    }

    [Fact]
    public void Domain_ThatCouldBeALineOfTheFile_IsLeftOut()
    {
        _ = client.Tick(now);
        _ = client.Receive(Message(DhcpType.Offer, more: [15, 4, (byte)'a', 10, (byte)'b', (byte)'c']), now);
        Assert.Equal("lab.example", client.Lease!.Domain);
    }

    [Fact]
    public void Messages_OfRandomBytes_DoNoHarm()
    {
        var random = new Random(11);
        _ = client.Tick(now);
        for (int round = 0; round < 50_000; round++)
        {
            byte[] message = Message((DhcpType)random.Next(8));
            byte[] cut = message[..random.Next(message.Length)];
            byte[] taken = random.Next(3) == 0 ? cut : message;
            for (int change = random.Next(6); change > 0 && taken.Length > 0; change--)
            {
                taken[random.Next(taken.Length)] = (byte)random.Next(256);
            }

            _ = client.Receive(taken, now);
            now += random.Next(3) * Second;
            _ = client.Tick(now);
            if (client.State == DhcpState.Checking)
            {
                _ = client.ReportConflict(now);
            }
        }
    }

    private void Bind()
    {
        _ = client.Tick(now);
        _ = Answer(DhcpType.Offer);
        _ = Answer(DhcpType.Acknowledge);
        client.ConfirmAddress();
    }

    private DhcpSteps Answer(DhcpType type, uint seconds = 1_000) => client.Receive(Message(type, seconds: seconds), now);

    private DhcpType Sent() => (DhcpType)Option(53)[0];

    /// <summary>The value of an option of the message sent last.</summary>
    private byte[] Option(byte code)
    {
        ReadOnlySpan<byte> options = client.Message[240..];
        while (options[0] != 255)
        {
            if (options[0] == code)
            {
                return options.Slice(2, options[1]).ToArray();
            }

            options = options[(2 + options[1])..];
        }

        return [];
    }

    /// <summary>A server's answer to the message sent last.</summary>
    private byte[] Message(DhcpType type, uint seconds = 1_000, byte server = 1, byte[]? more = null)
    {
        byte[] message = new byte[400];
        client.Message[..44].CopyTo(message);
        message[0] = 2;
        Given.CopyTo(message, 16);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(236), 0x6382_5363);
        byte[] lease = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(lease, seconds);
        byte[] options =
        [
            53, 1, (byte)type, 54, 4, 10, 0, 0, server, 51, 4, .. lease, 1, 4, 255, 255, 255, 0, 3, 4, 10, 0, 0, 1,
            6, 8, 10, 0, 0, 53, 10, 0, 0, 54, 26, 2, 5, 120, 15, 11, .. "lab.example"u8, .. more ?? [], 255,
        ];
        options.CopyTo(message, 240);
        return message;
    }
}

file static class AddressBytes
{
    internal static void CopyTo(this IpAddress address, byte[] bytes, int offset) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(offset), address.V4);
}
