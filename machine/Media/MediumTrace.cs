namespace RedLeafSharp.Machine.Media;

/// <summary>What was done to a medium.</summary>
internal enum MediumAccess
{
    /// <summary>Bytes were written; a power cut may lose them.</summary>
    Write,

    /// <summary>A range was zeroed; a power cut may bring the old bytes back.</summary>
    Zero,

    /// <summary>One range became durable (force unit access).</summary>
    Persist,

    /// <summary>Everything became durable.</summary>
    Flush,
}

/// <summary>One access that changed a medium, or made changes durable.</summary>
/// <param name="Access">What it was.</param>
/// <param name="OffsetBytes">First byte; 0 for a flush.</param>
/// <param name="LengthBytes">Bytes; 0 for a flush.</param>
/// <param name="Data">What was written; null for anything but a write.</param>
internal sealed record MediumEvent(MediumAccess Access, long OffsetBytes, long LengthBytes, byte[]? Data);

/// <summary>All changes of a medium in the order in which it made them. Used by one thread at a time.</summary>
internal sealed class MediumTrace
{
    private readonly List<MediumEvent> events = [];

    /// <summary>The changes, oldest first.</summary>
    internal IReadOnlyList<MediumEvent> Events => events;

    internal void Write(long offsetBytes, ReadOnlySpan<byte> source) =>
        events.Add(new MediumEvent(MediumAccess.Write, offsetBytes, source.Length, source.ToArray()));

    internal void Zero(long offsetBytes, long lengthBytes) =>
        events.Add(new MediumEvent(MediumAccess.Zero, offsetBytes, lengthBytes, null));

    internal void Persist(long offsetBytes, long lengthBytes) =>
        events.Add(new MediumEvent(MediumAccess.Persist, offsetBytes, lengthBytes, null));

    internal void Flush() => events.Add(new MediumEvent(MediumAccess.Flush, 0, 0, null));
}

/// <summary>A medium that keeps a trace of what is done to another one. An access that fails is not in it.</summary>
internal sealed class RecordingMedium(IMedium inner, MediumTrace trace) : IMedium
{
    public long LengthBytes => inner.LengthBytes;

    public bool IsReadOnly => inner.IsReadOnly;

    /// <summary>Always: a trace is for asking what a power cut would leave.</summary>
    public bool HasVolatileCache => true;

    public MediumResult Read(long offsetBytes, Span<byte> destination) => inner.Read(offsetBytes, destination);

    public MediumResult Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        MediumResult result = inner.Write(offsetBytes, source);
        if (result == MediumResult.Ok)
        {
            trace.Write(offsetBytes, source);
        }

        return result;
    }

    public MediumResult Zero(long offsetBytes, long lengthBytes)
    {
        MediumResult result = inner.Zero(offsetBytes, lengthBytes);
        if (result == MediumResult.Ok)
        {
            trace.Zero(offsetBytes, lengthBytes);
        }

        return result;
    }

    public MediumResult Persist(long offsetBytes, long lengthBytes)
    {
        MediumResult result = inner.Persist(offsetBytes, lengthBytes);
        if (result == MediumResult.Ok)
        {
            trace.Persist(offsetBytes, lengthBytes);
        }

        return result;
    }

    public MediumResult Flush()
    {
        MediumResult result = inner.Flush();
        if (result == MediumResult.Ok)
        {
            trace.Flush();
        }

        return result;
    }

    public void Dispose() => inner.Dispose();
}
