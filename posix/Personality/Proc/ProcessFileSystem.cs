using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// /proc: files that are made up when they are read. An inode number is a process id, or 0 for the whole system, shifted left
/// by <see cref="EntryBits"/>, and which of <see cref="ProcessEntry"/> it is.
/// </summary>
/// <remarks>The methods are called within the personality, so the caller of the context is the process that looks.</remarks>
internal sealed class ProcessFileSystem(PersonalityState state) : SyntheticFileSystem
{
    private const int EntryBits = 8;
    private const uint DirectoryMode = FileMode.Directory | 0x16D;
    private const uint FileModeBits = FileMode.Regular | 0x124;
    private const uint LinkMode = FileMode.SymbolicLink | 0x1FF;

    private readonly ProcessReports reports = new(state);

    public override Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        int id = ProcessOf(directory);
        if (!ProcessEntries.IsDirectory(EntryOf(directory)))
        {
            return Errno.NotDirectory;
        }

        if (name.SequenceEqual("."u8))
        {
            return GetAttributes(context, directory);
        }

        if (name.SequenceEqual(".."u8))
        {
            return GetAttributes(context, RootInode);
        }

        if (id == 0 && TryParse(name, out int named) && state.Processes.TryFind(named, out _))
        {
            return GetAttributes(context, InodeOf(named, ProcessEntry.Directory));
        }

        ProcessEntry entry = ProcessEntries.Find(name, isOfProcess: id != 0);
        return entry == ProcessEntry.None ? Errno.NoEntry : GetAttributes(context, InodeOf(id, entry));
    }

    public override Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode)
    {
        int id = ProcessOf(inode);
        Process? process = null;
        if (id != 0 && !state.Processes.TryFind(id, out process))
        {
            return Errno.NoEntry;
        }

        ProcessEntry entry = EntryOf(inode);
        bool isDirectory = ProcessEntries.IsDirectory(entry);
        FileTime now = SystemCalls.TimeOf(context);
        return new FileAttributes
        {
            Inode = inode,
            Mode = isDirectory ? DirectoryMode : ProcessEntries.IsLink(entry) ? LinkMode : FileModeBits,
            LinkCount = isDirectory ? 2u : 1u,
            UserId = process?.Credentials.User.Effective ?? 0,
            GroupId = process?.Credentials.Group.Effective ?? 0,
            BlockBytes = Limits.PipeAtomicBytes,
            AccessTime = now,
            ModificationTime = now,
            ChangeTime = now,
        };
    }

    public override Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer)
    {
        Errno error = reports.TryWrite(context, ProcessOf(inode), EntryOf(inode), out byte[] text);
        if (error != Errno.None)
        {
            return error;
        }

        ReadOnlySpan<byte> rest = offset < (ulong)text.Length ? text.AsSpan((int)offset) : [];
        int length = Math.Min(buffer.Length, rest.Length);
        rest[..length].CopyTo(buffer);
        return length;
    }

    public override Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target)
    {
        Errno error = reports.TryWrite(context, ProcessOf(inode), EntryOf(inode), out byte[] text);
        if (error != Errno.None)
        {
            return error;
        }

        int length = Math.Min(target.Length, text.Length);
        text.AsSpan(0, length).CopyTo(target);
        return length;
    }

    /// <summary>First the entries of the table, then the processes; their cookies are the ids behind the table.</summary>
    public override Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer)
    {
        int id = ProcessOf(directory);
        if (!ProcessEntries.IsDirectory(EntryOf(directory)))
        {
            return Errno.NotDirectory;
        }

        int written = 0;
        string[] names = ProcessEntries.NamesOf(isOfProcess: id != 0);
        for (int place = (int)Math.Min(cookie, (ulong)names.Length); place < names.Length; place++)
        {
            byte[] name = Ascii.ToBytes(names[place]);
            FileAttributes file = Lookup(context, directory, name).Value;
            int length = DirectoryEntry.Write(
                buffer[written..], file.Inode, (ulong)place + 1, FileMode.ToFileType(file.Mode), name);
            if (length == 0)
            {
                return written > 0 ? written : Errno.InvalidArgument;
            }

            written += length;
        }

        return id == 0 ? ListProcesses(cookie, (ulong)names.Length, buffer, written) : written;
    }

    private Reply<int, Errno> ListProcesses(ulong cookie, ulong tableLength, Span<byte> buffer, int written)
    {
        int after = cookie > tableLength ? (int)Math.Min(cookie - tableLength, Limits.ProcessIdMax) : 0;
        Process? process = state.Processes.Next(after);
        while (process is not null)
        {
            int length = DirectoryEntry.Write(
                buffer[written..],
                InodeOf(process.Id, ProcessEntry.Directory),
                tableLength + (ulong)process.Id,
                FileType.Directory,
                Ascii.ToBytes($"{process.Id}"));
            if (length == 0)
            {
                return written > 0 ? written : Errno.InvalidArgument;
            }

            written += length;
            process = state.Processes.Next(process.Id);
        }

        return written;
    }

    private static int ProcessOf(ulong inode) => (int)(inode >> EntryBits);

    private static ProcessEntry EntryOf(ulong inode) => (ProcessEntry)(inode & ((1 << EntryBits) - 1));

    private static ulong InodeOf(int process, ProcessEntry entry) => ((ulong)process << EntryBits) | (ulong)entry;

    private static bool TryParse(ReadOnlySpan<byte> name, out int number) =>
        int.TryParse(Ascii.ToText(name), out number) && number > 0 && name[0] is >= (byte)'1' and <= (byte)'9';
}
