using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>What a reply of another domain means to a program.</summary>
internal static class Replies
{
    /// <summary>The error to pass on. A faulted callee is EIO: the program cannot tell it from a failed disk.</summary>
    public static Errno ErrorOf<TValue>(this Reply<TValue, Errno> reply)
        where TValue : unmanaged => reply.IsFault ? Errno.InputOutput : reply.Error;

    /// <summary>Blocks the calling process's thread. A process that is killed does not come back from here.</summary>
    /// <returns>
    /// None when signaled (look at the condition again), <see cref="Errno.TimedOut"/>, <see cref="Errno.Deadlock"/> when
    /// nothing can ever signal the event.
    /// </returns>
    public static Errno WaitFor(this KernelEvent kernelEvent, CallContext context, long timeoutMicros = KernelEvent.Forever) =>
        kernelEvent.Wait(context, timeoutMicros) switch
        {
            WaitResult.TimedOut => Errno.TimedOut,
            WaitResult.Deadlock => Errno.Deadlock,
            _ => Errno.None,
        };

    /// <summary>Success without a value, or the error.</summary>
    public static Reply<Unit, Errno> ToReply(this Errno error) => error == Errno.None ? default(Unit) : error;
}
