using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Drivers;

/// <summary>
/// The kernel's side of a link to a driver over the simulated controller: a barrier that turns what the driver throws into
/// a fault, and restarts.
/// </summary>
internal sealed class NvmeLink(NvmeRig rig) : IDomainLinkBackend, IBlockDevice
{
    private bool isDead;

    /// <summary>Deaths of drivers, also of such as died in their start.</summary>
    internal int Deaths { get; private set; }

    public object Target => this;

    public uint Generation => rig.Generation;

    public Reply<uint, DomainError> Recover(CallContext context)
    {
        rig.Bury();
        try
        {
            Reply<Unit, DomainError> started = rig.Start();
            isDead = !started.IsOk;
            return started.IsOk ? rig.Generation : started.Error;
        }
        catch (PlantedCrashException)
        {
            Deaths++;
            isDead = true;
            return Reply<uint, DomainError>.FromFault(Fault.CalleeFaulted);
        }
    }

    public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) =>
        isDead ? Dead<BlockGeometry>() : rig.Provided.GetGeometry(rig.DriverContext);

    public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
    {
        try
        {
            return isDead ? Dead<int>() : rig.Provided.Submit(rig.DriverContext, requests, pages);
        }
        catch (PlantedCrashException)
        {
            return Died<int>();
        }
    }

    public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions)
    {
        try
        {
            return isDead ? Dead<int>() : rig.Provided.Poll(rig.DriverContext, completions);
        }
        catch (PlantedCrashException)
        {
            return Died<int>();
        }
    }

    public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros)
    {
        try
        {
            return isDead ? Dead<bool>() : rig.Provided.Wait(rig.DriverContext, timeoutMicros);
        }
        catch (PlantedCrashException)
        {
            return Died<bool>();
        }
    }

    private static Reply<T, BlockError> Dead<T>()
        where T : unmanaged => Reply<T, BlockError>.FromFault(Fault.CalleeDead);

    private Reply<T, BlockError> Died<T>()
        where T : unmanaged
    {
        Deaths++;
        isDead = true;
        return Reply<T, BlockError>.FromFault(Fault.CalleeFaulted);
    }
}
