using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Tmpfs;

/// <content>The data of regular files, and targets of links.</content>
internal sealed partial class TmpFileSystem
{
    public Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer)
    {
        Errno error = FindRegular(inode, out TmpInode file);
        if (error != Errno.None)
        {
            return error;
        }

        ulong size = file.Attributes.SizeBytes;
        int length = offset >= size ? 0 : (int)Math.Min((ulong)buffer.Length, size - offset);
        if (length > 0)
        {
            file.Data.Read(offset, buffer[..length]);
        }

        if (buffer.Length > 0)
        {
            NoteAccess(context, file);
        }

        return length;
    }

    public Reply<int, Errno> LendPages(CallContext context, ulong inode, ulong offset, int lengthBytes, Span<PageRange> ranges) =>
        Errno.NotSupported;

    public Reply<Unit, Errno> ReturnPages(CallContext context, ReadOnlySpan<PageRange> ranges) => Errno.NotSupported;

    public Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data)
    {
        Errno error = FindRegular(inode, out TmpInode file);
        if (error != Errno.None)
        {
            return error;
        }

        if (data.Length == 0)
        {
            return 0;
        }

        if (offset > TmpfsLimits.FileBytesMax - (ulong)data.Length)
        {
            return Errno.FileTooLarge;
        }

        int written = file.Data.Write(offset, data);
        if (written == 0)
        {
            return Errno.NoSpace;
        }

        NoteChange(context, file, offset + (ulong)written);
        return written;
    }

    public Reply<Unit, Errno> Allocate(CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes)
    {
        Errno error = FindRegular(inode, out TmpInode file);
        bool keepsSize = (modes & AllocationModes.KeepSize) != 0;
        bool punches = (modes & AllocationModes.PunchHole) != 0;
        bool zeroes = (modes & AllocationModes.ZeroRange) != 0;
        const AllocationModes Known = AllocationModes.KeepSize | AllocationModes.PunchHole | AllocationModes.ZeroRange;
        error = error != Errno.None ? error
            : length == 0 ? Errno.InvalidArgument
            : offset > TmpfsLimits.FileBytesMax || length > TmpfsLimits.FileBytesMax - offset ? Errno.FileTooLarge
            : (modes & ~Known) != 0 || (punches && (!keepsSize || zeroes)) ? Errno.NotSupported
            : Errno.None;
        if (error != Errno.None)
        {
            return error;
        }

        ulong end = offset + length;
        if (punches || zeroes)
        {
            file.Data.Clear(offset, end);
        }

        if (!punches && !file.Data.TryReserve(offset, end))
        {
            return Errno.NoSpace;
        }

        NoteChange(context, file, keepsSize ? 0 : end);
        return default(Unit);
    }

    public Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset) => Seek(inode, offset, isData: true);

    public Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset) => Seek(inode, offset, isData: false);

    public Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target)
    {
        Errno error = Find(inode, out TmpInode link);
        if (error != Errno.None || link.Type != FileMode.SymbolicLink)
        {
            return error != Errno.None ? error : Errno.InvalidArgument;
        }

        int length = Math.Min(target.Length, link.Target.Length);
        link.Target.AsSpan(0, length).CopyTo(target);
        NoteAccess(context, link);
        return length;
    }

    private Reply<ulong, Errno> Seek(ulong inode, ulong offset, bool isData)
    {
        Errno error = FindRegular(inode, out TmpInode file);
        if (error != Errno.None || offset >= file.Attributes.SizeBytes)
        {
            return error != Errno.None ? error : Errno.NoDeviceOrAddress;
        }

        long page = file.Data.Find((long)(offset >> TmpfsLimits.PageShift), isData);
        ulong found = Math.Max((ulong)page << TmpfsLimits.PageShift, offset);
        return page >= 0 && found < file.Attributes.SizeBytes ? found
            : isData ? Errno.NoDeviceOrAddress
            : file.Attributes.SizeBytes;
    }

    private Errno FindRegular(ulong inode, out TmpInode file)
    {
        Errno error = Find(inode, out file);
        return error != Errno.None ? error
            : file.IsRegular ? Errno.None
            : file.IsDirectory ? Errno.IsDirectory
            : Errno.InvalidArgument;
    }

    private static void Resize(TmpInode file, ulong size)
    {
        if (size < file.Attributes.SizeBytes)
        {
            file.Data.Truncate(size);
        }

        file.Attributes.SizeBytes = size;
    }

    /// <summary>As Linux's relatime: a time of access is renewed when it is older than the last change, or than a day.</summary>
    private static void NoteAccess(CallContext context, TmpInode file)
    {
        FileTime now = Now(context);
        ref FileAttributes attributes = ref file.Attributes;
        bool isStale = IsBefore(attributes.AccessTime, attributes.ModificationTime)
            || IsBefore(attributes.AccessTime, attributes.ChangeTime)
            || attributes.AccessTime.Seconds + TmpfsLimits.AccessTimeSeconds <= now.Seconds;
        attributes.AccessTime = isStale ? now : attributes.AccessTime;
    }

    private static bool IsBefore(FileTime one, FileTime other) =>
        one.Seconds < other.Seconds || (one.Seconds == other.Seconds && one.Nanoseconds <= other.Nanoseconds);

    private static void NoteChange(CallContext context, TmpInode file, ulong end)
    {
        ref FileAttributes attributes = ref file.Attributes;
        attributes.SizeBytes = Math.Max(attributes.SizeBytes, end);
        attributes.ModificationTime = Now(context);
        attributes.ChangeTime = attributes.ModificationTime;
    }
}
