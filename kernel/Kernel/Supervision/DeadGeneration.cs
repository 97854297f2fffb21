using System.Diagnostics;
using RedLeafSharp.Kernel.Domains;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>A dead generation on its way out; once detached it is known by weak reference only.</summary>
internal sealed class DeadGeneration
{
    private readonly long handedOver = Stopwatch.GetTimestamp();

    internal DeadGeneration(Generation generation)
    {
        Generation = generation;
        Id = generation.Id;
        DomainName = generation.DomainName;
        Number = generation.Number;
        LoadContext = generation.LoadContext;
    }

    internal Generation? Generation { get; private set; }

    internal uint Id { get; }

    internal string DomainName { get; }

    internal uint Number { get; }

    internal WeakReference LoadContext { get; }

    internal TimeSpan Age => Stopwatch.GetElapsedTime(handedOver);

    internal bool IsDetached => Generation is null;

    internal long ReclaimedBytes { get; set; }

    /// <summary>Full collections since it was detached.</summary>
    internal int Collections { get; set; }

    /// <summary>Where its record stands; -1 while there is none.</summary>
    internal long RecordNumber { get; set; } = -1;

    internal bool IsReported => RecordNumber >= 0;

    internal void Forget() => Generation = null;
}
