using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.Nvme;

/// <summary>
/// The contract over the controller: the data path of <see cref="IoQueue"/>, and the care for commands that do not end.
/// </summary>
/// <remarks>
/// A command older than the time-out is aborted; when that does not help within one more tick, the controller is reset; when
/// resets come too often, the device counts as failed. Ages are counted in ticks of a quarter of the time-out, so that no
/// clock is read for a submission.
/// </remarks>
internal sealed class NvmeBlockDevice : IBlockDevice
{
    private readonly NvmeController controller;
    private readonly DomainServices services;
    private readonly long tickMicros;
    private readonly long sliceMicros;
    private long nextTickMicros;
    private int pollsSinceCheck;
    private int abortedIdentifier = -1;
    private uint abortedTick;
    private int resetCount;
    private long resetWindowEndMicros;
    private bool hasFailed;

    internal NvmeBlockDevice(CallContext context, NvmeController controller, DomainServices services, long timeoutMicros)
    {
        this.controller = controller;
        this.services = services;
        tickMicros = Math.Max(1, timeoutMicros / NvmeLimits.TicksPerTimeout);
        sliceMicros = controller.HasInterrupts ? NvmeLimits.InterruptSliceMicros : NvmeLimits.PauseMicrosMin;
        nextTickMicros = context.UptimeMicros + tickMicros;
    }

    /// <inheritdoc/>
    public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) => controller.Io.Geometry;

    /// <inheritdoc/>
    public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
    {
        if (hasFailed)
        {
            return BlockError.DeviceFailed;
        }

        IoQueue io = controller.Io;
        int taken = io.Submit(context, requests, pages);
        if (taken == 0 && requests.Length > 0 && io.IsIdle)
        {
            return BlockError.InvalidRequest;
        }

        return taken;
    }

    /// <inheritdoc/>
    public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions)
    {
        IoQueue io = controller.Io;
        int count = io.Poll(context, completions, out bool isConfused);
        if (isConfused)
        {
            Reset(context, "the device completed a command that is not in flight");
        }
        else if ((count == 0 || ++pollsSinceCheck >= NvmeLimits.PollsPerCheck) && io.HasInFlight)
        {
            pollsSinceCheck = 0;
            CheckAges(context);
        }

        return count;
    }

    /// <inheritdoc/>
    public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros)
    {
        IoQueue io = controller.Io;
        long now = context.UptimeMicros;
        long deadline = timeoutMicros > long.MaxValue - now ? long.MaxValue : now + timeoutMicros;
        while (!io.IsIdle)
        {
            if (io.HasCompletion(context))
            {
                return true;
            }

            now = context.UptimeMicros;
            if (now >= deadline)
            {
                return false;
            }

            CheckAges(context);
            long slice = Math.Min(Math.Min(deadline, nextTickMicros) - now, sliceMicros);
            if (!io.HasCompletion(context)
                && controller.IoSignal.Wait(context, Math.Max(1, slice)) == WaitResult.Deadlock)
            {
                return io.HasCompletion(context);
            }
        }

        return false;
    }

    /// <summary>Leaves the device quiet. What is in flight ends without a completion.</summary>
    internal void ShutDown(CallContext context)
    {
        if (!hasFailed && !controller.TryShutDown(context))
        {
            services.Report(Severity.Warning, "the controller did not finish its shutdown");
        }
    }

    private void CheckAges(CallContext context)
    {
        long now = context.UptimeMicros;
        if (now < nextTickMicros)
        {
            return;
        }

        IoQueue io = controller.Io;
        nextTickMicros = now + tickMicros;
        io.Tick++;
        if (controller.HasFailed)
        {
            Reset(context, controller.IsGone ? "the device has left the bus" : "the controller reports a fatal error");
            return;
        }

        int oldest = io.FindOlderThan(NvmeLimits.TicksPerTimeout);
        if (oldest < 0)
        {
            abortedIdentifier = -1;
        }
        else if (abortedIdentifier < 0 && controller.TryAbort(context, oldest))
        {
            services.Report(Severity.Warning, $"command 0x{oldest:x4} timed out and is aborted");
            abortedIdentifier = oldest;
            abortedTick = io.Tick;
        }
        else if (io.Tick - abortedTick > 1)
        {
            Reset(context, $"command 0x{oldest:x4} timed out");
        }
    }

    private void Reset(CallContext context, string reason)
    {
        long now = context.UptimeMicros;
        if (now >= resetWindowEndMicros)
        {
            resetCount = 0;
            resetWindowEndMicros = now + NvmeLimits.ResetWindowMicros;
        }

        services.Report(Severity.Warning, $"controller reset: {reason}");
        abortedIdentifier = -1;
        hasFailed |= !controller.TryReset(context) || ++resetCount >= NvmeLimits.ResetsMax;
        if (hasFailed)
        {
            services.Report(Severity.Error, "the device is given up");
            controller.Io.AbandonAll(context, BlockError.DeviceFailed);
        }
    }
}
