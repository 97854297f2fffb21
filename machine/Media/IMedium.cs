namespace RedLeafSharp.Machine.Media;

/// <summary>Where a simulated disk keeps its bytes. Used by one thread at a time.</summary>
internal interface IMedium : IDisposable
{
    long LengthBytes { get; }

    bool IsReadOnly { get; }

    /// <summary>Whether written bytes may be lost with the power until <see cref="Flush"/> or <see cref="Persist"/>.</summary>
    bool HasVolatileCache { get; }

    MediumResult Read(long offsetBytes, Span<byte> destination);

    MediumResult Write(long offsetBytes, ReadOnlySpan<byte> source);

    /// <summary>Sets a range to zero; the medium may give its space back.</summary>
    MediumResult Zero(long offsetBytes, long lengthBytes);

    /// <summary>Makes one range durable (force unit access).</summary>
    MediumResult Persist(long offsetBytes, long lengthBytes);

    /// <summary>Makes everything durable.</summary>
    MediumResult Flush();
}

/// <summary>How a medium answers.</summary>
internal enum MediumResult
{
    Ok,
    ReadError,
    WriteError,
}
