using System.Net.Sockets;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// A wire whose other end is another process: each datagram of a Unix socket is a frame. QEMU's <c>-netdev dgram</c> speaks it.
/// </summary>
internal sealed class DatagramLink : LinkPort
{
    private readonly Socket socket;
    private readonly string path;
    private readonly UnixDomainSocketEndPoint remote;
    private readonly byte[] buffer = new byte[LinkLimits.DatagramBytesMax];
    private int waitingBytes;

    /// <param name="path">Where this end receives; made here, and removed with the link.</param>
    /// <param name="remotePath">Where the other end receives; it may come later.</param>
    /// <exception cref="SocketException">The path is taken or cannot be made.</exception>
    internal DatagramLink(string path, string remotePath)
    {
        this.path = path;
        socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        remote = new UnixDomainSocketEndPoint(remotePath);
    }

    /// <summary>A frame that the other end has no room for, or is not there for, is lost, as on a wire.</summary>
    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state) => _ = TrySend(frame);

    /// <summary>As <see cref="Send"/>; false when the frame is lost. The kernel keeps some ten datagrams for a slow reader.</summary>
    internal bool TrySend(ReadOnlySpan<byte> frame)
    {
        try
        {
            return socket.SendTo(frame, SocketFlags.None, remote) == frame.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        state = default;
        if (waitingBytes == 0 && socket.Poll(0, SelectMode.SelectRead))
        {
            waitingBytes = socket.Receive(buffer);
        }

        frame = buffer.AsSpan(0, waitingBytes);
        return waitingBytes > 0;
    }

    internal override void Take() => waitingBytes = 0;

    public override void Dispose()
    {
        socket.Dispose();
        File.Delete(path);
    }
}
