using RedLeafSharp.Safepoints;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Lab.Faults;

/// <summary>
/// What a domain does that misbehaves, in its own name: on its thread, from its code, subject to whatever stops a domain.
/// </summary>
internal static class SiteActions
{
    private const int ArrayBytes = 1 << 20;

    /// <summary>What a runaway may keep: the host of a campaign runs many trials at once.</summary>
    private const int ArraysMax = 64;

    /// <summary>What a runaway recursion uses up before the guard of its domain is asked; a page a frame.</summary>
    private const int RecursionBytes = 1 << 20;

    private const int FrameBytes = 4096;

    private const int PagesPerLeak = 1;

    /// <summary>Does it. Returns for what goes on; throws or is unwound otherwise.</summary>
    internal static void Do(SiteAction action, int site, ArmedFault fault, SiteFaultKind kind)
    {
        ThreadContext thread = ThreadContext.Current
            ?? throw new InvalidOperationException("code of a domain runs on threads of the kernel only");
        switch (action)
        {
            case SiteAction.Throw:
                throw new InjectedFaultException(site);
            case SiteAction.ThrowNull:
                throw new NullReferenceException();
            case SiteAction.ThrowNoMemory:
                throw new OutOfMemoryException();
            case SiteAction.Spin:
                Spin(fault);
                break;
            case SiteAction.Hang:
                Hang(thread);
                break;
            case SiteAction.Delay:
                _ = KernelEvent.Create(new CallContext(thread)).Wait(new CallContext(thread), fault.ArgumentOr(kind.Least, kind.Most));
                break;
            case SiteAction.Allocate:
                Allocate(thread);
                break;
            case SiteAction.Leak:
                Leak(thread, fault.ArgumentOr(kind.Least, kind.Most));
                break;
            default:
                Recurse(thread, AlignedStack.RemainingBytes - RecursionBytes);
                break;
        }
    }

    private static void Spin(ArmedFault fault)
    {
        while (true)
        {
            fault.BurnSlice();
            Safepoint.Poll();
        }
    }

    private static void Hang(ThreadContext thread)
    {
        KernelEvent never = KernelEvent.Create(new CallContext(thread));
        while (true)
        {
            _ = never.Wait(new CallContext(thread));
        }
    }

    private static void Allocate(ThreadContext thread)
    {
        var kept = new List<byte[]>();
        while (kept.Count < ArraysMax)
        {
            thread.Scheduler.BeforeLargeArray(thread, ArrayBytes);
            kept.Add(GC.AllocateUninitializedArray<byte>(ArrayBytes));
        }

        GC.KeepAlive(kept);
        throw new OutOfMemoryException();
    }

    private static void Leak(ThreadContext thread, long count)
    {
        var context = new CallContext(thread);
        for (; count > 0 && PageBuffer.TryAllocate(context, PagesPerLeak, out _); count--)
        {
        }
    }

    private static int Recurse(ThreadContext thread, int remainingBytes)
    {
        if (AlignedStack.RemainingBytes < remainingBytes)
        {
            thread.Scheduler.StackExhausted(thread);
            throw new InsufficientExecutionStackException();
        }

        // The runtime looks at each frame twice to unwind it: large ones are fewer.
        Span<byte> frame = stackalloc byte[FrameBytes];
        frame[0] = 1;
        return Recurse(thread, remainingBytes) + frame[0];
    }
}
