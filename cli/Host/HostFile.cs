using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Host;

/// <summary>
/// What lstat knows of a file of the host. The framework's own types tell neither a FIFO from a regular file nor one hard
/// link from two, and cut times off at 100 ns; hence four calls of Linux.
/// </summary>
internal readonly record struct HostFile(
    string Path, uint Mode, ulong Device, ulong Inode, uint LinkCount, long SizeBytes, FileTime ModificationTime)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS
    private const long OmitTime = (1L << 30) - 2; // UTIME_OMIT

    // struct statx, the same on all architectures: linux/stat.h.
    private const int StatxBytes = 256;
    private const int LinkCountOffset = 16;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int SizeOffset = 40;
    private const int ModificationTimeOffset = 112;
    private const int DeviceOffset = 136;

    internal FileType Type => Contracts.FileMode.ToFileType(Mode);

    /// <summary>Names the same file under all its names.</summary>
    internal (ulong Device, ulong Inode) Identity => (Device, Inode);

    /// <exception cref="IOException">There is no such file, or it cannot be looked at.</exception>
    internal static HostFile Read(string path)
    {
        var buffer = new byte[StatxBytes];
        if (Statx(CurrentDirectory, path, NoFollow, BasicStats, buffer) != 0)
        {
            throw LastError(path);
        }

        return new HostFile(
            path,
            BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(ModeOffset)),
            BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(DeviceOffset)),
            BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(InodeOffset)),
            BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(LinkCountOffset)),
            BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(SizeOffset)),
            new FileTime
            {
                Seconds = BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(ModificationTimeOffset)),
                Nanoseconds = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(ModificationTimeOffset + sizeof(long))),
            });
    }

    /// <summary>Sets the time of a file, or of a symbolic link itself.</summary>
    internal static void SetModificationTime(string path, FileTime time)
    {
        long[] accessAndModification = [0, OmitTime, time.Seconds, time.Nanoseconds];
        if (SetTimes(CurrentDirectory, path, accessAndModification, NoFollow) != 0)
        {
            throw LastError(path);
        }
    }

    /// <summary>Sets the permission bits, set-id and sticky included.</summary>
    internal static void SetPermissions(string path, uint mode)
    {
        if (ChangeMode(path, mode & Contracts.FileMode.PermissionMask) != 0)
        {
            throw LastError(path);
        }
    }

    /// <summary>Gives a file a second name.</summary>
    internal static void Link(string path, string newPath)
    {
        if (MakeLink(path, newPath) != 0)
        {
            throw LastError(newPath);
        }
    }

    private static IOException LastError(string path) =>
        new($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int Statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] buffer);

    [DllImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    private static extern int SetTimes(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, long[] times, int flags);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int MakeLink(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path, [MarshalAs(UnmanagedType.LPUTF8Str)] string newPath);

    [DllImport("libc", EntryPoint = "chmod", SetLastError = true)]
    private static extern int ChangeMode([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
