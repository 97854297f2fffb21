using System.ComponentModel;
using System.Runtime.InteropServices;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Cli.Host;

namespace RedLeafSharp.Cli.Fuse;

/// <summary>
/// A connection to Linux's FUSE: /dev/fuse opened, and mounted at a directory of the host (fuse(4); Linux:
/// Documentation/filesystems/fuse). Requests are read from it and replies written to it, one message each.
/// </summary>
internal sealed class FuseDevice : IDisposable
{
    // Errors of Linux's own that no program of the system gets to see.
    internal const int TryAgain = 11;
    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int NoDevice = 19;
    private const int NotPermitted = 1;
    private const int Busy = 16;
    private const int NotDirectory = 20;
    private const int NotConnected = 107;

    private const int ReadWrite = 2; // O_RDWR
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int DirectoryOnly = 0x10000; // O_DIRECTORY
    private const nuint NoSetIds = 2; // MS_NOSUID
    private const nuint NoDevices = 4; // MS_NODEV
    private const int DetachNow = 2; // MNT_DETACH
    private const int SetFlags = 4; // F_SETFL

    private readonly Lock closing = new();
    private bool isClosed;

    private readonly bool isByHelper;

    private FuseDevice(int descriptor, string mountPoint, bool isByHelper = false)
    {
        Descriptor = descriptor;
        MountPoint = mountPoint;
        this.isByHelper = isByHelper;
    }

    internal int Descriptor { get; }

    internal string MountPoint { get; }

    /// <summary>Mounts; requests can be read from then on.</summary>
    /// <exception cref="CommandFailure">The mount point is no free directory, or the host does not allow it.</exception>
    internal static FuseDevice Mount(string folder)
    {
        string mountPoint = CheckMountPoint(folder);
        if (!Environment.IsPrivilegedProcess && MountHelper.IsThere)
        {
            return MountByHelper(mountPoint);
        }

        int descriptor = Open("/dev/fuse", ReadWrite | NonBlocking | CloseOnExec);
        if (descriptor < 0)
        {
            throw new CommandFailure($"/dev/fuse: {LastError()}: the host must have FUSE; mounting needs root, or fusermount3 (package fuse3)");
        }

        // Linux checks permissions by the attributes it is told: it knows its users and their groups, the system does not.
        string options = $"fd={descriptor},rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other";
        if (MountAt("redleaf", mountPoint, "fuse.redleaf", NoSetIds | NoDevices, options) == 0)
        {
            return new FuseDevice(descriptor, mountPoint);
        }

        string reason = Marshal.GetLastPInvokeError() == NotPermitted ? "mounting needs root (CAP_SYS_ADMIN), or fusermount3 (package fuse3)" : LastError();
        _ = Close(descriptor);
        throw new CommandFailure($"{folder}: {reason}");
    }

    /// <summary>
    /// Mounts for an ordinary user. Linux checks no permissions then, and lets nobody else in: the image is the user's, who may do
    /// everything with it, whosever its files are.
    /// </summary>
    private static FuseDevice MountByHelper(string mountPoint)
    {
        int descriptor = MountHelper.Mount(mountPoint);
        if (Control(descriptor, SetFlags, ReadWrite | NonBlocking) == 0)
        {
            return new FuseDevice(descriptor, mountPoint, isByHelper: true);
        }

        string reason = LastError();
        _ = MountHelper.TryUnmount(mountPoint, detaches: true);
        _ = Close(descriptor);
        throw new CommandFailure($"{mountPoint}: {reason}");
    }

    /// <summary>Looks whether a folder of the host can be mounted at.</summary>
    /// <returns>Its full path.</returns>
    /// <exception cref="CommandFailure">It cannot.</exception>
    internal static string CheckMountPoint(string folder)
    {
        string mountPoint = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        HostFile own;
        HostFile parent;
        try
        {
            own = HostFile.Read(mountPoint + "/.");
            parent = HostFile.Read(mountPoint + "/..");
        }
        catch (IOException)
        {
            throw new CommandFailure(
                Marshal.GetLastPInvokeError() switch
                {
                    NoEntry => $"no such directory: {mountPoint}",
                    NotDirectory => $"{mountPoint} is not a directory",
                    NotConnected => $"{mountPoint} is left over from a mount whose server has ended: umount it first",
                    _ => $"{mountPoint}: {LastError()}",
                },
                ExitCode.Usage);
        }

        return own.Device == parent.Device && own.Inode != parent.Inode
            ? mountPoint
            : throw new CommandFailure($"{mountPoint} is busy: something is mounted there already", ExitCode.Usage);
    }

    /// <summary>Reads a request.</summary>
    /// <returns>Its length, or a negative errno: <see cref="TryAgain"/> when there is none, <see cref="NoDevice"/> at the end.</returns>
    internal int Read(byte[] request)
    {
        nint length = Read(Descriptor, ref request[0], request.Length);
        return length >= 0 ? (int)length : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Writes a reply.</summary>
    /// <returns>0 or a negative errno: <see cref="NoEntry"/> when the request has been given up.</returns>
    internal int Write(byte[] reply, int lengthBytes) =>
        Write(Descriptor, ref reply[0], lengthBytes) == lengthBytes ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>
    /// Takes the mount away. When the host's programs still use it, what they have written is made to reach the system first, and the
    /// directory is free at once; they get errors as soon as the connection is closed.
    /// </summary>
    /// <returns>Whether the mount is gone altogether: nobody used it.</returns>
    internal bool Unmount()
    {
        if (isByHelper ? MountHelper.TryUnmount(MountPoint, detaches: false) : Unmount(MountPoint, 0) == 0)
        {
            return true;
        }

        if (!isByHelper && Marshal.GetLastPInvokeError() != Busy)
        {
            return false; // unmounted by somebody else
        }

        int root = Open(MountPoint, DirectoryOnly | CloseOnExec);
        if (root >= 0)
        {
            _ = SyncFileSystem(root);
            _ = Close(root);
        }

        _ = isByHelper ? MountHelper.TryUnmount(MountPoint, detaches: true) : Unmount(MountPoint, DetachNow) == 0;
        return false;
    }

    /// <summary>Ends the connection. No thread may be in <see cref="Read(byte[])"/> or <see cref="Write(byte[], int)"/> any more.</summary>
    public void Dispose()
    {
        lock (closing)
        {
            if (!isClosed)
            {
                isClosed = true;
                _ = Close(Descriptor);
            }
        }
    }

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    private static extern nint Read(int descriptor, ref byte data, nint length);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern nint Write(int descriptor, ref byte data, nint length);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int Control(int descriptor, int command, nint argument);

    [DllImport("libc", EntryPoint = "mount", SetLastError = true)]
    private static extern int MountAt(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string source,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string target,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string type,
        nuint flags,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string options);

    [DllImport("libc", EntryPoint = "umount2", SetLastError = true)]
    private static extern int Unmount([MarshalAs(UnmanagedType.LPUTF8Str)] string target, int flags);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static extern int SyncFileSystem(int descriptor);
}
