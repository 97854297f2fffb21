using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>/dev: names for the devices that there are. The inode number of a name is its place in the table.</summary>
internal sealed class DeviceFileSystem(FileTime startTime) : SyntheticFileSystem
{
    private const uint DirectoryMode = FileMode.Directory | 0x1ED;
    private const uint DeviceMode = FileMode.CharacterDevice | 0x1B6;
    private const ulong FirstDevice = RootInode + 1;

    // The names start behind "." and "..", so that a cookie is a place in the listing.
    private readonly string[] names = [".", "..", "null", "zero", "full", "random", "urandom", "tty", "console"];

    private readonly uint[] numbers =
    [
        0, 0, Devices.Null, Devices.Zero, Devices.Full, Devices.Random, Devices.Urandom, Devices.Terminal, Devices.Console,
    ];

    /// <summary>The inode of a device.</summary>
    public ulong InodeOf(uint number) => (ulong)(numbers.AsSpan().IndexOf(number) - 2) + FirstDevice;

    public override Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        if (directory != RootInode)
        {
            return Errno.NotDirectory;
        }

        for (int place = 0; place < names.Length; place++)
        {
            if (Ascii.IsEqual(name, names[place]))
            {
                return GetAttributes(context, InodeAt(place));
            }
        }

        return Errno.NoEntry;
    }

    public override Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode)
    {
        bool isRoot = inode == RootInode;
        return new FileAttributes
        {
            Inode = inode,
            Mode = isRoot ? DirectoryMode : DeviceMode,
            LinkCount = isRoot ? 2u : 1u,
            DeviceNumber = isRoot ? 0 : numbers[(int)(inode - FirstDevice) + 2],
            BlockBytes = Limits.PipeAtomicBytes,
            AccessTime = startTime,
            ModificationTime = startTime,
            ChangeTime = startTime,
        };
    }

    public override Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer)
    {
        if (directory != RootInode)
        {
            return Errno.NotDirectory;
        }

        int written = 0;
        for (int place = (int)Math.Min(cookie, (ulong)names.Length); place < names.Length; place++)
        {
            FileType type = place < 2 ? FileType.Directory : FileType.CharacterDevice;
            int length = DirectoryEntry.Write(
                buffer[written..], InodeAt(place), (ulong)place + 1, type, Ascii.ToBytes(names[place]));
            if (length == 0)
            {
                return written > 0 ? written : Errno.InvalidArgument;
            }

            written += length;
        }

        return written;
    }

    private static ulong InodeAt(int place) => place < 2 ? RootInode : (ulong)(place - 2) + FirstDevice;
}
