namespace RedLeafSharp;

/// <summary>
/// Who is calling: the first argument of every contract method. It names the thread and the chain of domains on it.
/// </summary>
/// <remarks>
/// Only the kernel makes one. It cannot be stored, boxed, captured or kept across an await, so whoever holds one runs on
/// the thread it names, now. <c>default(CallContext)</c> names no thread: every use of it throws a
/// <see cref="NullReferenceException"/>.
/// </remarks>
public readonly ref struct CallContext
{
    internal readonly ThreadContext Thread;

    internal CallContext(ThreadContext thread) => Thread = thread;

    /// <summary>The domain whose code is running.</summary>
    public DomainId Self => new(Thread.CurrentDomain);

    /// <summary>The domain that called <see cref="Self"/>; the kernel when the kernel did.</summary>
    public DomainId Caller => new(Thread.CallingDomain);

    /// <summary>Microseconds since the system was booted, by its own clock (which may be virtual).</summary>
    public long UptimeMicros => Thread.Scheduler.UptimeMicros;

    /// <summary>Microseconds since 1970-01-01 UTC, by the system's own clock (which may be virtual).</summary>
    public long WallClockMicros => Thread.Scheduler.WallClockMicros;
}
