using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Listings that go on while the directory changes.</summary>
public sealed class ListingTests
{
    [FactNeeding(Need.E2fsprogs)]
    public void List_WhileNamesComeAndGo_HasEachThatStaysOnce()
    {
        foreach (string hash in new[] { "half_md4", "tea", "legacy" })
        {
            using LinuxExt4 linux = LinuxExt4.Make(32 << 20, "-b", "1024", "-N", "16384");
            LinuxExt4.Must("tune2fs", "-E", "hash_alg=" + hash, linux.ImagePath);
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            for (int seed = 1; seed <= 4; seed++)
            {
                // From a directory of one block without an index to one of several hundred.
                ListWhileChanging(rig, new Random(seed), kept: seed == 1 ? 5 : 400 * seed);
            }

            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void List_WithoutIndex_HasEachThatStaysOnce()
    {
        using LinuxExt4 linux = LinuxExt4.Make(32 << 20, "-b", "1024", "-N", "16384", "-O", "^dir_index");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ListWhileChanging(rig, new Random(5), kept: 500);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void List_HundredThousandFiles_IsTheSameInLinux()
    {
        const int Count = 100_000;
        using LinuxExt4 linux = LinuxExt4.Make(96 << 20, "-b", "4096", "-N", "110000");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read(), cachePages: 8192);
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
        for (int index = 0; index < Count; index++)
        {
            rig.MakeFile(folder, $"file {index}");
        }

        List<string> listed = rig.List(folder, bufferBytes: 32768);
        Assert.Equal(Count, listed.Distinct().Count());
        Assert.Equal(Count, listed.Count);
        for (int index = 0; index < Count; index += 2)
        {
            Assert.Equal(Errno.None, rig.TryUnlink(folder, $"file {index}"));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
            Assert.Equal(Count / 2, Directory.GetFiles(Path.Combine(mountPoint, "folder")).Distinct().Count()));
    }

    [Fact]
    public void List_AnyCookie_EndsAndNeverGoesBack()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        for (int index = 0; index < 500; index++)
        {
            rig.MakeFile(Ext4Rig.Root, $"a name that fills blocks {index}");
        }

        var random = new Random(1);
        byte[] buffer = new byte[300];
        for (int round = 0; round < 500; round++)
        {
            ulong cookie = (ulong)random.NextInt64() >> random.Next(64);
            cookie |= random.Next(8) == 0 ? 1ul << 63 : 0;
            Reply<int, Errno> reply = rig.Fs.ReadDirectory(rig.Context, Ext4Rig.Root, cookie, buffer);
            ReadOnlySpan<byte> listing = buffer.AsSpan(0, rig.Must(reply));
            while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
            {
                Assert.InRange(entry.NextCookie, cookie + 1, (ulong)long.MaxValue);
                cookie = entry.NextCookie;
            }
        }
    }

    private static void ListWhileChanging(Ext4Rig rig, Random random, int kept)
    {
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, $"folder {kept}");
        HashSet<string> stays = [.. Enumerable.Range(0, kept).Select(index => $"stays {index}")];
        List<string> others = [];
        foreach (string name in stays)
        {
            rig.MakeFile(folder, name);
        }

        var seen = new Dictionary<string, int>();
        byte[] buffer = new byte[400];
        ulong cookie = 0;
        int count;
        while ((count = rig.Must(rig.Fs.ReadDirectory(rig.Context, folder, cookie, buffer))) > 0)
        {
            ReadOnlySpan<byte> listing = buffer.AsSpan(0, count);
            while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
            {
                string name = Encoding.UTF8.GetString(entry.Name);
                seen[name] = seen.GetValueOrDefault(name) + 1;
                cookie = entry.NextCookie;
            }

            Change(rig, random, folder, others);
        }

        Assert.Equal(1, seen["."]);
        Assert.Equal(1, seen[".."]);
        Assert.All(stays, name => Assert.Equal(1, seen.GetValueOrDefault(name)));
    }

    private static void Change(Ext4Rig rig, Random random, ulong folder, List<string> others)
    {
        for (int step = 0; step < 6 && others.Count < 3000; step++)
        {
            if (others.Count > 0 && random.Next(3) == 0)
            {
                int index = random.Next(others.Count);
                Assert.Equal(Errno.None, rig.TryUnlink(folder, others[index]));
                others.RemoveAt(index);
            }
            else
            {
                others.Add($"other {random.NextInt64()}");
                rig.MakeFile(folder, others[^1]);
            }
        }
    }
}
