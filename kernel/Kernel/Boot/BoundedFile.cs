namespace RedLeafSharp.Kernel.Boot;

/// <summary>
/// Files that a domain's author has written, read whole but only up to a bound: what a name leads to may be a device that
/// never ends, and its length says nothing then.
/// </summary>
internal static class BoundedFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="BootException">It is longer than <paramref name="bytesMax"/>.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    internal static byte[] Read(string path, long bytesMax)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        var content = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (file.Read(chunk) is var length and > 0)
        {
            content.Write(chunk, 0, length);
            if (content.Length > bytesMax)
            {
                throw new BootException($"{path}: longer than {bytesMax} bytes");
            }
        }

        return content.ToArray();
    }
}
