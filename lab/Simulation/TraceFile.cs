using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Lab.Simulation;

/// <summary>A trace as a file, to be compared with that of another process: four 64-bit words for each event.</summary>
internal static class TraceFile
{
    internal static void Write(string path, IReadOnlyList<TraceRecord> records)
    {
        using var writer = new BinaryWriter(File.Create(path));
        foreach (TraceRecord record in records)
        {
            writer.Write(record.Micros);
            writer.Write((long)record.What);
            writer.Write(record.First);
            writer.Write(record.Second);
        }
    }

    internal static IReadOnlyList<TraceRecord> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var records = new List<TraceRecord>();
        for (long left = reader.BaseStream.Length / (4 * sizeof(long)); left > 0; left--)
        {
            records.Add(new TraceRecord(reader.ReadInt64(), (TraceEvent)reader.ReadInt64(), reader.ReadUInt64(), reader.ReadUInt64()));
        }

        return records;
    }

    /// <summary>Names the first event in which two traces differ; null when none does.</summary>
    internal static string? Difference(IReadOnlyList<TraceRecord> one, IReadOnlyList<TraceRecord> other)
    {
        int common = Math.Min(one.Count, other.Count);
        for (int index = 0; index < common; index++)
        {
            if (one[index] != other[index])
            {
                return $"event {index}: '{one[index]}' in one run, '{other[index]}' in the other";
            }
        }

        return one.Count == other.Count ? null
            : $"event {common}: '{(one.Count > common ? one : other)[common]}' in one run, the end in the other";
    }
}
