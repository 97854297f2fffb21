using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Host;

/// <summary>
/// Copies a tree of the host into the system: directories, regular files, symbolic and hard links, with permissions and times.
/// Owners become user 0: the host's users mean nothing inside. Sockets, FIFOs and device nodes are refused.
/// </summary>
internal readonly ref struct TreeImport
{
    /// <summary>Large enough that the way through the domains is paid seldom.</summary>
    internal const int TransferBytes = 256 * 1024;

    private readonly GuestFiles files;
    private readonly byte[] buffer = new byte[TransferBytes];
    private readonly Dictionary<(ulong Device, ulong Inode), string> linked = [];

    internal TreeImport(GuestFiles files) => this.files = files;

    /// <summary>Copies what is in a folder of the host into a folder of the system, which is made if it is not there.</summary>
    internal TreeSize Copy(string hostFolder, string folder)
    {
        if (!files.Exists(folder))
        {
            files.MakeDirectory(folder, Convert.ToUInt32("755", 8));
        }

        TreeSize size = default;
        foreach (string path in Directory.EnumerateFileSystemEntries(hostFolder).Order(StringComparer.Ordinal))
        {
            if (path.Contains('\uFFFD') && !Path.Exists(path))
            {
                throw new CommandFailure($"{path}: the name is not UTF-8");
            }

            size += CopyEntry(HostFile.Read(path), GuestFiles.Combine(folder, Path.GetFileName(path)));
        }

        return size;
    }

    private TreeSize CopyEntry(HostFile source, string path)
    {
        if (source.Type != FileType.Directory)
        {
            files.Replace(path); // never written through: it may be a link to something else
        }

        switch (source.Type)
        {
            case FileType.Directory:
                TreeSize size = Copy(source.Path, path);
                files.SetAttributes(path, source.Mode, source.ModificationTime, isLink: false);
                return size;
            case FileType.Regular when source.LinkCount > 1 && linked.TryGetValue(source.Identity, out string? first):
                files.Link(first, path);
                return new TreeSize(1, 0);
            case FileType.Regular:
                return CopyFile(source, path);
            case FileType.SymbolicLink:
                files.MakeSymbolicLink(new FileInfo(source.Path).LinkTarget!, path);
                files.SetAttributes(path, source.Mode, source.ModificationTime, isLink: true);
                return new TreeSize(1, 0);
            default:
                throw new CommandFailure($"{source.Path}: a {source.Type} cannot be imported");
        }
    }

    private TreeSize CopyFile(HostFile source, string path)
    {
        const OpenFlags Anew = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate;
        long copied = 0;
        int descriptor = files.Open(path, Anew, Convert.ToUInt32("600", 8));
        using (FileStream input = new(source.Path, new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite }))
        {
            while (input.Read(buffer) is var length and > 0)
            {
                files.Write(path, descriptor, buffer.AsSpan(0, length));
                copied += length;
            }
        }

        files.Close(descriptor);
        files.SetAttributes(path, source.Mode, source.ModificationTime, isLink: false);
        linked[source.Identity] = path;
        return new TreeSize(1, copied);
    }
}

/// <summary>How much a tree holds, directories not counted.</summary>
internal readonly record struct TreeSize(int FileCount, long Bytes)
{
    public static TreeSize operator +(TreeSize left, TreeSize right) =>
        new(left.FileCount + right.FileCount, left.Bytes + right.Bytes);
}
