using RedLeafSharp.Machine.Links;

namespace RedLeafSharp.Tests.Support;

/// <summary>A link that can be given a frame in pieces, and wants it whole.</summary>
internal abstract class GatheringLink : LinkPort
{
    internal override void Send(ReadOnlySpan<byte> head, FramePieces tail, in FrameState state)
    {
        byte[] whole = new byte[head.Length + tail.LengthBytes];
        head.CopyTo(whole);
        tail.TakeFront(whole.AsSpan(head.Length));
        Send(whole, in state);
    }
}
