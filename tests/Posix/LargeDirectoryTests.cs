using System.Text;
using RedLeafSharp.Contracts;
using Xunit;
using FileMode = RedLeafSharp.Contracts.FileMode;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>A directory with 100,000 names: read to its end, from the middle on, and while it is emptied.</summary>
public sealed class LargeDirectoryTests
{
    private const int NameCount = 100_000;

    // What is listed with one call; as much as glibc's readdir takes.
    private const int BufferBytes = 32 * 1024;

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Directory_Of100000Names_IsListedAndEmptied(string type)
    {
        using PosixRig rig = type == "ext4" ? PosixRig.OnExt4() : PosixRig.OnTmpfs();
        rig.Run(context =>
        {
            MakeNames(context, rig.System);
            int directory = rig.System.Open(context, "/d"u8, OpenFlags.Directory, 0).Value;

            ListAll(context, rig.System, directory);
            ListFromTheMiddle(context, rig.System, directory);
            UnlinkWhileListing(context, rig.System, directory);

            Assert.True(rig.System.RemoveDirectory(context, "/d"u8).IsOk);
        });
    }

    /// <summary>Two files have all the names: 50,000 links each are allowed.</summary>
    private static void MakeNames(CallContext context, ISystem system)
    {
        Assert.True(system.MakeDirectory(context, "/d"u8, 0x1ED).IsOk);
        byte[][] files = [PosixRig.Bytes("/0"), PosixRig.Bytes("/1")];
        foreach (byte[] file in files)
        {
            Assert.True(system.MakeNode(context, file, FileMode.Regular | 0x1A4, 0).IsOk);
        }

        for (int number = 0; number < NameCount; number++)
        {
            Assert.True(system.Link(context, files[number % 2], NameOf(number)).IsOk);
        }
    }

    private static void ListAll(CallContext context, ISystem system, int directory)
    {
        var seen = new HashSet<string>();
        while (Next(context, system, directory) is { Count: > 0 } names)
        {
            Assert.All(names, one => Assert.True(seen.Add(one.Name), $"{one.Name} is there twice"));
        }

        Assert.Equal(NameCount + 2, seen.Count);
        Assert.Contains($"{NameCount - 1}", seen);
    }

    /// <summary>telldir and seekdir: an entry's cookie, and the descriptor's offset, lead to what comes next.</summary>
    private static void ListFromTheMiddle(CallContext context, ISystem system, int directory)
    {
        Assert.Equal(0, system.Seek(context, directory, 0, SeekOrigin.Start).Value);
        List<(string Name, ulong Cookie)> first = Next(context, system, directory);
        long place = system.Seek(context, directory, 0, SeekOrigin.Current).Value;
        List<(string Name, ulong Cookie)> second = Next(context, system, directory);

        Assert.True(system.Seek(context, directory, (long)first[9].Cookie, SeekOrigin.Start).IsOk);
        Assert.Equal(first[10], Next(context, system, directory)[0]);
        Assert.Equal(place, system.Seek(context, directory, place, SeekOrigin.Start).Value);
        Assert.Equal(second, Next(context, system, directory));
    }

    /// <summary>What rm -r does: what has been listed goes before the next call lists more.</summary>
    private static void UnlinkWhileListing(CallContext context, ISystem system, int directory)
    {
        Assert.Equal(0, system.Seek(context, directory, 0, SeekOrigin.Start).Value);
        int removed = 0;
        while (Next(context, system, directory) is { Count: > 0 } names)
        {
            foreach ((string name, _) in names.Where(one => one.Name is not ("." or "..")))
            {
                Assert.True(system.Unlink(context, PosixRig.Bytes($"/d/{name}")).IsOk, name);
                removed++;
            }
        }

        Assert.Equal(NameCount, removed);
    }

    private static List<(string Name, ulong Cookie)> Next(CallContext context, ISystem system, int directory)
    {
        byte[] buffer = new byte[BufferBytes];
        Reply<int, Errno> length = system.ReadDirectory(context, directory, buffer);
        Assert.True(length.IsOk, $"{length}");
        var names = new List<(string, ulong)>();
        ReadOnlySpan<byte> listing = buffer.AsSpan(0, length.Value);
        while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
        {
            names.Add((Encoding.ASCII.GetString(entry.Name), entry.NextCookie));
        }

        return names;
    }

    private static byte[] NameOf(int number) => PosixRig.Bytes($"/d/{number}");
}
