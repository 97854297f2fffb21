using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <content>What the test sends as the other host, and reads of the stack's frames.</content>
public sealed partial class LowerLayerTests
{
    private static byte[] Echo(byte[] data)
    {
        byte[] message = [8, 0, 0, 0, 0, 1, 0, 2, .. data];
        ushort checksum = InternetChecksum.Complement(InternetChecksum.Sum(message));
        (message[2], message[3]) = ((byte)(checksum >> 8), (byte)checksum);
        return message;
    }

    private ArpPacket NextArp()
    {
        byte[] frame = rig.Wire.Sent.Dequeue();
        Assert.True(EthernetHeader.TryParse(frame, out EthernetHeader header));
        Assert.Equal(EthernetHeader.TypeArp, header.Type);
        Assert.True(ArpPacket.TryParse(frame.AsSpan(14), out ArpPacket packet));
        return packet;
    }

    private void InjectArp(ushort operation, IpAddress sender, IpAddress target)
    {
        EnqueueArp(operation, sender, target);
        rig.Poll();
    }

    private void EnqueueArp(ushort operation, IpAddress sender, IpAddress target)
    {
        byte[] frame = new byte[60];
        new EthernetHeader { Destination = rig.Wire.Mac, Source = PeerMac, Type = EthernetHeader.TypeArp }.Write(frame);
        new ArpPacket
        {
            Operation = operation,
            SenderMac = PeerMac,
            SenderAddress = sender,
            TargetMac = rig.Wire.Mac,
            TargetAddress = target,
        }.Write(frame.AsSpan(14));
        rig.Wire.Incoming.Enqueue(frame);
    }

    private void InjectIp(
        byte protocol, byte[] payload, IpAddress? destination = null, int offset = 0, bool more = false,
        ushort identification = 1, MacAddress? to = null)
    {
        EnqueueIp(protocol, payload, destination, offset, more, identification, to: to);
        rig.Poll();
    }

    private void EnqueueIp(
        byte protocol, byte[] payload, IpAddress? destination = null, int offset = 0, bool more = false,
        ushort identification = 1, IpAddress? source = null, MacAddress? to = null)
    {
        byte[] frame = new byte[Math.Max(60, 34 + payload.Length)];
        new EthernetHeader { Destination = to ?? rig.Wire.Mac, Source = PeerMac, Type = EthernetHeader.TypeIpv4 }.Write(frame);
        new Ipv4Header
        {
            TotalBytes = 20 + payload.Length,
            TimeToLive = 64,
            Protocol = protocol,
            Source = source ?? Peer,
            Destination = destination ?? Own,
            FragmentOffsetBytes = offset,
            MoreFragments = more,
            Identification = identification,
        }.Write(frame.AsSpan(14));
        payload.CopyTo(frame.AsSpan(34));
        rig.Wire.Incoming.Enqueue(frame);
    }
}
