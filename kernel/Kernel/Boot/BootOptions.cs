using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Loading;
using Serilog;

namespace RedLeafSharp.Kernel;

/// <summary>What the command line, not the system file, decides.</summary>
public sealed class BootOptions
{
    /// <summary>Folder with one folder for each domain.</summary>
    public required string DomainsFolder { get; init; }

    /// <summary>Where the kernel and the domains log to.</summary>
    public required ILogger Log { get; init; }

    /// <summary>The disk image of the first disk; null for a disk in memory.</summary>
    public string? DiskPath { get; init; }

    /// <summary>Size of a disk in memory, in bytes; without <see cref="DiskPath"/> only.</summary>
    public long MemoryDiskBytes { get; init; } = 256L << 20;

    /// <summary>Whether the file system domain makes a new file system before it mounts; always so in memory.</summary>
    public bool Format { get; init; }

    /// <summary>Label of a new file system; null for none.</summary>
    public string? Label { get; init; }

    /// <summary>The terminal; null for none: reads end at once, output is thrown away.</summary>
    public IHostConsole? Console { get; init; }

    /// <summary>Whether drivers are loaded with crash sites, so that <see cref="RedLeafSystem.Crashes"/> can be used.</summary>
    public bool CrashSites { get; init; }

    /// <summary>How long one constructor of a domain, or the rehearsal of a standby, may take before the generation is killed.</summary>
    public TimeSpan ConstructorPatience { get; init; } = LoadingLimits.StepLimit;

    /// <summary>How long the end of the system waits for threads that compute without a call or a wait.</summary>
    public TimeSpan EndPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether every method of a generation is compiled before it starts. Off only where thousands of generations each run a
    /// little of their code: the fuzzer of the verifier.
    /// </summary>
    internal bool CompilesAhead { get; init; } = true;

    /// <summary>
    /// Whether what the verifier and the rewriter make of an image is kept for the next generation. Off only to measure what that saves.
    /// </summary>
    internal bool KeepsImages { get; init; } = true;

    /// <summary>Decides everything that is chosen at random inside the system.</summary>
    public ulong Seed { get; init; }

    /// <summary>Makes every run of the system the same; null for a system that lives in the host's time.</summary>
    internal SimulationOptions? Simulation { get; init; }
}

/// <summary>The terminal of a system, as the host has it.</summary>
public interface IHostConsole
{
    /// <summary>
    /// Reads what has been typed, at least one byte; 0 at the end, also when there is nothing to read from. Called on a
    /// thread of its own, may block.
    /// </summary>
    int Read(Span<byte> buffer);

    /// <summary>
    /// Writes everything to stream 1 (output) or 2 (error). Called on a thread of the system; should not block long.
    /// </summary>
    /// <returns>
    /// None, or why not everything could be written: <see cref="Errno.BrokenPipe"/> when nobody reads any more.
    /// </returns>
    Errno Write(int stream, ReadOnlySpan<byte> data);

    /// <summary>Whether stream 0, 1 or 2 is a terminal.</summary>
    bool IsTerminal(int stream);
}
