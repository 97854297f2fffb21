namespace RedLeafSharp.Machine.Media;

/// <summary>The content of a disk at one moment. It never changes; media made of it share its pages.</summary>
/// <param name="lengthBytes">Size of the disk, a multiple of <see cref="PageBytes"/>.</param>
/// <param name="pages">Its pages; null for zeros. Not to be written to any more.</param>
internal sealed class DiskSnapshot(long lengthBytes, byte[]?[] pages)
{
    internal const int PageBytes = 4096;

    internal long LengthBytes => lengthBytes;

    internal ReadOnlySpan<byte[]?> Pages => pages;

    /// <summary>A disk of zeros.</summary>
    internal static DiskSnapshot Empty(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(lengthBytes % PageBytes, 0);
        return new DiskSnapshot(lengthBytes, new byte[]?[lengthBytes / PageBytes]);
    }

    /// <summary>Writes the disk out, for tools of the host.</summary>
    internal void WriteTo(Stream stream)
    {
        stream.SetLength(lengthBytes);
        for (int page = 0; page < pages.Length; page++)
        {
            if (pages[page] is { } content)
            {
                stream.Position = (long)page * PageBytes;
                stream.Write(content);
            }
        }
    }
}
