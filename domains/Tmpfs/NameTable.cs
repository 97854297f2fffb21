namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>The names in a directory: by name without allocation, and in the order in which they came for listings.</summary>
/// <remarks>
/// The number that a name got when it came is its cookie. Numbers are not used again, so a listing that goes on behind a cookie
/// misses nothing and shows nothing twice, whatever comes and goes meanwhile.
/// </remarks>
internal sealed class NameTable
{
    private const ulong HashOffset = 14_695_981_039_346_656_037;
    private const ulong HashPrime = 1_099_511_628_211;

    // Cookies 1 and 2 are those of "." and "..".
    private const ulong FirstCookie = 3;
    private const int HolesBeforePacking = 32;

    private readonly Dictionary<ulong, NameEntry> byHash = new();
    private readonly List<NameEntry> inOrder = new();
    private ulong lastCookie = FirstCookie - 1;
    private int holeCount;

    public int Count => inOrder.Count - holeCount;

    public NameEntry? Find(ReadOnlySpan<byte> name)
    {
        NameEntry? entry = byHash.GetValueOrDefault(HashOf(name));
        while (entry is not null && !name.SequenceEqual(entry.Name))
        {
            entry = entry.NextOfHash;
        }

        return entry;
    }

    /// <summary>Adds a name that is not there.</summary>
    public void Add(ReadOnlySpan<byte> name, TmpInode inode)
    {
        lastCookie++;
        ulong hash = HashOf(name);
        var entry = new NameEntry(name.ToArray(), lastCookie) { Inode = inode, NextOfHash = byHash.GetValueOrDefault(hash) };
        byHash[hash] = entry;
        inOrder.Add(entry);
    }

    /// <summary>Removes an entry of this table.</summary>
    public void Remove(NameEntry entry)
    {
        ulong hash = HashOf(entry.Name);
        NameEntry first = byHash[hash];
        if (first != entry)
        {
            Unchain(first, entry);
        }
        else if (entry.NextOfHash is { } next)
        {
            byHash[hash] = next;
        }
        else
        {
            byHash.Remove(hash);
        }

        entry.IsRemoved = true;
        holeCount++;
        if (holeCount > HolesBeforePacking && holeCount > inOrder.Count / 2)
        {
            inOrder.RemoveAll(one => one.IsRemoved);
            holeCount = 0;
        }
    }

    /// <summary>The first entry behind a cookie; null at the end.</summary>
    public NameEntry? Next(ulong cookie)
    {
        int low = 0;
        int high = inOrder.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (inOrder[middle].Cookie <= cookie)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        while (low < inOrder.Count && inOrder[low].IsRemoved)
        {
            low++;
        }

        return low < inOrder.Count ? inOrder[low] : null;
    }

    private static void Unchain(NameEntry first, NameEntry entry)
    {
        NameEntry before = first;
        while (before.NextOfHash != entry)
        {
            before = before.NextOfHash!;
        }

        before.NextOfHash = entry.NextOfHash;
    }

    /// <summary>FNV-1a (draft-eastlake-fnv).</summary>
    private static ulong HashOf(ReadOnlySpan<byte> name)
    {
        ulong hash = HashOffset;
        foreach (byte one in name)
        {
            hash = (hash ^ one) * HashPrime;
        }

        return hash;
    }
}

/// <summary>A name in a directory.</summary>
internal sealed class NameEntry(byte[] name, ulong cookie)
{
    public byte[] Name { get; } = name;

    public ulong Cookie { get; } = cookie;

    public required TmpInode Inode { get; set; }

    public NameEntry? NextOfHash { get; set; }

    public bool IsRemoved { get; set; }
}
