using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>
/// Random requests to the shadowed disk, each sector stamped, and a ledger outside the system of what must be read back: what was
/// acknowledged is visible, and nothing foreign, older or torn ever is.
/// </summary>
internal sealed class BlockLedger : Workload
{
    private const string Oracle = "block-ledger";
    private const long DiskBytes = 16L << 20;

    private static readonly SystemDescription WithRecovery = Parse(hasRecovery: true);
    private static readonly SystemDescription WithoutRecovery = Parse(hasRecovery: false);

    internal override WorkloadInfo Info { get; } = new(
        "block-ledger",
        "stamped reads, writes, flushes and discards of the shadowed disk, judged by a ledger outside the system",
        [
            new OptionInfo("operations", "requests", 200, 1, WorkloadLimits.OperationsMax),
            new OptionInfo("depth", "requests in flight", 8, 1, WorkloadLimits.DepthMax),
            new OptionInfo("pages", "pages of 4 KiB that they go to; fewer overlap more", 64, 8, WorkloadLimits.LedgerPagesMax),
            PowerCutOption,
        ]);

    internal override DiskSnapshot? Disk { get; } = DiskSnapshot.Empty(DiskBytes);

    internal override SystemDescription Describe(bool hasRecovery) => hasRecovery ? WithRecovery : WithoutRecovery;

    internal override RoundResult Run(WorkloadContext trial)
    {
        var state = (LedgerState?)trial.State
            ?? new LedgerState([.. Enumerable.Range(0, (int)trial.Option("pages")).Select(_ => new PageHistory())]);
        trial.State = state;
        return RunClient(trial, "ledger", context =>
        {
            var device = trial.System!.Provided<IBlockDevice>("BlockShadow");
            Reply<BlockGeometry, BlockError> geometry = device.GetGeometry(context);
            var client = new LedgerClient(context, trial, state, device, geometry.Value);
            RoundEnd end = client.Run(context);
            client.Dispose(context);
            return (end, client.Digest);
        });
    }

    /// <summary>Every sector holds what the ledger says, and the rest of the disk is as it was.</summary>
    internal override IReadOnlyList<Violation> Inspect(WorkloadContext trial, DiskSnapshot disk)
    {
        var found = new List<Violation>();
        var state = (LedgerState)trial.State!;
        PageHistory[] pages = state.Pages;
        long durableUpTo = trial.IsPowerCut ? state.DurableUpTo : long.MaxValue;
        byte[] zeros = new byte[DiskSnapshot.PageBytes];
        for (int page = 0; page < disk.Pages.Length && found.Count < WorkloadLimits.ViolationsMax; page++)
        {
            ReadOnlySpan<byte> bytes = disk.Pages[page] ?? zeros;
            if (page >= pages.Length)
            {
                if (disk.Pages[page] is not null && bytes.IndexOfAnyExcept((byte)0) >= 0)
                {
                    found.Add(new Violation(ViolationKind.SilentCorruption, Oracle, $"page {page} of the disk was written by nobody"));
                }

                continue;
            }

            InspectPage(trial, pages[page], page, bytes, durableUpTo, found);
        }

        return found;
    }

    private static void InspectPage(
        WorkloadContext trial, PageHistory history, int page, ReadOnlySpan<byte> bytes, long durableUpTo, List<Violation> found)
    {
        for (int sector = 0; sector < BlockStamp.SectorsPerPage; sector++)
        {
            ReadOnlySpan<byte> one = bytes.Slice(sector * BlockStamp.SectorBytes, BlockStamp.SectorBytes);
            long version = BlockStamp.Read(one, page, sector, trial.Seed);
            if (!history.Admits(version, history.Last, durableUpTo))
            {
                bool isKnown = history.Knows(version);
                found.Add(new Violation(
                    isKnown ? ViolationKind.DataLoss : ViolationKind.SilentCorruption,
                    Oracle,
                    $"page {page}, sector {sector} of the disk holds {(isKnown ? $"version {version}, a later one was {(trial.IsPowerCut ? "flushed" : "acknowledged")}" : "what was never written there")}"));
                return;
            }
        }
    }

    private static SystemDescription Parse(bool hasRecovery) => SystemDescription.Parse("block-ledger", $$"""
        exchangeHeapMebibytes: 16
        devices:
          - {name: disk0, model: nvme, completion: deferred}
        domains:
          - {name: Nvme, device: disk0, restart: {{RestartPolicy(hasRecovery)}}, settings: {queueDepth: 32} }
          - {name: BlockShadow, shadows: Nvme}
        """);
}
