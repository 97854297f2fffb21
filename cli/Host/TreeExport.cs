using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Host;

/// <summary>Copies a tree of the system out to the host: the counterpart of <see cref="TreeImport"/>.</summary>
internal readonly ref struct TreeExport
{
    private const string LostAndFound = "/lost+found";

    private readonly GuestFiles files;
    private readonly byte[] buffer = new byte[TreeImport.TransferBytes];
    private readonly Dictionary<ulong, string> linked = [];

    internal TreeExport(GuestFiles files) => this.files = files;

    /// <summary>Copies what is in a folder of the system into a folder of the host, which is made if it is not there.</summary>
    internal TreeSize Copy(string folder, string hostFolder)
    {
        Directory.CreateDirectory(hostFolder);
        TreeSize size = default;
        foreach (string name in files.List(folder))
        {
            string path = GuestFiles.Combine(folder, name);

            // Made by mkfs, not by the user; an import of the exported tree must not find it.
            if (path != LostAndFound)
            {
                size += CopyEntry(path, Path.Combine(hostFolder, name));
            }
        }

        return size;
    }

    private TreeSize CopyEntry(string path, string hostPath)
    {
        Contracts.FileAttributes attributes = files.GetAttributes(path);
        TreeSize size = new(1, 0);
        switch (Contracts.FileMode.ToFileType(attributes.Mode))
        {
            case FileType.Directory:
                size = Copy(path, hostPath);
                break;
            case FileType.Regular when attributes.LinkCount > 1 && linked.TryGetValue(attributes.Inode, out string? first):
                HostFile.Link(first, hostPath);
                return size;
            case FileType.Regular:
                size = CopyFile(path, hostPath);
                linked[attributes.Inode] = hostPath;
                break;
            case FileType.SymbolicLink:
                File.CreateSymbolicLink(hostPath, files.ReadSymbolicLink(path));
                HostFile.SetModificationTime(hostPath, attributes.ModificationTime);
                return size;
            case var type:
                throw new CommandFailure($"{path}: a {type} cannot be exported");
        }

        HostFile.SetPermissions(hostPath, attributes.Mode);
        HostFile.SetModificationTime(hostPath, attributes.ModificationTime);
        return size;
    }

    private TreeSize CopyFile(string path, string hostPath)
    {
        long copied = 0;
        int descriptor = files.Open(path, OpenFlags.ReadOnly);
        using (FileStream output = new(hostPath, System.IO.FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            while (files.Read(path, descriptor, buffer) is var length and > 0)
            {
                output.Write(buffer.AsSpan(0, length));
                copied += length;
            }
        }

        files.Close(descriptor);
        return new TreeSize(1, copied);
    }
}
