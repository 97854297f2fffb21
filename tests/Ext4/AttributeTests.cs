using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Extended attributes, with Linux on the other side.</summary>
public sealed class AttributeTests
{
    private static readonly string[][] Variants =
    [
        ["-b", "4096"],
        ["-b", "1024"],
        ["-b", "4096", "-I", "128"],
        ["-b", "1024", "-I", "512", "-O", "^metadata_csum"],
    ];

    /// <summary>user_obj rw-, user 1000 r--, group_obj r--, mask rw-, other ---, as programs see it.</summary>
    private static readonly byte[] AccessList = Convert.FromHexString(
        "0200000001000600FFFFFFFF02000400E803000004000400FFFFFFFF10000600FFFFFFFF20000000FFFFFFFF");

    private static IEnumerable<(string Name, byte[] Value)> Samples(int large) =>
    [
        ("user.a", "x"u8.ToArray()),
        ("user.empty", []),
        ("user.name with ü", Ext4Rig.Noise(37, 1)),
        ("trusted.large", Ext4Rig.Noise(large, 2)),
        ("security.other", Ext4Rig.Noise(120, 3)),
        ("user." + new string('n', 200), Ext4Rig.Noise(5, 4)),
        ("system.posix_acl_access", AccessList),
    ];

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Get_AttributesOfLinux_AreTheSame()
    {
        foreach (string[] options in Variants)
        {
            using LinuxExt4 linux = LinuxExt4.Make(16 << 20, options);
            linux.WithMount(isReadOnly: false, mountPoint =>
            {
                string file = Path.Combine(mountPoint, "file");
                File.WriteAllText(file, "content");
                foreach ((string name, byte[] value) in Samples(400))
                {
                    LinuxFile.SetAttribute(file, name, value);
                }
            });
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            ulong inode = rig.Lookup(Ext4Rig.Root, "file");
            foreach ((string name, byte[] value) in Samples(400))
            {
                Assert.Equal(value, Get(rig, inode, name));
            }

            Assert.Equal(Samples(400).Select(sample => sample.Name).Order(), List(rig, inode).Order());
            Assert.Equal(Errno.NoData, TryGet(rig, inode, "user.b"));
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
        }
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Set_AttributesHere_LinuxReadsTheSame()
    {
        foreach (string[] options in Variants)
        {
            using LinuxExt4 linux = LinuxExt4.Make(16 << 20, options);
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            ulong inode = rig.MakeFile(Ext4Rig.Root, "file", "content"u8);
            ulong fast = rig.MakeSymbolicLink(Ext4Rig.Root, "fast", "target");
            foreach ((string name, byte[] value) in Samples(400))
            {
                Assert.Equal(Errno.None, TrySet(rig, inode, name, value));
            }

            Assert.Equal(Errno.None, TrySet(rig, fast, "trusted.large", Ext4Rig.Noise(800, 6)));
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
            linux.Write(rig.Image);
            linux.WithMount(isReadOnly: false, mountPoint =>
            {
                string file = Path.Combine(mountPoint, "file");
                foreach ((string name, byte[] value) in Samples(400))
                {
                    Assert.Equal(value, LinuxFile.GetAttribute(file, name));
                }

                Assert.Equal(Ext4Rig.Noise(800, 6), LinuxFile.GetAttribute(Path.Combine(mountPoint, "fast"), "trusted.large"));
                Assert.Equal("target", new FileInfo(Path.Combine(mountPoint, "fast")).LinkTarget);
                LinuxFile.SetAttribute(file, "user.a", Ext4Rig.Noise(50, 9));
            });
            LinuxExt4.MustBeClean(linux.Read());
        }
    }

    /// <summary>Linux lets files with the same attributes share a block.</summary>
    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Set_SharedBlock_ChangesOneFileOnly()
    {
        byte[] value = Ext4Rig.Noise(700, 1);
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "4096");
        linux.WithMount(isReadOnly: false, mountPoint =>
        {
            foreach (string name in new[] { "one", "two", "three" })
            {
                File.WriteAllText(Path.Combine(mountPoint, name), name);
                LinuxFile.SetAttribute(Path.Combine(mountPoint, name), "user.same", value);
            }
        });
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong two = rig.Lookup(Ext4Rig.Root, "two");
        ulong free = rig.Must(rig.Fs.GetStatus(rig.Context)).FreeBlockCount;
        Assert.Equal(Errno.None, TrySet(rig, two, "user.same", Ext4Rig.Noise(900, 2)));
        Assert.Equal(free - 1, rig.Must(rig.Fs.GetStatus(rig.Context)).FreeBlockCount);
        Assert.Equal(value, Get(rig, rig.Lookup(Ext4Rig.Root, "one"), "user.same"));
        Assert.Equal(Errno.None, TryRemove(rig, rig.Lookup(Ext4Rig.Root, "three"), "user.same"));
        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "one"));
        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "two"));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [Fact]
    public void Set_Flags_DecideByWhatIsThere()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        Assert.Equal(Errno.NoData, rig.Fs.SetExtendedAttribute(
            rig.Context, file, "user.a"u8, "1"u8, ExtendedAttributeFlags.Replace).Error);
        Assert.Equal(Errno.None, rig.Fs.SetExtendedAttribute(
            rig.Context, file, "user.a"u8, "1"u8, ExtendedAttributeFlags.Create).Error);
        Assert.Equal(Errno.Exists, rig.Fs.SetExtendedAttribute(
            rig.Context, file, "user.a"u8, "2"u8, ExtendedAttributeFlags.Create).Error);
        Assert.Equal("1"u8.ToArray(), Get(rig, file, "user.a"));
        Assert.Equal(Errno.None, TryRemove(rig, file, "user.a"));
        Assert.Equal(Errno.NoData, TryRemove(rig, file, "user.a"));
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Set_WhatDoesNotFit_ChangesNothing()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        byte[] kept = Ext4Rig.Noise(3000, 1);
        Assert.Equal(Errno.None, TrySet(rig, file, "user.kept", kept));
        Assert.Equal(Errno.NoSpace, TrySet(rig, file, "user.more", Ext4Rig.Noise(2000, 2)));
        Assert.Equal(Errno.NoSpace, TrySet(rig, file, "user.kept", Ext4Rig.Noise(4200, 3)));
        Assert.Equal(Errno.ArgumentsTooLong, TrySet(rig, file, "user.kept", new byte[65537]));
        Assert.Equal(Errno.Range, TrySet(rig, file, "user." + new string('x', 251), "x"u8.ToArray()));
        Assert.Equal(Errno.NotSupported, TrySet(rig, file, "other.name", "x"u8.ToArray()));
        Assert.Equal(Errno.InvalidArgument, TrySet(rig, file, "user.", "x"u8.ToArray()));
        Assert.Equal(Errno.InvalidArgument, TrySet(rig, file, "system.posix_acl_access", "junk"u8.ToArray()));
        Assert.Equal(kept, Get(rig, file, "user.kept"));
        Assert.Equal(["user.kept"], List(rig, file));
        Assert.Equal(Errno.Range, rig.Fs.GetExtendedAttribute(rig.Context, file, "user.kept"u8, new byte[2999]).Error);
        Assert.Equal(3000, rig.Must(rig.Fs.GetExtendedAttribute(rig.Context, file, "user.kept"u8, default)));
        Assert.Equal(Errno.Range, rig.Fs.ListExtendedAttributes(rig.Context, file, new byte[9]).Error);
        Assert.Equal(10, rig.Must(rig.Fs.ListExtendedAttributes(rig.Context, file, default)));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Change_Random_AgreesWithModel()
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            var random = new Random(seed);
            using LinuxExt4 linux = LinuxExt4.Make(8 << 20, Variants[seed % Variants.Length]);
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            ulong[] files = [.. Enumerable.Range(0, 4).Select(index => rig.MakeFile(Ext4Rig.Root, $"file {index}"))];
            var models = files.Select(_ => new Dictionary<string, byte[]>()).ToArray();
            for (int step = 0; step < 2000; step++)
            {
                int file = random.Next(files.Length);
                string name = $"user.{new string((char)('a' + random.Next(12)), 1 + random.Next(20))}";
                byte[] value = Ext4Rig.Noise(random.Next(random.Next(5) == 0 ? 900 : 60), random.Next());
                bool isRemoval = random.Next(3) == 0;
                Errno error = isRemoval ? TryRemove(rig, files[file], name) : TrySet(rig, files[file], name, value);
                Errno expected = !isRemoval || models[file].ContainsKey(name) ? Errno.None : Errno.NoData;
                Assert.True(error == expected || (!isRemoval && error == Errno.NoSpace), $"{seed}, {step}: {error}");
                if (error == Errno.None && isRemoval)
                {
                    models[file].Remove(name);
                }
                else if (error == Errno.None)
                {
                    models[file][name] = value;
                }
            }

            for (int file = 0; file < files.Length; file++)
            {
                Assert.Equal(models[file].Keys.Order(), List(rig, files[file]).Order());
                Assert.All(models[file], pair => Assert.Equal(pair.Value, Get(rig, files[file], pair.Key)));
            }

            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
        }
    }

    private static byte[] Get(Ext4Rig rig, ulong inode, string name)
    {
        byte[] buffer = new byte[5000];
        return buffer[..rig.Must(rig.Fs.GetExtendedAttribute(rig.Context, inode, Encoding.UTF8.GetBytes(name), buffer))];
    }

    private static Errno TryGet(Ext4Rig rig, ulong inode, string name) =>
        rig.Fs.GetExtendedAttribute(rig.Context, inode, Encoding.UTF8.GetBytes(name), default).Error;

    private static string[] List(Ext4Rig rig, ulong inode)
    {
        byte[] buffer = new byte[5000];
        int length = rig.Must(rig.Fs.ListExtendedAttributes(rig.Context, inode, buffer));
        return Encoding.UTF8.GetString(buffer, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Errno TrySet(Ext4Rig rig, ulong inode, string name, byte[] value) =>
        rig.Fs.SetExtendedAttribute(
            rig.Context, inode, Encoding.UTF8.GetBytes(name), value, ExtendedAttributeFlags.None).Error;

    private static Errno TryRemove(Ext4Rig rig, ulong inode, string name) =>
        rig.Fs.RemoveExtendedAttribute(rig.Context, inode, Encoding.UTF8.GetBytes(name)).Error;
}
