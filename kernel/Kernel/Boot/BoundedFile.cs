using RedLeafSharp.Native;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>
/// Files that a domain's author has written, read whole but only up to a bound, and only if they are files: what a name leads to may be
/// a pipe that nobody writes to, or a device that never ends.
/// </summary>
internal static class BoundedFile
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Reads a file.</summary>
    /// <exception cref="BootException">It is longer than <paramref name="bytesMax"/>.</exception>
    /// <exception cref="IOException">It cannot be read, or is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    internal static byte[] Read(string path, long bytesMax)
    {
        using var file = new FileStream(PlainFile.OpenForReading(path), FileAccess.Read, ChunkBytes);
        if (file.Length > bytesMax)
        {
            throw TooLong(path, bytesMax);
        }

        // It may grow meanwhile.
        var content = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        while (file.Read(chunk) is var length and > 0)
        {
            content.Write(chunk, 0, length);
            if (content.Length > bytesMax)
            {
                throw TooLong(path, bytesMax);
            }
        }

        return content.ToArray();
    }

    private static BootException TooLong(string path, long bytesMax) => new($"{path}: longer than {bytesMax} bytes");
}
