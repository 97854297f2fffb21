using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RedLeafSharp.Cli.Fuse;

/// <summary>A request as it was read: its header, and a reader of what follows it.</summary>
/// <remarks>Linux writes requests whole; one that is too short for what it should hold is answered with EINVAL all the same.</remarks>
internal ref struct FuseRequest
{
    private ReadOnlySpan<byte> rest;

    private FuseRequest(RequestHeader header, ReadOnlySpan<byte> rest)
    {
        Header = header;
        this.rest = rest;
    }

    internal RequestHeader Header { get; }

    /// <summary>What has not been read yet.</summary>
    internal readonly ReadOnlySpan<byte> Rest => rest;

    /// <summary>False when the message is no whole request.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> message, out FuseRequest request)
    {
        request = default;
        if (message.Length < RequestHeader.Bytes)
        {
            return false;
        }

        RequestHeader header = MemoryMarshal.Read<RequestHeader>(message);
        if (header.LengthBytes != message.Length)
        {
            return false;
        }

        request = new FuseRequest(header, message[RequestHeader.Bytes..]);
        return true;
    }

    /// <summary>Takes the structure that comes next.</summary>
    internal bool TryTake<T>(out T value)
        where T : unmanaged
    {
        if (!MemoryMarshal.TryRead(rest, out value))
        {
            return false;
        }

        rest = rest[Unsafe.SizeOf<T>()..];
        return true;
    }

    /// <summary>Takes a string without its NUL.</summary>
    internal bool TryTakeText(out ReadOnlySpan<byte> text)
    {
        int length = rest.IndexOf((byte)0);
        text = length < 0 ? default : rest[..length];
        rest = length < 0 ? default : rest[(length + 1)..];
        return length >= 0;
    }
}
