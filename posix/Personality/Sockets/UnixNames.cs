using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The abstract names of UNIX sockets (unix(7) of Linux): those that begin with NUL, and are no files.</summary>
internal sealed class UnixNames
{
    private readonly Dictionary<string, UnixSocket> sockets = new(StringComparer.Ordinal);

    public Errno Bind(ReadOnlySpan<byte> name, UnixSocket socket)
    {
        if (!sockets.TryAdd(Ascii.ToText(name), socket))
        {
            return Errno.AddressInUse;
        }

        socket.Name = SocketNames.OfPath(name);
        return Errno.None;
    }

    public UnixSocket? Find(ReadOnlySpan<byte> name) => sockets.GetValueOrDefault(Ascii.ToText(name));

    /// <summary>A socket is closed: its name may be taken. An accepted one has the name of its listener, which keeps it.</summary>
    public void Remove(UnixSocket socket)
    {
        ReadOnlySpan<byte> name = socket.Name.AsSpan(SocketNames.FamilyBytes);
        if (name.Length > 0 && name[0] == 0 && Find(name) == socket)
        {
            _ = sockets.Remove(Ascii.ToText(name));
        }
    }

    /// <summary>The path or the abstract name in a name, which begins with NUL then.</summary>
    /// <returns><see cref="Errno.InvalidArgument"/> of what is no name of a UNIX socket, and of an empty one.</returns>
    public static Errno Read(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> path)
    {
        path = default;
        if (name.Length is <= SocketNames.FamilyBytes or > SocketNames.UnixBytesMax
            || SocketNames.FamilyOf(name) != AddressFamily.Unix)
        {
            return Errno.InvalidArgument;
        }

        path = name[SocketNames.FamilyBytes..];
        int end = path[0] == 0 ? -1 : path.IndexOf((byte)0);
        path = end < 0 ? path : path[..end];
        return Errno.None;
    }
}
