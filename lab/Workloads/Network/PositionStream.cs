using System.Buffers.Binary;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>
/// A stream each of whose bytes is a function of seed, connection, direction and position: whoever receives it knows each byte without having
/// been told, and of a wrong one where it comes from.
/// </summary>
/// <param name="seed">Of the trial.</param>
/// <param name="connection">Which connection.</param>
/// <param name="isToServer">Which direction.</param>
internal sealed class PositionStream(ulong seed, int connection, bool isToServer)
{
    internal const string Oracle = "stream";

    private const int WordBytes = sizeof(ulong);

    /// <summary>How much has to be right for a place to be recognized: a chance of 2^-64.</summary>
    private const int SampleBytes = 8;

    /// <summary>How far around a wrong byte its place is looked for: some full windows.</summary>
    private const long SearchBytes = 1 << 18;

    private readonly byte[] word = new byte[WordBytes];
    private readonly ulong key = Mixing.Chain(Mixing.Chain(seed, (ulong)connection), isToServer ? 1UL : 2UL);

    /// <summary>The bytes from a position on.</summary>
    internal void Fill(Span<byte> buffer, long position)
    {
        for (int done = 0; done < buffer.Length;)
        {
            (long number, long offset) = Math.DivRem(position + done, WordBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mixing.Chain(key, (ulong)number));
            int count = Math.Min(WordBytes - (int)offset, buffer.Length - done);
            word.AsSpan((int)offset, count).CopyTo(buffer[done..]);
            done += count;
        }
    }

    /// <summary>Compares what has come with what had to; reports the first wrong byte.</summary>
    /// <returns>Whether all is right.</returns>
    internal bool Check(WorkloadContext trial, ReadOnlySpan<byte> received, long position)
    {
        byte[] expected = new byte[received.Length];
        Fill(expected, position);
        int right = received.CommonPrefixLength(expected);
        if (right == received.Length)
        {
            return true;
        }

        long at = position + right;
        trial.Report(
            ViolationKind.SilentCorruption,
            Oracle,
            $"{this}: byte {at} is 0x{received[right]:x2}, expected is 0x{expected[right]:x2}{Recognize(received[right..], at)}");
        return false;
    }

    public override string ToString() => $"connection {connection}, {(isToServer ? "to" : "from")} the server";

    /// <summary>What the bytes are in truth, for people.</summary>
    private string Recognize(ReadOnlySpan<byte> received, long position)
    {
        if (received.Length < SampleBytes)
        {
            return string.Empty;
        }

        Span<byte> sample = stackalloc byte[SampleBytes];
        Fill(sample[1..], position + 1);
        if (received[1..SampleBytes].SequenceEqual(sample[1..]))
        {
            return ", and those behind it are right";
        }

        for (long other = Math.Max(0, position - SearchBytes); other < position + SearchBytes; other++)
        {
            Fill(sample, other);
            if (received[..SampleBytes].SequenceEqual(sample))
            {
                return other > position ? $": {other - position} bytes are missing" : $": it is byte {other} once more";
            }
        }

        return string.Empty;
    }
}
