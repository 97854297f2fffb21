using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Waiting for several descriptors: poll(2) and epoll(7).</content>
internal sealed partial class SystemCalls
{
    private const SocketEvents AlwaysTold = SocketEvents.Error | SocketEvents.HungUp | SocketEvents.Invalid;

    public Reply<int, Errno> Poll(CallContext context, Span<PollEntry> entries, long timeoutMicros)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (entries.Length > Limits.DescriptorCountMax)
        {
            return Errno.InvalidArgument;
        }

        int count = Look(context, process, entries);
        return count > 0 || timeoutMicros == 0 ? count : WaitForAny(context, process, entries, timeoutMicros);
    }

    public Reply<int, Errno> MakeEventPoll(CallContext context, OpenFlags flags)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        Errno error = (flags & ~OpenFlags.CloseOnExec) != 0 ? Errno.InvalidArgument : CheckRoom(process, 1);
        if (error != Errno.None)
        {
            return error;
        }

        int descriptor = process.Descriptors.FindFree();
        _ = process.Session.OpenFiles.TryEnter();
        process.Descriptors.Set(
            descriptor, new EventPoll(context, process.Session.OpenFiles), (flags & OpenFlags.CloseOnExec) != 0);
        return descriptor;
    }

    public Reply<Unit, Errno> ControlEventPoll(
        CallContext context, int eventPoll, EventPollCommand command, int descriptor, EventPollEntry entry)
    {
        Errno error = Find(context, eventPoll, out Process process, out OpenFile file);
        if (error != Errno.None || process.Descriptors[descriptor] is not { } member)
        {
            return error != Errno.None ? error : Errno.BadDescriptor;
        }

        return (file is EventPoll poll
            ? poll.Control(context, command, descriptor, member, in entry)
            : Errno.InvalidArgument).ToReply();
    }

    public Reply<int, Errno> WaitEventPoll(CallContext context, int eventPoll, Span<EventPollEntry> entries, long timeoutMicros)
    {
        Errno error = Find(context, eventPoll, out _, out OpenFile file);
        return error != Errno.None ? error
            : file is not EventPoll poll || entries.Length == 0 ? Errno.InvalidArgument
            : poll.Wait(context, entries, timeoutMicros);
    }

    /// <summary>Writes what the entries' descriptors are ready for.</summary>
    private static int Look(CallContext context, Process process, Span<PollEntry> entries)
    {
        int count = 0;
        foreach (ref PollEntry entry in entries)
        {
            entry.Returned = SocketEvents.None;
            if (entry.Descriptor >= 0)
            {
                SocketEvents events = process.Descriptors[entry.Descriptor] is { IsPathOnly: false } file
                    ? file.GetReadiness(context).Events
                    : SocketEvents.Invalid;
                entry.Returned = events & (entry.Events | AlwaysTold);
            }

            count += entry.Returned != SocketEvents.None ? 1 : 0;
        }

        return count;
    }

    /// <summary>
    /// Watches all of them with the process's event. When the process is killed meanwhile, its end takes the watches back.
    /// </summary>
    private static Reply<int, Errno> WaitForAny(CallContext context, Process process, Span<PollEntry> entries, long timeoutMicros)
    {
        long deadline = timeoutMicros < 0 ? KernelEvent.Forever : context.UptimeMicros + timeoutMicros;
        Errno error = Errno.None;
        foreach (ref readonly PollEntry entry in entries)
        {
            if (error == Errno.None && entry.Descriptor >= 0 && process.Descriptors[entry.Descriptor] is { } file)
            {
                process.Watched.Add(file);
                error = file.Watch(context, process.Polled);
            }
        }

        int count = 0;
        while (error == Errno.None && (count = Look(context, process, entries)) == 0)
        {
            long left = timeoutMicros < 0 ? KernelEvent.Forever : deadline - context.UptimeMicros;
            error = left <= 0 ? Errno.TimedOut : process.Polled.WaitFor(context, left);
        }

        process.EndWatches(context);
        return error is Errno.None or Errno.TimedOut ? count : error;
    }
}
