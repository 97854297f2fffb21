using System.Reflection.PortableExecutable;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Refuses what the rewriter cannot read: what is no managed image, and images with native code in them.
/// </summary>
internal static class ImageCheck
{
    /// <exception cref="ImageException">The image is not a plain IL image.</exception>
    internal static void ThrowUnlessPlainIL(byte[] image, string file)
    {
        try
        {
            using var reader = new PEReader(new MemoryStream(image, writable: false));
            if (Objection(reader) is string objection)
            {
                throw new ImageException(file, objection);
            }
        }
        catch (Exception exception) when (exception is BadImageFormatException or InvalidOperationException or IOException)
        {
            throw new ImageException(file, $"not a managed image ({exception.Message})", exception);
        }
    }

    private static string? Objection(PEReader reader)
    {
        if (!reader.HasMetadata || reader.PEHeaders.CorHeader is not CorHeader header)
        {
            return "not a managed image";
        }

        if (header.ManagedNativeHeaderDirectory.Size != 0)
        {
            return "a ReadyToRun image: domains are loaded as IL only, publish without PublishReadyToRun";
        }

        return (header.Flags & CorFlags.ILOnly) == 0 ? "a mixed-mode image: domains are loaded as IL only" : null;
    }
}
