using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Lab.Simulation;

/// <summary>One thing that happened in a simulation.</summary>
/// <param name="Micros">When, in virtual time.</param>
/// <param name="What">What.</param>
/// <param name="First">Depends on what.</param>
/// <param name="Second">Depends on what.</param>
internal readonly record struct TraceRecord(long Micros, TraceEvent What, ulong First, ulong Second)
{
    public override string ToString() => What switch
    {
        TraceEvent.ThreadRuns => $"{Micros} us: thread {First} runs",
        TraceEvent.ThreadEnds => $"{Micros} us: thread {First} ends",
        TraceEvent.WaitEnds => $"{Micros} us: the wait of thread {First} ends ({(WakeReason)Second})",
        TraceEvent.DomainKilled => $"{Micros} us: domain {First} is killed",
        TraceEvent.CommandFetched =>
            $"{Micros} us: queue {First >> 32} has command 0x{(ushort)First:x4} fetched, opcode 0x{(byte)Second:x2}, block {Second >> 8}",
        TraceEvent.CommandAnswered => $"{Micros} us: queue {First >> 32} has command 0x{(ushort)First:x4} answered, status 0x{Second:x}",
        TraceEvent.FaultStrikes => $"{Micros} us: fault {First} strikes for the {Second}. time",
        TraceEvent.Logged => $"{Micros} us: log event {First}, text hash 0x{Second:x16}",
        TraceEvent.Answered => $"{Micros} us: operation {First} is answered, hash 0x{Second:x16}",
        TraceEvent.FrameCarried => $"{Micros} us: end {First >> 32} sends a frame of {(uint)First} bytes, hash 0x{Second:x16}",
        TraceEvent.Chosen => $"{Micros} us: {(Choice)First} is decided: {Second}",
        _ => $"{Micros} us: {What} {First} {Second}",
    };
}

/// <summary>The events of one simulation, as a hash over all of them and, if wanted, as a list.</summary>
internal sealed class Trace
{
    /// <summary>Kept at most; 32 bytes each. A trial has thousands.</summary>
    private const int RecordsMax = 1 << 22;

    private readonly List<TraceRecord>? records;

    /// <param name="isKept">Whether the events themselves are wanted.</param>
    internal Trace(bool isKept) => records = isKept ? [] : null;

    /// <summary>Equal hashes: the same events at the same times in the same order, but for a chance of 2^-64.</summary>
    internal ulong Hash { get; private set; }

    internal long Count { get; private set; }

    /// <summary>Empty unless they are kept.</summary>
    internal IReadOnlyList<TraceRecord> Records => records ?? [];

    internal void Add(in TraceRecord record)
    {
        Count++;
        Hash = Mixing.Chain(Mixing.Chain(Hash, (ulong)record.Micros << 8 | (ulong)record.What), record.First);
        Hash = Mixing.Chain(Hash, record.Second);
        if (records is not null && records.Count < RecordsMax)
        {
            records.Add(record);
        }
    }
}
