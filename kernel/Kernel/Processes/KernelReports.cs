using System.Globalization;
using System.Text;
using System.Text.Unicode;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>The texts behind /proc/domains, /proc/faults and /proc/meminfo.</summary>
/// <remarks>A report is made up for each call: they are asked for by people, not by data paths.</remarks>
internal sealed class KernelReports : IKernelReports
{
    private const int LineCountMax = 500;

    private readonly DomainRegistry registry;
    private readonly Supervisor supervisor;
    private readonly Reclaimer reclaimer;
    private readonly ExchangeHeap heap;

    internal KernelReports(DomainRegistry registry, Supervisor supervisor, Reclaimer reclaimer, ExchangeHeap heap)
    {
        this.registry = registry;
        this.supervisor = supervisor;
        this.reclaimer = reclaimer;
        this.heap = heap;
    }

    public Reply<int, Errno> Write(CallContext context, KernelReport report, Span<byte> buffer)
    {
        string? text = report switch
        {
            KernelReport.Domains => Domains(),
            KernelReport.Faults => Faults(),
            KernelReport.Memory => MemoryUse(),
            _ => null,
        };
        if (text is null)
        {
            return Errno.InvalidArgument;
        }

        _ = Utf8.FromUtf16(text, buffer, out _, out int length);
        return length;
    }

    private string Domains()
    {
        var text = new StringBuilder("name generation id executor state\n");
        foreach (Domain domain in registry.Domains)
        {
            string state = !domain.IsLoaded ? "absent" : domain.HasGivenUp ? "given-up" : domain.Current is { Gate.IsDead: false } ? "running" : "dead";
            text.Append(CultureInfo.InvariantCulture, $"{domain.Name} {domain.Current?.Number ?? 0} {domain.Current?.Id ?? 0} ")
                .Append(CultureInfo.InvariantCulture, $"{domain.Description.ExecutorIndex} {state}\n");
        }

        return text.ToString();
    }

    /// <summary>The latest records, should there be very many.</summary>
    private string Faults()
    {
        var text = new StringBuilder();
        foreach (RestartRecord restart in supervisor.Restarts.TakeLast(LineCountMax))
        {
            string warmth = restart.WasWarm ? "warm" : "cold";
            text.Append(CultureInfo.InvariantCulture, $"{restart.At.TotalSeconds:F6} restart {restart.Domain} {restart.Generation} ")
                .Append(CultureInfo.InvariantCulture, $"{restart.RecoveryMicros:F0} {warmth} {restart.Cause} {restart.CrashSite}\n");
        }

        foreach (ReclaimRecord reclaim in reclaimer.Records.TakeLast(LineCountMax))
        {
            string state = reclaim.IsCollected ? "collected" : "held";
            text.Append(CultureInfo.InvariantCulture, $"- reclaim {reclaim.Domain} {reclaim.Generation} {state} ")
                .Append(CultureInfo.InvariantCulture, $"{reclaim.ExchangeBytesReclaimed} {reclaim.ExchangeBytesLeft}\n");
        }

        return text.ToString();
    }

    private string MemoryUse()
    {
        GCMemoryInfo collector = GC.GetGCMemoryInfo();
        long totalKib = collector.TotalAvailableMemoryBytes >> 10;
        long managedKib = GC.GetTotalMemory(forceFullCollection: false) >> 10;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"MemTotal: {totalKib} kB\nMemFree: {Math.Max(totalKib - managedKib, 0)} kB\nManagedHeap: {managedKib} kB\n"
                + $"ExchangeHeapTotal: {heap.CapacityBytes >> 10} kB\n");
    }
}
