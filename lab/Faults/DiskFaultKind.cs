using RedLeafSharp.Machine.Nvme;

namespace RedLeafSharp.Lab.Faults;

/// <summary>What the occurrences of a device's fault are counted by.</summary>
internal enum DiskCounter
{
    /// <summary>Commands that are fetched from an I/O queue.</summary>
    Commands,

    /// <summary>Those of them that read.</summary>
    Reads,

    /// <summary>Those of them that write.</summary>
    Writes,

    /// <summary>Those of them that flush.</summary>
    Flushes,

    /// <summary>Commands that are fetched from the admin queue.</summary>
    AdminCommands,

    /// <summary>Reads of registers.</summary>
    RegisterReads,

    /// <summary>Writes to doorbells.</summary>
    Doorbells,

    /// <summary>Interrupts.</summary>
    Interrupts,

    /// <summary>Times that the controller is enabled.</summary>
    Enables,

    /// <summary>Times that the namespace is identified.</summary>
    Identifications,
}

/// <summary>A way in which the simulated disk fails.</summary>
/// <param name="Name">As plans name it, without the class.</param>
/// <param name="Counter">What is counted.</param>
/// <param name="Command">What is done to a command; none for other counters.</param>
/// <param name="Least">Of the argument, where the trial draws it.</param>
/// <param name="Most">Of the argument.</param>
/// <param name="Summary">For people.</param>
internal sealed record DiskFaultKind(
    string Name, DiskCounter Counter, CommandFaultKind Command, long Least, long Most, string Summary)
    : IFaultKind<DiskCounter>
{
    internal const string Class = "device";

    /// <summary>The kind after which nothing is written any more, and the disk loses what was not flushed.</summary>
    internal const string PowerCut = "device.power-cut";

    /// <summary>A command that ends after the driver's time-out of 5 s.</summary>
    private const int BeyondTimeoutMicros = 6_000_000;

    /// <summary>A spike that no time-out notices.</summary>
    private const int SpikeMicros = 1_000_000;

    internal static IReadOnlyList<DiskFaultKind> All { get; } =
    [
        new("lost-command", DiskCounter.Commands, CommandFaultKind.DropCommand, 0, 0, "a command is neither carried out nor answered"),
        new("lost-completion", DiskCounter.Commands, CommandFaultKind.DropCompletion, 0, 0, "a command is carried out and never answered"),
        new("duplicate-completion", DiskCounter.Commands, CommandFaultKind.Duplicate, 0, 0, "a command is answered twice"),
        new("reordered-completion", DiskCounter.Commands, CommandFaultKind.Late, 500, 20_000, "others overtake a command"),
        new("late-completion", DiskCounter.Commands, CommandFaultKind.Late, BeyondTimeoutMicros, 2 * BeyondTimeoutMicros, "a command is answered after the driver's time-out"),
        new("latency-spike", DiskCounter.Commands, CommandFaultKind.Late, SpikeMicros / 100, SpikeMicros, "a command takes 10 ms to 1 s"),
        new("wrong-command-id", DiskCounter.Commands, CommandFaultKind.WrongCommandId, 0, ushort.MaxValue, "an answer names another command"),
        new("wrong-phase", DiskCounter.Commands, CommandFaultKind.FlipPhase, 0, 0, "an answer has the wrong phase tag, so that nobody sees it"),
        new("stale-head", DiskCounter.Commands, CommandFaultKind.StaleHead, 1, 8, "an answer says that commands have not been fetched that have"),
        new("status", DiskCounter.Commands, CommandFaultKind.Status, 1, 0x7FFF, "a command is not carried out, and answered with any status"),
        new("read-status", DiskCounter.Reads, CommandFaultKind.Status, 1, 0x7FFF, "as status, of reads"),
        new("write-status", DiskCounter.Writes, CommandFaultKind.Status, 1, 0x7FFF, "as status, of writes"),
        new("admin-status", DiskCounter.AdminCommands, CommandFaultKind.Status, 1, 0x7FFF, "as status, of the admin queue"),
        new("admin-lost", DiskCounter.AdminCommands, CommandFaultKind.DropCommand, 0, 0, "an admin command is lost"),
        new("lost-interrupt", DiskCounter.Commands, CommandFaultKind.NoInterrupt, 0, 0, "an answer comes without its interrupt"),
        new("fatal", DiskCounter.Commands, CommandFaultKind.Fatal, 0, 0, "the controller fails: CSTS.CFS"),
        new("lost-write", DiskCounter.Writes, CommandFaultKind.Lost, 0, 0, "a write is acknowledged and not carried out"),
        new("torn-write", DiskCounter.Writes, CommandFaultKind.Torn, 1, 7, "the first sectors of a write are carried out, all are acknowledged"),
        new("misdirected-write", DiskCounter.Writes, CommandFaultKind.Misdirected, 8, 256, "a write goes to another place"),
        new("phantom-write", DiskCounter.Writes, CommandFaultKind.Phantom, 8, 256, "a write goes to another place, too"),
        new("misdirected-read", DiskCounter.Reads, CommandFaultKind.Misdirected, 8, 256, "a read comes from another place"),
        new("bit-rot", DiskCounter.Reads, CommandFaultKind.BitRot, 1, 4096 * 8, "a bit on the medium has changed"),
        new("lying-flush", DiskCounter.Flushes, CommandFaultKind.Lost, 0, 0, "a flush is acknowledged and not carried out"),
        new("read-only", DiskCounter.Writes, CommandFaultKind.Status, NvmeStatus.NamespaceWriteProtected, NvmeStatus.NamespaceWriteProtected, "the medium has become read-only"),
        new("all-ones", DiskCounter.RegisterReads, CommandFaultKind.None, 0, 0, "a register read gives ones"),
        new("bit-flip", DiskCounter.RegisterReads, CommandFaultKind.None, 0, 63, "a register read has a wrong bit"),
        new("removal", DiskCounter.RegisterReads, CommandFaultKind.None, 0, 0, "the device leaves the bus for good"),
        new("lost-doorbell", DiskCounter.Doorbells, CommandFaultKind.None, 0, 0, "a write to a doorbell gets lost"),
        new("spurious-interrupt", DiskCounter.Commands, CommandFaultKind.None, 1, 1, "an interrupt comes for nothing"),
        new("interrupt-storm", DiskCounter.Commands, CommandFaultKind.None, 100, 1000, "hundreds of interrupts come for nothing"),
        new("ready-stuck", DiskCounter.Enables, CommandFaultKind.None, 0, 0, "a controller that is enabled does not become ready"),
        new("resized", DiskCounter.Identifications, CommandFaultKind.None, 1, 1024, "the namespace has become smaller"),
        new("stray-dma", DiskCounter.Commands, CommandFaultKind.None, 256, 4095, "the device writes into a page of the heap that nobody told it"),
        new("power-cut", DiskCounter.Commands, CommandFaultKind.None, 0, 0, "the power goes: no answers any more, and what was not flushed is lost"),
        new("dma-after-death", DiskCounter.Commands, CommandFaultKind.None, 0, 0, "the device writes into the pages of a command after its driver's death"),
    ];

    internal static DiskFaultKind Find(string name) => All.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException($"there is no device fault '{name}'", nameof(name));
}
