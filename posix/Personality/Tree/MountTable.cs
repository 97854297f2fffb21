using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The file systems that are mounted, and those that can be.</summary>
internal sealed class MountTable(Mount root)
{
    private readonly List<Mount> mounts = new() { root };
    private readonly List<FileSystemOffer> offers = [];
    private uint lastNumber = root.Number;

    public Mount Root { get; } = root;

    /// <summary>All that are mounted, the root first, in the order in which they came.</summary>
    public IReadOnlyList<Mount> All => mounts;

    public bool IsFull => mounts.Count >= Limits.MountCountMax;

    public void Offer(FileSystemOffer offer) => offers.Add(offer);

    /// <summary>A file system of a domain, by the domain's name; null when there is none.</summary>
    public FileSystemOffer? FindOffer(string source) => offers.Find(offer => offer.Source == source);

    public bool IsMounted(IFileSystem files) => mounts.Exists(mount => ReferenceEquals(mount.Files, files));

    /// <summary>A number that no mount has had.</summary>
    public uint TakeNumber()
    {
        lastNumber++;
        return lastNumber;
    }

    /// <summary>What is mounted on a name in a directory; null when nothing is.</summary>
    public Mount? FindAt(Mount parent, ulong directory, ReadOnlySpan<byte> name)
    {
        // The latest first: it covers the others.
        for (int index = mounts.Count - 1; index > 0; index--)
        {
            if (mounts[index].Covers(parent, directory, name))
            {
                return mounts[index];
            }
        }

        return null;
    }

    public void Attach(Mount mount, Location directory, ReadOnlySpan<byte> name)
    {
        mount.Attach(directory.Mount, directory.Inode, name);
        mounts.Add(mount);
    }

    public void Detach(Mount mount)
    {
        mount.Detach();
        mounts.Remove(mount);
    }
}

/// <summary>A file system of another domain that can be mounted.</summary>
/// <param name="Source">The name of the domain.</param>
/// <param name="Type">What mount calls it.</param>
/// <param name="Files">The file system.</param>
internal sealed record FileSystemOffer(string Source, string Type, IFileSystem Files);
