using System.Globalization;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>What is remembered of names is what the directories say, whatever has been done to them.</summary>
public sealed class NameCacheTests
{
    private const ulong Block = 77;

    [Fact]
    public void Cache_NameOfAnotherDirectory_IsNotFound()
    {
        var cache = new NameCache(Ext4Limits.CachedNamesMax);
        cache.Put(12, "name"u8, new DirectoryPlace(Block, 24, 100));
        cache.Put(13, "name"u8, default);
        Assert.True(cache.TryFind(12, "name"u8, out DirectoryPlace place, out bool isPlaceKnown));
        Assert.Equal((new DirectoryPlace(Block, 24, 100), true), (place, isPlaceKnown));
        Assert.True(cache.TryFind(13, "name"u8, out place, out isPlaceKnown));
        Assert.Equal((0u, false), (place.Inode, isPlaceKnown));
        Assert.False(cache.TryFind(14, "name"u8, out _, out _));
        Assert.False(cache.TryFind(12, "nam"u8, out _, out _));
    }

    [Fact]
    public void Cache_EntriesOfBlockMoved_KeepsInodeAndNotPlace()
    {
        var cache = new NameCache(Ext4Limits.CachedNamesMax);
        cache.Put(12, "name"u8, new DirectoryPlace(Block, 24, 100));
        cache.NoteMoved(Block);
        Assert.True(cache.TryFind(12, "name"u8, out DirectoryPlace place, out bool isPlaceKnown));
        Assert.Equal((100u, false), (place.Inode, isPlaceKnown));
    }

    [Fact]
    public void Cache_MoreNamesThanFit_AnswersRightOrNotAtAll()
    {
        var cache = new NameCache(Ext4Limits.CachedNamesMax);
        uint count = 3 * (uint)Ext4Limits.CachedNamesMax;
        for (uint number = 1; number <= count; number++)
        {
            cache.Put(12, BitConverter.GetBytes(number), new DirectoryPlace(number, 0, number));
        }

        int kept = 0;
        for (uint number = 1; number <= count; number++)
        {
            bool isKept = cache.TryFind(12, BitConverter.GetBytes(number), out DirectoryPlace place, out _);
            kept += isKept ? 1 : 0;
            Assert.True(!isKept || place.Inode == number, $"name {number} has inode {place.Inode}");
        }

        Assert.InRange(kept, Ext4Limits.CachedNamesMax * 9 / 10, Ext4Limits.CachedNamesMax);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Directory_NamesComeGoAndMove_LookupsSayWhatAModelSays()
    {
        // 1 KiB blocks: many splits, which move entries that have just been looked up.
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "1024", "-N", "4096");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong[] folders = [rig.MakeDirectory(Ext4Rig.Root, "one"), rig.MakeDirectory(Ext4Rig.Root, "two")];
        var model = new Dictionary<(int Folder, string Name), ulong>();
        var random = new Random(7);
        for (int step = 0; step < 12_000; step++)
        {
            Step(rig, folders, model, random);
        }

        for (int folder = 0; folder < folders.Length; folder++)
        {
            Assert.Equal(model.Keys.Where(key => key.Folder == folder).Select(key => key.Name).Order(), rig.List(folders[folder]).Order());
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    private static void Step(Ext4Rig rig, ulong[] folders, Dictionary<(int Folder, string Name), ulong> model, Random random)
    {
        (int Folder, string Name) name = Draw(random);
        (int Folder, string Name) other = Draw(random);
        bool isThere = model.TryGetValue(name, out ulong inode);
        bool isOtherThere = model.TryGetValue(other, out ulong otherInode);
        Assert.Equal(isThere ? Errno.None : Errno.NoEntry, rig.TryLookup(folders[name.Folder], name.Name));
        switch (random.Next(5))
        {
            case 0 or 1 when !isThere:
                model[name] = rig.MakeFile(folders[name.Folder], name.Name);
                break;
            case 2 when isThere:
                Assert.Equal(Errno.None, rig.TryUnlink(folders[name.Folder], name.Name));
                model.Remove(name);
                break;
            case 3 when isThere && inode != otherInode:
                Assert.Equal(Errno.None, rig.TryRename(folders[name.Folder], name.Name, folders[other.Folder], other.Name));
                model.Remove(name);
                model[other] = inode;
                break;
            case 4 when isThere && isOtherThere:
                Assert.Equal(Errno.None, rig.TryRename(
                    folders[name.Folder], name.Name, folders[other.Folder], other.Name, RenameFlags.Exchange));
                (model[name], model[other]) = (otherInode, inode);
                break;
        }

        foreach ((int Folder, string Name) one in new[] { name, other })
        {
            Assert.Equal(
                model.TryGetValue(one, out ulong expected) ? expected : 0,
                rig.Fs.Lookup(rig.Context, folders[one.Folder], System.Text.Encoding.ASCII.GetBytes(one.Name)).Value.Inode);
        }
    }

    /// <summary>Every tenth name is longer than what is remembered.</summary>
    private static (int Folder, string Name) Draw(Random random)
    {
        int number = random.Next(1200);
        string text = number.ToString(CultureInfo.InvariantCulture);
        return (number & 1, number % 10 == 0 ? new string('x', 60) + text : "file" + text);
    }
}
