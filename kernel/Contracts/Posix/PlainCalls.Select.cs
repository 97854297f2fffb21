using System.Numerics;

namespace RedLeafSharp.Contracts;

/// <content>select(2).</content>
public static partial class PlainCalls
{
    private const int SelectWordBits = 64;

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
        PollEntry[] entries = EntriesOf(readable, writable, exceptional);
        Reply<int, Errno> reply = PollUntilGranted(system, context, entries, timeoutMicros);
        if (!reply.IsOk)
        {
            return reply;
        }

        readable.Clear();
        writable.Clear();
        exceptional.Clear();
        foreach (ref readonly PollEntry entry in entries.AsSpan())
        {
            SocketEvents granted = GrantedOf(in entry);
            if (granted != SocketEvents.None)
            {
                ulong bit = 1UL << (entry.Descriptor % SelectWordBits);
                int word = entry.Descriptor / SelectWordBits;
                readable[word] |= (granted & SocketEvents.Readable) != 0 ? bit : 0;
                writable[word] |= (granted & SocketEvents.Writable) != 0 ? bit : 0;
                exceptional[word] |= (granted & SocketEvents.Urgent) != 0 ? bit : 0;
            }
        }

        return reply;
    }

    private static PollEntry[] EntriesOf(ReadOnlySpan<ulong> readable, ReadOnlySpan<ulong> writable, ReadOnlySpan<ulong> exceptional)
    {
        var entries = new List<PollEntry>();
        for (int descriptor = 0; descriptor < readable.Length * SelectWordBits; descriptor++)
        {
            ulong bit = 1UL << (descriptor % SelectWordBits);
            int word = descriptor / SelectWordBits;
            SocketEvents events = ((readable[word] & bit) != 0 ? SocketEvents.Readable : 0)
                | ((writable[word] & bit) != 0 ? SocketEvents.Writable : 0)
                | ((exceptional[word] & bit) != 0 ? SocketEvents.Urgent : 0);
            if (events != SocketEvents.None)
            {
                entries.Add(new PollEntry { Descriptor = descriptor, Events = events });
            }
        }

        return [.. entries];
    }

    /// <summary>
    /// Polls until something is there that has been asked for. Poll also tells of ends and errors, for which not every set has a place;
    /// their entries, which would end each further wait at once, are left out of it.
    /// </summary>
    /// <returns>How many bits there are to set.</returns>
    private static Reply<int, Errno> PollUntilGranted(ISystem system, CallContext context, PollEntry[] entries, long timeoutMicros)
    {
        long deadline = context.UptimeMicros + timeoutMicros;
        long left = timeoutMicros;
        while (true)
        {
            Reply<int, Errno> reply = system.Poll(context, entries, left);
            if (!reply.IsOk || reply.Value == 0)
            {
                return reply;
            }

            int count = 0;
            foreach (ref PollEntry entry in entries.AsSpan())
            {
                if ((entry.Returned & SocketEvents.Invalid) != 0)
                {
                    return Errno.BadDescriptor;
                }

                int granted = BitOperations.PopCount((uint)GrantedOf(in entry));
                count += granted;
                entry.Descriptor = granted == 0 && entry.Returned != SocketEvents.None ? -1 : entry.Descriptor;
            }

            if (count > 0 || left == 0)
            {
                return count;
            }

            left = timeoutMicros < 0 ? timeoutMicros : Math.Max(deadline - context.UptimeMicros, 0);
        }
    }

    /// <summary>What an entry has got of what it asked for. As Linux has it, an end or an error makes a descriptor readable, an error writable.</summary>
    private static SocketEvents GrantedOf(in PollEntry entry)
    {
        const SocketEvents Reads = SocketEvents.Readable | SocketEvents.HungUp | SocketEvents.Error;
        const SocketEvents Writes = SocketEvents.Writable | SocketEvents.Error;
        SocketEvents there = ((entry.Returned & Reads) != 0 ? SocketEvents.Readable : SocketEvents.None)
            | ((entry.Returned & Writes) != 0 ? SocketEvents.Writable : SocketEvents.None)
            | (entry.Returned & SocketEvents.Urgent);
        return there & entry.Events;
    }
}
