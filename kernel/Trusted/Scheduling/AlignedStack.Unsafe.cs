using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Native;

namespace RedLeafSharp.Scheduling;

/// <summary>
/// A stack of 64 MiB on a 64 MiB boundary: how much of it is left follows from the address of any local, without a load.
/// </summary>
/// <remarks>Memory is used only as it is touched; the lowest page is no memory at all, and catches what runs over.</remarks>
internal sealed unsafe class AlignedStack : IDisposable
{
    /// <summary>Size and alignment. Stack guards planted in domain code rely on both being this one power of two.</summary>
    internal const int SizeBytes = 64 << 20;

    private const int GuardBytes = 64 << 10;

    private void* lowest;

    /// <exception cref="OutOfMemoryException">The system gives no address space.</exception>
    internal AlignedStack()
    {
        // SAFETY: a reservation twice the size holds an aligned part; what lies before and behind it is given back, and
        // nothing else is mapped there yet.
        const int Flags = Linux.MapPrivate | Linux.MapAnonymous | Linux.MapNoReserve | Linux.MapStack;
        byte* reserved = (byte*)Linux.Map(null, 2 * (nuint)SizeBytes, Linux.ProtectionNone, Flags, -1, 0);
        if (reserved == (byte*)-1)
        {
            throw new OutOfMemoryException($"no address space for a stack, errno {Marshal.GetLastPInvokeError()}");
        }

        byte* aligned = (byte*)(((nuint)reserved + SizeBytes - 1) & ~((nuint)SizeBytes - 1));
        nuint before = (nuint)(aligned - reserved);
        Unmap(reserved, before);
        Unmap(aligned + SizeBytes, SizeBytes - before);
        lowest = aligned;
        int writable = Linux.ProtectionRead | Linux.ProtectionWrite;
        if (Linux.Protect(aligned + GuardBytes, SizeBytes - GuardBytes, writable) != 0)
        {
            Dispose();
            throw new OutOfMemoryException($"no memory for a stack, errno {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>The lowest usable address.</summary>
    internal void* Lowest => (byte*)lowest + GuardBytes;

    internal static nuint UsableBytes => SizeBytes - GuardBytes;

    /// <summary>What is left to the calling thread, which must run on such a stack.</summary>
    internal static int RemainingBytes
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        get
        {
            int local;
            return (int)((nuint)(&local) & (SizeBytes - 1)) - GuardBytes;
        }
    }

    /// <summary>Gives the memory back. No thread may run on the stack any more.</summary>
    public void Dispose()
    {
        if (lowest != null)
        {
            Unmap(lowest, SizeBytes);
            lowest = null;
        }
    }

    private static void Unmap(void* address, nuint lengthBytes)
    {
        if (lengthBytes > 0)
        {
            _ = Linux.Unmap(address, lengthBytes);
        }
    }
}
