using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Fuse;

/// <summary>A reply under construction: a header, and what the handler of the request puts behind it.</summary>
internal ref struct FuseReply
{
    private readonly Span<byte> message;

    /// <param name="message">Room for the largest reply.</param>
    internal FuseReply(Span<byte> message)
    {
        this.message = message;
        LengthBytes = ReplyHeader.Bytes;
    }

    /// <summary>Bytes of the reply so far, the header included.</summary>
    internal int LengthBytes { get; private set; }

    /// <summary>Whether Linux expects no reply.</summary>
    internal bool IsSilent { get; set; }

    /// <summary>What is left of the room, for a handler that writes there itself and then calls <see cref="Advance"/>.</summary>
    internal readonly Span<byte> Room => message[LengthBytes..];

    internal void Advance(int lengthBytes) => LengthBytes += lengthBytes;

    internal void Put<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Room, value);
        LengthBytes += Unsafe.SizeOf<T>();
    }

    /// <summary>Writes the header; an error sends nothing else.</summary>
    internal void Finish(ulong unique, Errno error)
    {
        LengthBytes = error == Errno.None ? LengthBytes : ReplyHeader.Bytes;
        var header = new ReplyHeader { LengthBytes = (uint)LengthBytes, Error = -(int)error, Unique = unique };
        MemoryMarshal.Write(message, header);
    }
}
