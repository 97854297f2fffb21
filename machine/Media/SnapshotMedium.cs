namespace RedLeafSharp.Machine.Media;

/// <summary>A medium that begins as a snapshot and copies a page when it is first written to: made and thrown away in microseconds.</summary>
internal sealed class SnapshotMedium : IMedium
{
    private const int PageBytes = DiskSnapshot.PageBytes;

    private readonly byte[]?[] pages;
    private readonly bool[] isOwn;

    internal SnapshotMedium(DiskSnapshot start)
    {
        LengthBytes = start.LengthBytes;
        pages = start.Pages.ToArray();
        isOwn = new bool[pages.Length];
    }

    public long LengthBytes { get; }

    public bool IsReadOnly => false;

    public bool HasVolatileCache => false;

    /// <summary>What it holds now. Later writes do not change the snapshot.</summary>
    internal DiskSnapshot Take()
    {
        Array.Clear(isOwn);
        return new DiskSnapshot(LengthBytes, [.. pages]);
    }

    public MediumResult Read(long offsetBytes, Span<byte> destination)
    {
        Check(offsetBytes, destination.Length);
        while (!destination.IsEmpty)
        {
            (int page, int start) = ((int)(offsetBytes / PageBytes), (int)(offsetBytes % PageBytes));
            int count = Math.Min(PageBytes - start, destination.Length);
            if (pages[page] is { } content)
            {
                content.AsSpan(start, count).CopyTo(destination);
            }
            else
            {
                destination[..count].Clear();
            }

            destination = destination[count..];
            offsetBytes += count;
        }

        return MediumResult.Ok;
    }

    public MediumResult Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        Check(offsetBytes, source.Length);
        while (!source.IsEmpty)
        {
            int start = (int)(offsetBytes % PageBytes);
            int count = Math.Min(PageBytes - start, source.Length);
            source[..count].CopyTo(OwnPage((int)(offsetBytes / PageBytes)).AsSpan(start));
            source = source[count..];
            offsetBytes += count;
        }

        return MediumResult.Ok;
    }

    public MediumResult Zero(long offsetBytes, long lengthBytes)
    {
        Check(offsetBytes, lengthBytes);
        while (lengthBytes > 0)
        {
            (int page, int start) = ((int)(offsetBytes / PageBytes), (int)(offsetBytes % PageBytes));
            int count = (int)Math.Min(PageBytes - start, lengthBytes);
            if (count == PageBytes)
            {
                (pages[page], isOwn[page]) = (null, false);
            }
            else if (pages[page] is not null)
            {
                OwnPage(page).AsSpan(start, count).Clear();
            }

            offsetBytes += count;
            lengthBytes -= count;
        }

        return MediumResult.Ok;
    }

    public MediumResult Persist(long offsetBytes, long lengthBytes) => MediumResult.Ok;

    public MediumResult Flush() => MediumResult.Ok;

    public void Dispose()
    {
    }

    private byte[] OwnPage(int page)
    {
        byte[]? content = pages[page];
        if (content is null || !isOwn[page])
        {
            byte[] own = new byte[PageBytes];
            content?.CopyTo(own, 0);
            (pages[page], isOwn[page]) = (own, true);
            return own;
        }

        return content;
    }

    private void Check(long offsetBytes, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offsetBytes, (ulong)LengthBytes, nameof(offsetBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, LengthBytes - offsetBytes);
    }
}
