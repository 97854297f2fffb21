using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>One process: a domain with one thread.</summary>
internal sealed class Process
{
    private readonly KernelEvent timer;
    private long gaveWayMicros;
    private int callCount;

    public Process(
        CallContext context, Session session, int id, byte[] arguments, Location root, Location workingDirectory)
    {
        Session = session;
        Id = id;
        Arguments = arguments;
        Root = root;
        WorkingDirectory = workingDirectory;
        StartMicros = context.UptimeMicros;
        ChildEnded = KernelEvent.Create(context);
        Polled = KernelEvent.Create(context);
        timer = KernelEvent.Create(context);
    }

    public Session Session { get; }

    public int Id { get; }

    /// <summary>0 when there is none.</summary>
    public int ParentId { get; set; }

    /// <summary>The domain that runs the program.</summary>
    public DomainId Domain { get; set; }

    /// <summary>Each followed by NUL, the name of the program first.</summary>
    public byte[] Arguments { get; }

    public DescriptorTable Descriptors { get; } = new();

    /// <summary>Each "NAME=value" followed by NUL.</summary>
    public byte[] Environment { get; init; } = [];

    /// <summary>An inode that the process holds.</summary>
    public Location WorkingDirectory { get; set; }

    /// <summary>Where absolute paths start; an inode that the process holds.</summary>
    public Location Root { get; set; }

    public uint FileModeMask { get; set; } = 0x12;

    public Credentials Credentials { get; init; } = new();

    /// <summary>RLIMIT_FSIZE.</summary>
    public ResourceLimit FileSizeLimit { get; set; } = new() { Soft = ResourceLimit.Infinite, Hard = ResourceLimit.Infinite };

    /// <summary>The record lock that the process waits for; null when it waits for none.</summary>
    public LockRequest? PendingLock { get; set; }

    public long StartMicros { get; }

    /// <summary>Whether the process belongs to the host: it came by itself, and no signal reaches it.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>Whether its end is nobody's business any more: its parent has gone before it.</summary>
    public bool IsOrphan { get; set; }

    /// <summary>
    /// A child that the process is starting. When it is killed meanwhile, what the child has got is given back with its own.
    /// </summary>
    public Process? StartingChild { get; set; }

    public bool IsZombie { get; private set; }

    /// <summary>Valid once the process is a zombie.</summary>
    public int ExitStatus { get; private set; }

    /// <summary>The signal that has been sent to end the process; 0 when none.</summary>
    public int KillSignal { get; private set; }

    /// <summary>Whether SIGPIPE does nothing; those it starts have it so, too.</summary>
    public bool IgnoresPipeSignal { get; set; }

    /// <summary>Signaled whenever a child has become a zombie.</summary>
    public KernelEvent ChildEnded { get; }

    /// <summary>The network stack that its sockets are of; null when the system has none.</summary>
    public NetworkStack? Stack { get; set; }

    /// <summary>Signaled when one of <see cref="Watched"/> may have become ready.</summary>
    public KernelEvent Polled { get; }

    /// <summary>What a call of poll waits for.</summary>
    public List<OpenFile> Watched { get; } = [];

    /// <summary>Pages of files that a call of sendfile has on loan.</summary>
    public LentPages Lent { get; } = new();

    /// <summary>The program's name: its first argument without the NUL.</summary>
    public ReadOnlySpan<byte> Name => Arguments.AsSpan(0, Math.Max(Arguments.AsSpan().IndexOf((byte)0), 0));

    /// <summary>Blocks the thread until a moment of the system's uptime.</summary>
    public Errno SleepUntil(CallContext context, long deadlineMicros)
    {
        long left = deadlineMicros - context.UptimeMicros;
        while (left > 0)
        {
            Errno error = timer.WaitFor(context, left);
            if (error is not (Errno.None or Errno.TimedOut))
            {
                return error;
            }

            left = deadlineMicros - context.UptimeMicros;
        }

        return Errno.None;
    }

    /// <summary>
    /// Lets the other threads run once in a while. Threads are not preempted: a process whose calls never wait, such as one that
    /// fills /dev/null, would keep all others from running, and also whoever wants to kill it.
    /// </summary>
    public void GiveWay(CallContext context)
    {
        if ((++callCount & (Limits.CallsPerClockReading - 1)) != 0)
        {
            return;
        }

        long now = context.UptimeMicros;
        if (now - gaveWayMicros >= Limits.TimeSliceMicros)
        {
            gaveWayMicros = now;
            _ = timer.WaitFor(context, 1);
        }
    }

    /// <summary>A call of poll has ended, or its process has.</summary>
    public void EndWatches(CallContext context)
    {
        foreach (OpenFile file in Watched)
        {
            file.Unwatch(context, Polled);
        }

        Watched.Clear();
    }

    /// <summary>Notes which signal ends the process.</summary>
    public void NoteKill(int signal) => KillSignal = signal;

    /// <summary>Notes how the process has ended.</summary>
    public void NoteEnd(int exitStatus)
    {
        ExitStatus = exitStatus;
        IsZombie = true;
    }
}
