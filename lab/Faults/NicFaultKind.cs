using RedLeafSharp.Machine.E1000e;

namespace RedLeafSharp.Lab.Faults;

/// <summary>What the occurrences of a network controller's fault are counted by.</summary>
internal enum NicCounter
{
    /// <summary>Descriptors of received frames that are written back.</summary>
    ReceivedFrames,

    /// <summary>Descriptors of sent frames that are written back.</summary>
    SentFrames,

    /// <summary>Reads of registers.</summary>
    RegisterReads,

    /// <summary>Writes to the tails of rings.</summary>
    TailWrites,

    /// <summary>Interrupts.</summary>
    Interrupts,

    /// <summary>Resets of the controller.</summary>
    Resets,

    /// <summary>Reads of the configuration memory.</summary>
    EepromReads,
}

/// <summary>A way in which the simulated network controller fails.</summary>
/// <param name="Name">As plans name it, without the class.</param>
/// <param name="Counter">What is counted.</param>
/// <param name="Descriptor">What is done to a descriptor; none for other counters.</param>
/// <param name="Least">Of the argument, where the trial draws it.</param>
/// <param name="Most">Of the argument.</param>
/// <param name="Summary">For people.</param>
internal sealed record NicFaultKind(string Name, NicCounter Counter, DescriptorFault Descriptor, long Least, long Most, string Summary)
    : IFaultKind<NicCounter>
{
    internal const string Class = DiskFaultKind.Class;

    /// <summary>A gibibyte behind the buffer: beyond the heap of any trial.</summary>
    private const int PagesBeyondHeap = 1 << 18;

    /// <summary>A link that renegotiates is down for some seconds (IEEE 802.3 clause 28); a flap may be shorter.</summary>
    private const int FlapMicrosMax = 3_000_000;

    internal static IReadOnlyList<NicFaultKind> All { get; } =
    [
        new("receive-stuck", NicCounter.ReceivedFrames, DescriptorFault.Stall, 0, 0, "nothing is received any more until a reset"),
        new("transmit-stuck", NicCounter.SentFrames, DescriptorFault.Stall, 0, 0, "nothing is sent any more until a reset"),
        new("lost-write-back", NicCounter.ReceivedFrames, DescriptorFault.Lost, 0, 0, "a frame is received, and its descriptor never says so"),
        new("lost-send-report", NicCounter.SentFrames, DescriptorFault.Lost, 0, 0, "a frame is sent, and its descriptor never says so"),
        new("duplicate-write-back", NicCounter.ReceivedFrames, DescriptorFault.Twice, 0, 0, "the next descriptor is written back, too, for no frame"),
        new("corrupt-write-back", NicCounter.ReceivedFrames, DescriptorFault.Garbage, 1, int.MaxValue - 1, "a descriptor is written back with any length and status"),
        new("wrong-length", NicCounter.ReceivedFrames, DescriptorFault.WrongLength, 0, 0, "a descriptor says that a frame is longer than its buffer"),
        new("short-length", NicCounter.ReceivedFrames, DescriptorFault.ShortLength, 1, 64, "a descriptor says that a frame is shorter than it is"),
        new("error-bit", NicCounter.ReceivedFrames, DescriptorFault.Error, 0, 0, "a good frame counts as damaged"),
        new("false-checksum-error", NicCounter.ReceivedFrames, DescriptorFault.FalseAlarm, 0, 0, "a right checksum counts as wrong"),
        new("lost-data", NicCounter.ReceivedFrames, DescriptorFault.NoData, 0, 0, "a frame does not get into its buffer, and is said to be there with a right checksum"),
        new("hidden-corruption", NicCounter.ReceivedFrames, DescriptorFault.HiddenDamage, 1, 4096, "a bit of a frame is wrong in its buffer, and its checksum is said to be right"),
        new("misdirected-frame", NicCounter.ReceivedFrames, DescriptorFault.Elsewhere, 1, 64, "a frame goes to another page near its buffer"),
        new("outside-loan", NicCounter.ReceivedFrames, DescriptorFault.Elsewhere, PagesBeyondHeap, PagesBeyondHeap, "a frame goes to where nobody has lent anything"),
        new("overrun", NicCounter.ReceivedFrames, DescriptorFault.Overrun, 1, 128, "bytes behind a buffer are overwritten"),
        new("lost-interrupt", NicCounter.Interrupts, DescriptorFault.None, 0, 0, "an interrupt gets lost"),
        new("spurious-interrupt", NicCounter.SentFrames, DescriptorFault.None, 1, 1, "an interrupt comes for nothing"),
        new("interrupt-storm", NicCounter.SentFrames, DescriptorFault.None, 100, 1000, "hundreds of interrupts come for nothing"),
        new("lost-tail-write", NicCounter.TailWrites, DescriptorFault.None, 0, 0, "a write to a tail gets lost"),
        new("all-ones", NicCounter.RegisterReads, DescriptorFault.None, 0, 0, "a register read gives ones"),
        new("bit-flip", NicCounter.RegisterReads, DescriptorFault.None, 0, 31, "a register read has a wrong bit"),
        new("removal", NicCounter.RegisterReads, DescriptorFault.None, 0, 0, "the device leaves the bus for good"),
        new("reset-stuck", NicCounter.Resets, DescriptorFault.None, 0, 0, "a reset does not end"),
        new("wrong-address", NicCounter.EepromReads, DescriptorFault.None, 1, 0xFFFF, "the configuration memory has another station address"),
        new("link-flap", NicCounter.SentFrames, DescriptorFault.None, 10_000, FlapMicrosMax, "the link goes down, and comes up 10 ms to 3 s later"),
        new("stray-dma", NicCounter.SentFrames, DescriptorFault.None, 256, 4095, "the device writes into a page of the heap that nobody told it"),
        new("dma-after-death", NicCounter.ReceivedFrames, DescriptorFault.None, 0, 0, "the device writes into the next buffer after its driver's death"),
    ];

    internal static NicFaultKind Find(string name) => All.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException($"there is no fault '{name}' of a network controller", nameof(name));
}
