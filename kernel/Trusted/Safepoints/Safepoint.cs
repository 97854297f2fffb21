using System.Runtime.CompilerServices;

namespace RedLeafSharp.Safepoints;

/// <summary>
/// What code that is planted into domains calls (docs/safepoints.md): the slow paths, taken when the poll word of the
/// generation is raised or its stack is used up. There is no use for it elsewhere.
/// </summary>
/// <remarks>
/// The planted code cannot be trusted to know on which thread it runs, so that is looked up here. On a thread of the host,
/// which has no <see cref="ThreadContext"/>, nothing can be decided: the code goes on.
/// </remarks>
public static class Safepoint
{
    /// <summary>Arrays up to this size are nobody's concern; the scheduler is asked about larger ones.</summary>
    internal const int SmallArrayBytesMax = 64 << 10;

    /// <summary>The poll word is raised: the thread is unwound if its domain is dead, and goes on otherwise.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Poll()
    {
        if (ThreadContext.Current is { } thread)
        {
            thread.Scheduler.Safepoint(thread);
        }
    }

    /// <summary>The stack pointer is below the limit of the generation whose code runs.</summary>
    /// <exception cref="InsufficientExecutionStackException">On a thread of the host, when its stack is really used up.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StackLow()
    {
        if (ThreadContext.Current is { } thread)
        {
            thread.Scheduler.StackExhausted(thread);
        }
        else
        {
            // Stacks of the host are not aligned, so the planted comparison means nothing there.
            RuntimeHelpers.EnsureSufficientExecutionStack();
        }
    }

    /// <summary>Whether a handler of the running domain may take an exception: not when the domain is dying.</summary>
    /// <remarks>Asked in the first pass of exception handling: the frames below are still there, and so is the chain.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool MayCatch() => !IsDying();

    /// <summary>Whether a finally or fault block of the running domain is run: not when the domain is dying.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool EnterFinally() => !IsDying();

    /// <summary>Looks at the length of an array before it is made.</summary>
    /// <param name="length">What <c>newarr</c> will be given; negative lengths are left to it.</param>
    /// <param name="elementBytes">The size of an element, at least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CheckArrayLength(nint length, int elementBytes)
    {
        if ((nuint)length > (nuint)((uint)SmallArrayBytesMax / (uint)elementBytes))
        {
            CheckLargeArray(length, elementBytes);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckLargeArray(nint length, int elementBytes)
    {
        if (length > 0 && ThreadContext.Current is { } thread)
        {
            long bytesMax = long.MaxValue / elementBytes;
            thread.Scheduler.BeforeLargeArray(thread, length > bytesMax ? long.MaxValue : (long)length * elementBytes);
        }
    }

    private static bool IsDying() => ThreadContext.Current is { } thread && thread.Scheduler.IsDying(thread);
}
