using System.Numerics;

namespace RedLeafSharp.Machine.Media;

/// <summary>
/// What a medium may hold after the power failed at a moment of its trace: all that was durable, and of what was not any
/// part, in any order, any write of that torn between its sectors.
/// </summary>
/// <remarks>
/// A later write of a sector never gives way to an earlier one that was completed before it: a drive's cache holds one
/// version of a sector. So every reordering is a subset. A drive of 512-byte sectors tears between any two of them, one of
/// 4 KiB between those; both are drawn.
/// </remarks>
internal sealed class CrashStates
{
    private const int SectorBytes = 512;
    private const int LargeSectorBytes = 4096;

    /// <summary>Up to so many volatile writes all subsets are few enough to be numbered in one word.</summary>
    private const int EnumeratedMax = 16;

    private readonly IReadOnlyList<MediumEvent> events;
    private readonly Func<long, long, bool> isTearable;
    private readonly byte[] durable;
    private readonly List<Piece> pending = [];

    /// <param name="before">The medium when the trace began; is copied.</param>
    /// <param name="events">The trace.</param>
    /// <param name="isTearable">Whether a write of this offset and length may be torn; null for all.</param>
    internal CrashStates(ReadOnlySpan<byte> before, IReadOnlyList<MediumEvent> events, Func<long, long, bool>? isTearable = null)
        : this(before.ToArray(), events, isTearable)
    {
    }

    private CrashStates(byte[] before, IReadOnlyList<MediumEvent> events, Func<long, long, bool>? isTearable)
    {
        durable = before;
        this.events = events;
        this.isTearable = isTearable ?? ((_, _) => true);
    }

    /// <summary>For a medium that need not be copied: it is changed.</summary>
    internal static CrashStates Over(byte[] before, IReadOnlyList<MediumEvent> events, Func<long, long, bool>? isTearable = null) =>
        new(before, events, isTearable);

    /// <summary>Events that have happened.</summary>
    internal int Position { get; private set; }

    /// <summary>Writes that a power cut may lose now.</summary>
    internal int PendingCount => pending.Count;

    /// <summary>
    /// The moments at which the most is volatile: just before each barrier and at the end. Every state of another moment is
    /// one of these, too.
    /// </summary>
    internal static IEnumerable<int> Barriers(IReadOnlyList<MediumEvent> events)
    {
        for (int position = 0; position < events.Count; position++)
        {
            if (events[position].Access is MediumAccess.Flush or MediumAccess.Persist)
            {
                yield return position;
            }
        }

        yield return events.Count;
    }

    /// <summary>Goes on to the moment when so many events had happened; never back.</summary>
    internal void MoveTo(int position)
    {
        for (; Position < position; Position++)
        {
            MediumEvent one = events[Position];
            switch (one.Access)
            {
                case MediumAccess.Flush:
                    pending.ForEach(piece => Apply(piece, durable));
                    pending.Clear();
                    break;
                case MediumAccess.Persist:
                    Persist(one.OffsetBytes, one.OffsetBytes + one.LengthBytes);
                    break;
                default:
                    pending.Add(new Piece(one.OffsetBytes, one.Data ?? new byte[one.LengthBytes]));
                    break;
            }
        }
    }

    /// <summary>
    /// Media that a power cut may leave now: all subsets of the volatile writes if they are at most <paramref name="countMax"/>,
    /// else those that lose one, keep one or keep a prefix, and random ones; then torn ones up to that number.
    /// </summary>
    internal IEnumerable<CrashState> Take(int countMax, Random random)
    {
        int count = 0;
        foreach (BigInteger subset in Subsets(countMax, random))
        {
            count++;
            yield return Make(subset, random, isTorn: false);
        }

        bool canTear = pending.Exists(piece => piece.Data.Length > SectorBytes && isTearable(piece.Offset, piece.Data.Length));
        for (; count < countMax && canTear; count++)
        {
            yield return Make(RandomSubset(random), random, isTorn: true);
        }
    }

    private IEnumerable<BigInteger> Subsets(int countMax, Random random)
    {
        BigInteger all = (BigInteger.One << pending.Count) - 1;
        if (pending.Count <= EnumeratedMax && 1 << pending.Count <= countMax)
        {
            for (BigInteger subset = 0; subset <= all; subset++)
            {
                yield return subset;
            }

            yield break;
        }

        yield return all;
        yield return 0;
        int untorn = (countMax / 2) - 2;
        for (int index = 0; index < untorn; index++)
        {
            int write = random.Next(pending.Count);
            yield return (index % 4) switch
            {
                0 => all ^ (BigInteger.One << write),
                1 => BigInteger.One << write,
                2 => (BigInteger.One << write) - 1,
                _ => RandomSubset(random),
            };
        }
    }

    private BigInteger RandomSubset(Random random)
    {
        byte[] bits = new byte[(pending.Count / 8) + 2];
        random.NextBytes(bits);
        bits[^1] = 0;
        return new BigInteger(bits) & ((BigInteger.One << pending.Count) - 1);
    }

    /// <summary>The bytes are made when they are asked for: a medium is large, and not each is looked at.</summary>
    private CrashState Make(BigInteger subset, Random random, bool isTorn)
    {
        int seed = random.Next();
        string what = $"{pending.Count} volatile writes, kept {subset:x}{(isTorn ? $", torn by {seed}" : "")}";
        return new CrashState(() => MakeMedium(subset, new Random(seed), isTorn), $"event {Position} of {events.Count}, {what}");
    }

    private byte[] MakeMedium(BigInteger subset, Random random, bool isTorn)
    {
        byte[] disk = [.. durable];
        for (int index = 0; index < pending.Count; index++)
        {
            Piece piece = pending[index];
            bool isThere = !((subset >> index) & 1).IsZero;
            if (isTorn && random.Next(2) == 0 && isTearable(piece.Offset, piece.Data.Length))
            {
                Tear(piece, disk, random);
            }
            else if (isThere)
            {
                Apply(piece, disk);
            }
        }

        return disk;
    }

    /// <summary>Keeps a prefix of the sectors, or any of them.</summary>
    private static void Tear(Piece piece, byte[] disk, Random random)
    {
        int sector = random.Next(2) == 0 ? SectorBytes : LargeSectorBytes;
        bool isPrefix = random.Next(2) == 0;
        int end = random.Next(piece.Data.Length + 1);
        for (long at = piece.Offset; at < piece.Offset + piece.Data.Length;)
        {
            long next = Math.Min((at / sector * sector) + sector, piece.Offset + piece.Data.Length);
            if (isPrefix ? at - piece.Offset < end : random.Next(2) == 0)
            {
                int from = (int)(at - piece.Offset);
                piece.Data.Span[from..(int)(next - piece.Offset)].CopyTo(disk.AsSpan((int)at));
            }

            at = next;
        }
    }

    private static void Apply(Piece piece, byte[] disk) => piece.Data.Span.CopyTo(disk.AsSpan((int)piece.Offset));

    private void Persist(long start, long end)
    {
        Piece[] old = [.. pending];
        pending.Clear();
        foreach (Piece piece in old)
        {
            long pieceEnd = piece.Offset + piece.Data.Length;
            long from = Math.Max(start, piece.Offset);
            long to = Math.Min(end, pieceEnd);
            if (from >= to)
            {
                pending.Add(piece);
                continue;
            }

            Apply(piece.Slice(from, to), durable);
            if (piece.Offset < from)
            {
                pending.Add(piece.Slice(piece.Offset, from));
            }

            if (to < pieceEnd)
            {
                pending.Add(piece.Slice(to, pieceEnd));
            }
        }
    }

    private readonly record struct Piece(long Offset, ReadOnlyMemory<byte> Data)
    {
        internal Piece Slice(long from, long to) => new(from, Data[(int)(from - Offset)..(int)(to - Offset)]);
    }
}

/// <summary>One of the media that a power cut may leave.</summary>
/// <param name="make">Makes its bytes, before its <see cref="CrashStates"/> goes on.</param>
/// <param name="description">The moment and the choice, for messages.</param>
internal sealed class CrashState(Func<byte[]> make, string description)
{
    private byte[]? medium;

    /// <summary>Its bytes; the caller's to change.</summary>
    internal byte[] Medium => medium ??= make();

    internal string Description { get; } = description;
}
