using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RedLeafSharp.Native;

/// <summary>
/// Opens files whose names an author of domains chose. What such a name leads to may be a pipe, whose opening waits for a writer, or a
/// device: neither is opened in the way of .NET, which waits.
/// </summary>
internal static unsafe class PlainFile
{
    /// <summary>Offset of stx_mode in struct statx, which is the same on every architecture (statx(2)).</summary>
    private const int ModeOffset = 28;
    private const int StatBytes = 256;
    private const int TypeMask = 0xf000;
    private const int RegularType = 0x8000;

    private const int NoEntry = 2;
    private const int AccessDenied = 13;

    /// <summary>Opens a regular file for reading. Never waits.</summary>
    /// <exception cref="IOException">There is none of this name, or it is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    internal static SafeFileHandle OpenForReading(string path)
    {
        int descriptor = Linux.Open(path, Linux.OpenReadOnly | Linux.OpenNonBlocking | Linux.OpenCloseOnExec);
        if (descriptor < 0)
        {
            throw Refused(path, Marshal.GetLastPInvokeError());
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (IsRegular(descriptor))
        {
            return handle;
        }

        handle.Dispose();
        throw new IOException($"{path} is no regular file");
    }

    private static bool IsRegular(int descriptor)
    {
        Span<byte> stat = stackalloc byte[StatBytes];

        // SAFETY: the kernel writes one struct statx, 256 bytes, into a buffer of that size on this frame.
        fixed (byte* start = stat)
        {
            return Linux.Stat(descriptor, string.Empty, Linux.StatEmptyPath, Linux.StatType, start) == 0
                && (MemoryMarshal.Read<ushort>(stat[ModeOffset..]) & TypeMask) == RegularType;
        }
    }

    private static Exception Refused(string path, int error) => error switch
    {
        NoEntry => new FileNotFoundException($"there is no file '{path}'"),
        AccessDenied => new UnauthorizedAccessException($"'{path}' may not be read"),
        _ => new IOException($"'{path}': {Marshal.GetPInvokeErrorMessage(error)}"),
    };
}
