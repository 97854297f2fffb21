namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>What there is and how much of it is in use: pages of all files, and inodes.</summary>
internal sealed class Space(long pageCount, long inodeCount)
{
    public long PageCount { get; } = pageCount;

    public long InodeCount { get; } = inodeCount;

    public long FreePageCount { get; private set; } = pageCount;

    public long FreeInodeCount { get; private set; } = inodeCount;

    public bool TryTakePage()
    {
        bool isFree = FreePageCount > 0;
        FreePageCount -= isFree ? 1 : 0;
        return isFree;
    }

    public void GivePages(long count) => FreePageCount += count;

    public bool TryTakeInode()
    {
        bool isFree = FreeInodeCount > 0;
        FreeInodeCount -= isFree ? 1 : 0;
        return isFree;
    }

    public void GiveInode() => FreeInodeCount++;
}
