using System.Runtime.InteropServices;
using RedLeafSharp.Native;

namespace RedLeafSharp.Machine.Media;

/// <summary>A medium in anonymous memory. Sparse: a page takes memory from its first write to its zeroing.</summary>
internal sealed unsafe partial class MemoryMedium : IMedium
{
    private const int DontNeed = 4;
    private const int PageBytes = 4096;

    private byte* bytes;

    /// <exception cref="IOException">The system has no address space left.</exception>
    internal MemoryMedium(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        LengthBytes = lengthBytes;
        void* mapped = Linux.Map(
            null,
            (nuint)lengthBytes,
            Linux.ProtectionRead | Linux.ProtectionWrite,
            Linux.MapPrivate | Linux.MapAnonymous | Linux.MapNoReserve,
            -1,
            0);
        if (mapped == (void*)-1)
        {
            throw new IOException($"memory disk: mmap of {lengthBytes} bytes failed, errno {Marshal.GetLastPInvokeError()}");
        }

        bytes = (byte*)mapped;
    }

    public long LengthBytes { get; }

    public bool IsReadOnly => false;

    public bool HasVolatileCache => false;

    public MediumResult Read(long offsetBytes, Span<byte> destination)
    {
        At(offsetBytes, destination.Length).CopyTo(destination);
        return MediumResult.Ok;
    }

    public MediumResult Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        source.CopyTo(At(offsetBytes, source.Length));
        return MediumResult.Ok;
    }

    public MediumResult Zero(long offsetBytes, long lengthBytes)
    {
        long firstPage = (offsetBytes + PageBytes - 1) & -PageBytes;
        long end = offsetBytes + lengthBytes;
        long endPage = end & -PageBytes;
        if (endPage <= firstPage)
        {
            At(offsetBytes, (int)lengthBytes).Clear();
            return MediumResult.Ok;
        }

        At(offsetBytes, (int)(firstPage - offsetBytes)).Clear();
        At(endPage, (int)(end - endPage)).Clear();

        // SAFETY: whole pages inside the mapping; private anonymous pages read as zero after MADV_DONTNEED (madvise(2)).
        return Advise(bytes + firstPage, (nuint)(endPage - firstPage), DontNeed) == 0
            ? MediumResult.Ok
            : MediumResult.WriteError;
    }

    public MediumResult Persist(long offsetBytes, long lengthBytes) => MediumResult.Ok;

    public MediumResult Flush() => MediumResult.Ok;

    public void Dispose()
    {
        if (bytes != null)
        {
            _ = Linux.Unmap(bytes, (nuint)LengthBytes);
            bytes = null;
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(void* address, nuint lengthBytes, int advice);

    private Span<byte> At(long offsetBytes, int lengthBytes)
    {
        // SAFETY: the range is checked against the mapping, which lives until Dispose clears the pointer.
        if (bytes == null || (ulong)offsetBytes > (ulong)LengthBytes || lengthBytes > LengthBytes - offsetBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offsetBytes));
        }

        return new Span<byte>(bytes + offsetBytes, lengthBytes);
    }
}
