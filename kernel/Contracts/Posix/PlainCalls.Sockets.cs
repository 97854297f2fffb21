namespace RedLeafSharp.Contracts;

/// <content>The plain forms of the calls on sockets; sendmsg and recvmsg gather and scatter on the program's side.</content>
public static partial class PlainCalls
{
    /// <summary>send(2).</summary>
    public static Reply<int, Errno> Send(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte> data, SocketFlags flags = SocketFlags.None) =>
        system.Send(context, descriptor, data, default, flags);

    /// <summary>sendto(2).</summary>
    public static Reply<int, Errno> SendTo(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte> data, SocketAddress destination) =>
        system.Send(context, descriptor, data, SocketNames.Of(destination), SocketFlags.None);

    /// <summary>recv(2).</summary>
    public static Reply<int, Errno> Receive(
        this ISystem system, CallContext context, int descriptor, Span<byte> buffer, SocketFlags flags = SocketFlags.None) =>
        system.Receive(context, descriptor, buffer, default, flags, out _);

    /// <summary>recvfrom(2) of an internet socket.</summary>
    public static Reply<int, Errno> ReceiveFrom(
        this ISystem system, CallContext context, int descriptor, Span<byte> buffer, out SocketAddress source)
    {
        Span<byte> name = new byte[SocketNames.InternetV6Bytes];
        Reply<int, Errno> reply = system.Receive(context, descriptor, buffer, name, SocketFlags.None, out MessageInfo message);
        _ = SocketNames.TryRead(name[..Math.Min(message.NameLength, name.Length)], out source);
        return reply;
    }

    /// <summary>sendmsg(2), without control messages.</summary>
    public static Reply<int, Errno> SendMessage(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte[]> parts, ReadOnlySpan<byte> name, SocketFlags flags) =>
        TryGather(parts, out byte[] data) ? system.Send(context, descriptor, data, name, flags) : Errno.MessageTooLong;

    /// <summary>recvmsg(2), without control messages.</summary>
    public static Reply<int, Errno> ReceiveMessage(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte[]> parts, Span<byte> name, SocketFlags flags,
        out MessageInfo message)
    {
        message = default;
        if (!TryMakeBuffer(parts, out byte[] buffer))
        {
            return Errno.MessageTooLong;
        }

        Reply<int, Errno> reply = system.Receive(context, descriptor, buffer, name, flags, out message);
        Scatter(buffer.AsSpan(0, Math.Min(reply.Value, buffer.Length)), parts);
        return reply;
    }

    /// <summary>connect(2) to an address.</summary>
    public static Reply<Unit, Errno> Connect(this ISystem system, CallContext context, int descriptor, SocketAddress remote) =>
        system.Connect(context, descriptor, SocketNames.Of(remote));

    /// <summary>bind(2) to an address.</summary>
    public static Reply<Unit, Errno> Bind(this ISystem system, CallContext context, int descriptor, SocketAddress local) =>
        system.Bind(context, descriptor, SocketNames.Of(local));

    /// <summary>accept(2).</summary>
    public static Reply<int, Errno> Accept(this ISystem system, CallContext context, int descriptor, out SocketAddress peer)
    {
        Span<byte> name = new byte[SocketNames.InternetV6Bytes];
        Reply<int, Errno> reply = system.Accept(context, descriptor, name, OpenFlags.ReadOnly, out int length);
        _ = SocketNames.TryRead(name[..Math.Min(length, name.Length)], out peer);
        return reply;
    }

    /// <summary>select(2), by the bits of three sets of descriptors; poll is the call behind it.</summary>
    /// <param name="system">The system.</param>
    /// <param name="context">The caller.</param>
    /// <param name="readable">Which to wait for to be readable; those that are, afterwards. Bit 0 of the first word is descriptor 0.</param>
    /// <param name="writable">The same of writing; as long as <paramref name="readable"/>.</param>
    /// <param name="exceptional">The same of urgent data; as long.</param>
    /// <param name="timeoutMicros">As for <see cref="ISystem.Poll"/>.</param>
    /// <returns>How many bits are set.</returns>
    public static Reply<int, Errno> Select(
        this ISystem system, CallContext context, Span<ulong> readable, Span<ulong> writable, Span<ulong> exceptional, long timeoutMicros)
    {
        const int WordBits = 64;
        var entries = new List<PollEntry>();
        for (int descriptor = 0; descriptor < readable.Length * WordBits; descriptor++)
        {
            ulong bit = 1UL << (descriptor % WordBits);
            int word = descriptor / WordBits;
            SocketEvents events = ((readable[word] & bit) != 0 ? SocketEvents.Readable : 0)
                | ((writable[word] & bit) != 0 ? SocketEvents.Writable : 0)
                | ((exceptional[word] & bit) != 0 ? SocketEvents.Urgent : 0);
            if (events != SocketEvents.None)
            {
                entries.Add(new PollEntry { Descriptor = descriptor, Events = events });
            }
        }

        PollEntry[] polled = [.. entries];
        Reply<int, Errno> reply = system.Poll(context, polled, timeoutMicros);
        if (!reply.IsOk)
        {
            return reply;
        }

        readable.Clear();
        writable.Clear();
        exceptional.Clear();
        int count = 0;
        foreach (PollEntry entry in polled)
        {
            if ((entry.Returned & SocketEvents.Invalid) != 0)
            {
                return Errno.BadDescriptor;
            }

            // As Linux has it: an end or an error makes a descriptor readable, an error writable.
            const SocketEvents Reads = SocketEvents.Readable | SocketEvents.HungUp | SocketEvents.Error;
            const SocketEvents Writes = SocketEvents.Writable | SocketEvents.Error;
            ulong bit = 1UL << (entry.Descriptor % WordBits);
            int word = entry.Descriptor / WordBits;
            count += Mark(entry, SocketEvents.Readable, Reads, ref readable[word], bit)
                + Mark(entry, SocketEvents.Writable, Writes, ref writable[word], bit)
                + Mark(entry, SocketEvents.Urgent, SocketEvents.Urgent, ref exceptional[word], bit);
        }

        return count;
    }

    private static int Mark(in PollEntry entry, SocketEvents wanted, SocketEvents accepted, ref ulong word, ulong bit)
    {
        bool isSet = (entry.Events & wanted) != 0 && (entry.Returned & accepted) != 0;
        word |= isSet ? bit : 0;
        return isSet ? 1 : 0;
    }
}
