namespace RedLeafSharp.Kernel;

/// <summary>One recovery of a domain.</summary>
/// <param name="At">Uptime when the death was noticed.</param>
/// <param name="Domain">The domain.</param>
/// <param name="Generation">The generation that took over.</param>
/// <param name="Cause">The type of the exception, or why the kernel killed the old generation.</param>
/// <param name="CrashSite">Where an injected fault struck; empty when none did.</param>
/// <param name="RecoveryMicros">From the noticed death until the shadow could begin its replay, in microseconds.</param>
/// <param name="WasWarm">Whether a standby was ready.</param>
public readonly record struct RestartRecord(
    TimeSpan At, string Domain, uint Generation, string Cause, string CrashSite, double RecoveryMicros, bool WasWarm);

/// <summary>The end of a dead generation.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Generation">The dead generation.</param>
/// <param name="IsCollected">Whether its load context has been collected, as a weak reference shows.</param>
/// <param name="ExchangeBytesReclaimed">What it held on the exchange heap when it died, in bytes.</param>
/// <param name="ExchangeBytesLeft">What it still holds; 0 unless a device maps lent pages of it.</param>
/// <param name="Detail">Empty, or what still holds it.</param>
public readonly record struct ReclaimRecord(
    string Domain, uint Generation, bool IsCollected, long ExchangeBytesReclaimed, long ExchangeBytesLeft, string Detail);

/// <summary>What has become of the dead generations of a system since its boot.</summary>
/// <param name="Reclaimed">Whose code has been collected and whose exchange heap is empty.</param>
/// <param name="Held">Which were reported as held, and still are.</param>
public readonly record struct ReclaimTotals(long Reclaimed, long Held);

/// <summary>Who holds how much of the exchange heap.</summary>
/// <param name="TotalBytes">All blocks in use, in bytes.</param>
/// <param name="BytesByDomain">Per living domain, by name and generation.</param>
/// <param name="UnattributedBytes">Blocks of owners that are no living domain: 0 once everything is reclaimed.</param>
public sealed record SystemCensus(long TotalBytes, IReadOnlyDictionary<string, long> BytesByDomain, long UnattributedBytes);
