using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// An epoll instance: the files that it waits for, each with what it waits for. All of them signal its one event; a wait then asks
/// each what it is ready for.
/// </summary>
internal sealed class EventPoll(CallContext context, OpenFileCount count) : OpenFile(OpenFlags.ReadWrite, count)
{
    private const SocketEvents AlwaysTold = SocketEvents.Error | SocketEvents.HungUp;
    private const SocketEvents Known = (SocketEvents)0x203F;

    private readonly KernelEvent changed = KernelEvent.Create(context);
    private readonly List<Member> members = [];

    /// <summary>Where the next wait begins to look, so that one that is always ready does not hide others.</summary>
    private int first;

    public override bool IsPollable => true;

    public override FileAttributes GetAttributes() => new() { Mode = 0x180, LinkCount = 1, BlockBytes = Limits.PipeAtomicBytes };

    public Errno Control(CallContext context, EventPollCommand command, int descriptor, OpenFile file, in EventPollEntry entry)
    {
        if (file == this || file is EventPoll)
        {
            return Errno.InvalidArgument;
        }

        if (!file.IsPollable)
        {
            return Errno.NotPermitted;
        }

        int index = members.FindIndex(one => one.Descriptor == descriptor && one.File == file);
        switch (command)
        {
            case EventPollCommand.Add:
                return index >= 0 ? Errno.Exists : Add(context, descriptor, file, in entry);
            case EventPollCommand.Delete when index >= 0:
                Remove(context, index);
                return Errno.None;
            case EventPollCommand.Modify when index >= 0:
                members[index] = new Member(descriptor, file, entry);
                changed.SignalAll();
                return Errno.None;
            case EventPollCommand.Delete or EventPollCommand.Modify:
                return Errno.NoEntry;
            default:
                return Errno.InvalidArgument;
        }
    }

    /// <summary>Waits until something is ready.</summary>
    public Reply<int, Errno> Wait(CallContext context, Span<EventPollEntry> entries, long timeoutMicros)
    {
        long deadline = timeoutMicros < 0 ? KernelEvent.Forever : context.UptimeMicros + timeoutMicros;
        while (true)
        {
            int count = Collect(context, entries);
            if (count > 0 || timeoutMicros == 0)
            {
                return count;
            }

            long left = timeoutMicros < 0 ? KernelEvent.Forever : deadline - context.UptimeMicros;
            Errno error = left <= 0 ? Errno.TimedOut : changed.WaitFor(context, left);
            if (error == Errno.TimedOut)
            {
                return 0;
            }

            if (error != Errno.None)
            {
                return error;
            }
        }
    }

    /// <summary>A file is closed for good: it is waited for no longer.</summary>
    public void Forget(CallContext context, OpenFile file)
    {
        for (int index = members.Count - 1; index >= 0; index--)
        {
            if (members[index].File == file)
            {
                members[index].File.Unwatch(context, changed);
                members.RemoveAt(index);
            }
        }
    }

    public override SocketReadiness GetReadiness(CallContext context)
    {
        bool isReady = false;
        foreach (Member member in members)
        {
            isReady |= ReadyEvents(member, member.File.GetReadiness(context)) != SocketEvents.None;
        }

        return new SocketReadiness { Events = isReady ? SocketEvents.Readable : SocketEvents.None };
    }

    public override Errno Watch(CallContext context, KernelEvent watcher)
    {
        Errno error = Errno.None;
        foreach (Member member in members)
        {
            error = error != Errno.None ? error : member.File.Watch(context, watcher);
        }

        return error;
    }

    public override void Unwatch(CallContext context, KernelEvent watcher)
    {
        foreach (Member member in members)
        {
            member.File.Unwatch(context, watcher);
        }
    }

    protected override Errno OnClose(CallContext context)
    {
        for (int index = members.Count - 1; index >= 0; index--)
        {
            Remove(context, index);
        }

        return Errno.None;
    }

    private Errno Add(CallContext context, int descriptor, OpenFile file, in EventPollEntry entry)
    {
        if (members.Count == Limits.EventPollMemberCountMax)
        {
            return Errno.NoSpace;
        }

        Errno error = file.Watch(context, changed);
        if (error == Errno.None)
        {
            members.Add(new Member(descriptor, file, entry));
            (file.EventPolls ??= []).Add(this);
            changed.SignalAll();
        }

        return error;
    }

    private void Remove(CallContext context, int index)
    {
        Member member = members[index];
        members.RemoveAt(index);
        member.File.Unwatch(context, changed);
        _ = member.File.EventPolls!.Remove(this);
    }

    private int Collect(CallContext context, Span<EventPollEntry> entries)
    {
        int count = 0;
        int looked = 0;
        for (; looked < members.Count && count < entries.Length; looked++)
        {
            Member member = members[(first + looked) % members.Count];
            SocketReadiness readiness = member.File.GetReadiness(context);
            SocketEvents events = ReadyEvents(member, readiness);
            if (events != SocketEvents.None)
            {
                entries[count++] = new EventPollEntry { Events = events, Data = member.Entry.Data };
                member.ToldChange = readiness.ChangeCount;
                member.WasTold = true;
                member.IsDisabled = (member.Entry.Flags & EventPollFlags.OneShot) != 0;
            }
        }

        first = members.Count == 0 ? 0 : (first + looked) % members.Count;
        return count;
    }

    private static SocketEvents ReadyEvents(Member member, SocketReadiness readiness)
    {
        SocketEvents events = readiness.Events & ((member.Entry.Events & Known) | AlwaysTold);
        bool isOld = (member.Entry.Flags & EventPollFlags.EdgeTriggered) != 0 && member.WasTold
            && member.ToldChange == readiness.ChangeCount;
        return member.IsDisabled || isOld ? SocketEvents.None : events;
    }

    /// <summary>A file that is waited for.</summary>
    private sealed class Member(int descriptor, OpenFile file, EventPollEntry entry)
    {
        public int Descriptor { get; } = descriptor;

        public OpenFile File { get; } = file;

        public EventPollEntry Entry { get; } = entry;

        /// <summary>EPOLLET: which change has been told of last.</summary>
        public uint ToldChange { get; set; }

        public bool WasTold { get; set; }

        /// <summary>EPOLLONESHOT: it has been told of, and waits to be modified.</summary>
        public bool IsDisabled { get; set; }
    }
}
