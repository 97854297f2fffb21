namespace RedLeafSharp.Contracts;

/// <summary>
/// readv(2), writev(2), preadv(2) and pwritev(2). A contract passes spans and not arrays of them, so the parts are gathered or
/// scattered on the program's side of one call: what POSIX says of atomicity and offsets holds as it does for that call.
/// </summary>
public static partial class PlainCalls
{
    /// <summary>IOV_MAX of Linux: more parts are <see cref="Errno.InvalidArgument"/>.</summary>
    public const int VectorCountMax = 1024;

    /// <summary>readv(2): fills each part before the next.</summary>
    /// <returns>Bytes read; 0 at the end.</returns>
    public static Reply<int, Errno> ReadVector(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte[]> parts)
    {
        if (!TryMakeBuffer(parts, out byte[] buffer))
        {
            return Errno.InvalidArgument;
        }

        Reply<int, Errno> reply = system.Read(context, descriptor, buffer);
        Scatter(buffer.AsSpan(0, reply.Value), parts);
        return reply;
    }

    /// <summary>writev(2).</summary>
    /// <returns>Bytes written.</returns>
    public static Reply<int, Errno> WriteVector(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte[]> parts) =>
        TryGather(parts, out byte[] data) ? system.Write(context, descriptor, data) : Errno.InvalidArgument;

    /// <summary>preadv(2).</summary>
    /// <returns>Bytes read; 0 at the end.</returns>
    public static Reply<int, Errno> ReadVectorAt(
        this ISystem system, CallContext context, int descriptor, ulong offset, ReadOnlySpan<byte[]> parts)
    {
        if (!TryMakeBuffer(parts, out byte[] buffer))
        {
            return Errno.InvalidArgument;
        }

        Reply<int, Errno> reply = system.ReadAt(context, descriptor, offset, buffer);
        Scatter(buffer.AsSpan(0, reply.Value), parts);
        return reply;
    }

    /// <summary>pwritev(2).</summary>
    /// <returns>Bytes written.</returns>
    public static Reply<int, Errno> WriteVectorAt(
        this ISystem system, CallContext context, int descriptor, ulong offset, ReadOnlySpan<byte[]> parts) =>
        TryGather(parts, out byte[] data) ? system.WriteAt(context, descriptor, offset, data) : Errno.InvalidArgument;

    private static bool TryMakeBuffer(ReadOnlySpan<byte[]> parts, out byte[] buffer)
    {
        long length = 0;
        foreach (byte[] part in parts)
        {
            length += part.Length;
        }

        bool isFit = parts.Length <= VectorCountMax && length <= Array.MaxLength;
        buffer = isFit ? new byte[length] : [];
        return isFit;
    }

    private static bool TryGather(ReadOnlySpan<byte[]> parts, out byte[] data)
    {
        if (!TryMakeBuffer(parts, out data))
        {
            return false;
        }

        Span<byte> rest = data;
        foreach (byte[] part in parts)
        {
            part.CopyTo(rest);
            rest = rest[part.Length..];
        }

        return true;
    }

    private static void Scatter(ReadOnlySpan<byte> data, ReadOnlySpan<byte[]> parts)
    {
        foreach (byte[] part in parts)
        {
            int length = Math.Min(part.Length, data.Length);
            data[..length].CopyTo(part);
            data = data[length..];
        }
    }
}
