using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// A port of a vde_switch (the Debian package vde2): asked for over the switch's control socket, then each datagram of a Unix socket
/// is a frame. The protocol is that of struct request_v3 in vde_switch's datasock.c.
/// </summary>
internal sealed class VdeLink : LinkPort
{
    private const uint Magic = 0xfeedface;
    private const uint Version = 3;
    private const int AddressBytes = 110; // struct sockaddr_un
    private const int DescriptionBytes = 128;
    private const int RequestBytes = 12 + AddressBytes + DescriptionBytes;
    private const int ReplyTimeoutMilliseconds = 5_000;

    private readonly Socket control;
    private readonly Socket frames;
    private readonly string folder;
    private readonly byte[] buffer = new byte[LinkLimits.DatagramBytesMax];
    private int waitingBytes;
    private bool isGone;

    private VdeLink(Socket control, Socket frames, string folder)
    {
        this.control = control;
        this.frames = frames;
        this.folder = folder;
    }

    internal override bool IsUp => !isGone;

    internal override int Descriptor => (int)frames.Handle;

    /// <summary>Takes a port of the switch whose folder (vde_switch -s) this is.</summary>
    /// <exception cref="IOException">There is no switch, or it does not let this one in.</exception>
    internal static VdeLink Open(string switchFolder)
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-vde-").FullName;
        var control = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = ReplyTimeoutMilliseconds,
        };
        var frames = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            string own = Path.Combine(folder, "port");
            control.Connect(new UnixDomainSocketEndPoint(Path.Combine(switchFolder, "ctl")));
            frames.Bind(new UnixDomainSocketEndPoint(own));
            frames.Connect(new UnixDomainSocketEndPoint(AskForPort(control, own)));
            return new VdeLink(control, frames, folder);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException or IOException)
        {
            control.Dispose();
            frames.Dispose();
            Directory.Delete(folder, recursive: true);
            throw new IOException($"{switchFolder}: no vde_switch gives a port there: {exception.Message}");
        }
    }

    /// <summary>A frame that the switch has no room for is lost, as on a wire.</summary>
    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
    {
        _ = frames.Send(frame, SocketFlags.None, out System.Net.Sockets.SocketError error);
        isGone |= error is System.Net.Sockets.SocketError.ConnectionRefused or System.Net.Sockets.SocketError.NotConnected;
    }

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        state = default;
        if (waitingBytes == 0 && !isGone)
        {
            int count = frames.Receive(buffer, SocketFlags.None, out System.Net.Sockets.SocketError error);
            waitingBytes = error == System.Net.Sockets.SocketError.Success ? count : 0;
        }

        frame = buffer.AsSpan(0, waitingBytes);
        return waitingBytes > 0;
    }

    internal override void Take() => waitingBytes = 0;

    /// <summary>The port lives as long as the control connection.</summary>
    public override void Dispose()
    {
        control.Dispose();
        frames.Dispose();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Sends where frames for us are to go; the answer is where ours are to go.</summary>
    private static string AskForPort(Socket control, string own)
    {
        byte[] request = new byte[RequestBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(request, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(12), (ushort)AddressFamily.Unix);
        _ = Encoding.UTF8.GetBytes(own, request.AsSpan(14, AddressBytes - 2));
        _ = Encoding.UTF8.GetBytes("redleaf", request.AsSpan(12 + AddressBytes));
        control.Send(request);
        byte[] reply = new byte[AddressBytes];
        int count = 0;
        while (count < reply.Length)
        {
            int received = control.Receive(reply.AsSpan(count));
            if (received == 0)
            {
                throw new IOException("the switch has refused");
            }

            count += received;
        }

        return Encoding.UTF8.GetString(reply.AsSpan(2)).TrimEnd('\0');
    }
}
