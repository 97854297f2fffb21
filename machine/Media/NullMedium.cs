namespace RedLeafSharp.Machine.Media;

/// <summary>Moves no data, for measuring everything else: reads leave the buffer as it is, writes are forgotten.</summary>
internal sealed class NullMedium(long lengthBytes) : IMedium
{
    public long LengthBytes => lengthBytes;

    public bool IsReadOnly => false;

    public bool HasVolatileCache => false;

    public MediumResult Read(long offsetBytes, Span<byte> destination) => MediumResult.Ok;

    public MediumResult Write(long offsetBytes, ReadOnlySpan<byte> source) => MediumResult.Ok;

    public MediumResult Zero(long offsetBytes, long lengthBytes) => MediumResult.Ok;

    public MediumResult Persist(long offsetBytes, long lengthBytes) => MediumResult.Ok;

    public MediumResult Flush() => MediumResult.Ok;

    public void Dispose()
    {
    }
}
