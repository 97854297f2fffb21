using System.Diagnostics.CodeAnalysis;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>
/// The sockets by their numbers. A number is a place in the table and how often the place has been used, so that a number which has
/// been closed is not another socket's at once.
/// </summary>
internal sealed class SocketTable
{
    private const int PlaceBits = 16;
    private const int UseMask = 0x7FFF;

    private readonly Stack<int> free = new();
    private (StackSocket? Socket, int Uses)[] places = new (StackSocket?, int)[64];
    private int usedPlaces;

    internal int Count => usedPlaces - free.Count;

    internal bool IsFull => Count >= StackLimits.SocketsMax;

    /// <summary>Gives a socket a number; there has to be room.</summary>
    internal int Add(StackSocket socket)
    {
        int place = free.Count > 0 ? free.Pop() : usedPlaces++;
        if (place == places.Length)
        {
            var larger = new (StackSocket?, int)[2 * places.Length];
            Array.Copy(places, larger, places.Length);
            places = larger;
        }

        places[place].Socket = socket;
        return (places[place].Uses << PlaceBits) | place;
    }

    /// <summary>The socket of a number, if it is the caller's.</summary>
    internal bool TryFind(CallContext context, int number, [NotNullWhen(true)] out StackSocket? socket)
    {
        int place = number & ((1 << PlaceBits) - 1);
        socket = number >= 0 && place < usedPlaces && places[place].Uses == number >> PlaceBits ? places[place].Socket : null;
        socket = socket?.Owner == context.Caller ? socket : null;
        return socket is not null;
    }

    internal void Remove(int number)
    {
        int place = number & ((1 << PlaceBits) - 1);
        places[place] = (null, (places[place].Uses + 1) & UseMask);
        free.Push(place);
    }
}
