using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RedLeafSharp.Machine.Media;

/// <summary>
/// A medium in a file of the host, byte for byte: what mkfs.ext4 makes can be opened, what is written can be loop-mounted.
/// A flush is fsync.
/// </summary>
internal sealed unsafe partial class FileMedium : IMedium
{
    private const int KeepSize = 1;
    private const int PunchHole = 2;

    /// <summary>For file systems that cannot punch holes, zeroes are written in pieces of this size.</summary>
    private static readonly byte[] Zeroes = new byte[64 << 10];

    private readonly SafeFileHandle file;

    /// <summary>Opens the file and locks it against a second machine.</summary>
    /// <exception cref="IOException">The file is not there, is locked, or is empty.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be opened this way.</exception>
    internal FileMedium(string path, bool isReadOnly = false)
    {
        IsReadOnly = isReadOnly;
        file = isReadOnly
            ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)
            : File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        try
        {
            LengthBytes = RandomAccess.GetLength(file);
        }
        catch (NotSupportedException)
        {
            file.Dispose();
            throw new IOException($"disk image {path} is a pipe or a terminal, not a file");
        }

        if (LengthBytes == 0)
        {
            file.Dispose();
            throw new IOException($"disk image {path} is empty");
        }
    }

    public long LengthBytes { get; }

    public bool IsReadOnly { get; }

    /// <summary>The page cache of the host is the volatile cache.</summary>
    public bool HasVolatileCache => true;

    public MediumResult Read(long offsetBytes, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int count = RandomAccess.Read(file, destination, offsetBytes);
                if (count == 0)
                {
                    return MediumResult.ReadError;
                }

                destination = destination[count..];
                offsetBytes += count;
            }

            return MediumResult.Ok;
        }
        catch (IOException)
        {
            return MediumResult.ReadError;
        }
    }

    public MediumResult Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(file, source, offsetBytes);
            return MediumResult.Ok;
        }
        catch (IOException)
        {
            return MediumResult.WriteError;
        }
    }

    public MediumResult Zero(long offsetBytes, long lengthBytes)
    {
        if (PunchHoleInto((int)file.DangerousGetHandle(), KeepSize | PunchHole, offsetBytes, lengthBytes) == 0)
        {
            return MediumResult.Ok;
        }

        var result = MediumResult.Ok;
        while (lengthBytes > 0 && result == MediumResult.Ok)
        {
            int count = (int)Math.Min(lengthBytes, Zeroes.Length);
            result = Write(offsetBytes, Zeroes.AsSpan(0, count));
            offsetBytes += count;
            lengthBytes -= count;
        }

        return result;
    }

    public MediumResult Persist(long offsetBytes, long lengthBytes) => Flush();

    public MediumResult Flush()
    {
        try
        {
            if (!IsReadOnly)
            {
                RandomAccess.FlushToDisk(file);
            }

            return MediumResult.Ok;
        }
        catch (IOException)
        {
            return MediumResult.WriteError;
        }
    }

    public void Dispose() => file.Dispose();

    // SAFETY: fallocate(2) takes no pointer; the descriptor is open until Dispose.
    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int PunchHoleInto(int descriptor, int mode, long offsetBytes, long lengthBytes);
}
