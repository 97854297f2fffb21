using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>A file system on a memory disk, with short ways to use it; every call must succeed unless it is a Try.</summary>
internal sealed class Ext4Rig : IDisposable
{
    internal const ulong Root = 2;
    internal const uint RegularMode = FileMode.Regular | 0x1A4;
    internal const uint DirectoryMode = FileMode.Directory | 0x1ED;

    private readonly TestThread thread;
    private readonly bool isThreadShared;
    private Ext4FileSystem? fileSystem;

    /// <param name="sharedThread">Whose memory is used, for many rigs one after the other; null for memory of its own.</param>
    internal Ext4Rig(
        byte[] image, int blockBytes = 512, int cachePages = 1024, int? reorderSeed = null, bool isRecording = false,
        TestThread? sharedThread = null)
    {
        thread = sharedThread ?? new TestThread();
        isThreadShared = sharedThread is not null;
        var options = new MemoryBlockOptions { BlockBytes = blockBytes, ReorderSeed = reorderSeed, IsRecording = isRecording };
        Device = new MemoryBlockDevice(thread.Heap, options, image);
        Cache = new BufferCache(Device, Device.Geometry, cachePages);
    }

    /// <param name="client">Another disk than one in memory: who uses it, and through what.</param>
    internal Ext4Rig(BlockDeviceRig client, int cachePages = 1024)
    {
        thread = client.Thread;
        Device = null!;
        Cache = new BufferCache(client.Device, client.Geometry, cachePages);
    }

    /// <summary>The disk in memory.</summary>
    internal MemoryBlockDevice Device { get; }

    internal BufferCache Cache { get; }

    internal TestServices Services { get; } = new();

    internal TestThread Thread => thread;

    internal byte[] Image => Device.Content;

    internal CallContext Context => thread.Context;

    internal Ext4FileSystem Fs => fileSystem ?? throw new InvalidOperationException("not mounted: " + Log);

    internal string Log => string.Join("\n", Services.Reports);

    /// <summary>A new disk, formatted and mounted.</summary>
    internal static Ext4Rig Formatted(long sizeBytes, int cachePages = 1024)
    {
        var rig = new Ext4Rig(new byte[sizeBytes], cachePages: cachePages);
        Assert.Equal(Errno.None, rig.Format());
        Assert.True(rig.TryMount(), rig.Log);
        return rig;
    }

    internal static Ext4Rig Mounted(byte[] image, int cachePages = 1024)
    {
        var rig = new Ext4Rig(image, cachePages: cachePages);
        Assert.True(rig.TryMount(), rig.Log);
        return rig;
    }

    internal Errno Format(string label = "") =>
        new Formatter(new DomainServices(Services), Cache).Format(Context, Encoding.UTF8.GetBytes(label));

    internal bool TryMount(bool isReadOnly = false)
    {
        fileSystem = new Mounting(new DomainServices(Services), Cache).Mount(Context, isReadOnly);
        return fileSystem is not null;
    }

    internal void Unmount() => Must(Fs.Unmount(Context));

    internal ulong MakeFile(ulong directory, string name, ReadOnlySpan<byte> content = default, uint mode = RegularMode)
    {
        ulong inode = Must(Fs.Create(Context, directory, Encoding.UTF8.GetBytes(name), mode, 0, 0));
        if (!content.IsEmpty)
        {
            Write(inode, 0, content);
        }

        return inode;
    }

    internal ulong MakeDirectory(ulong directory, string name) =>
        Must(Fs.Create(Context, directory, Encoding.UTF8.GetBytes(name), DirectoryMode, 0, 0));

    internal void Write(ulong inode, ulong offset, ReadOnlySpan<byte> data) =>
        Assert.Equal(data.Length, Must(Fs.Write(Context, inode, offset, data)));

    internal byte[] Read(ulong inode, ulong offset, int count)
    {
        byte[] buffer = new byte[count];
        int got = Must(Fs.Read(Context, inode, offset, buffer));
        return buffer[..got];
    }

    internal byte[] ReadAll(ulong inode) => Read(inode, 0, (int)Attributes(inode).SizeBytes);

    internal FileAttributes Attributes(ulong inode) => Must(Fs.GetAttributes(Context, inode));

    internal void SetSize(ulong inode, ulong size) => Must(Fs.SetAttributes(
        Context, inode, new FileAttributesChange { Fields = FileAttributeFields.Size, SizeBytes = size }));

    internal ulong Lookup(ulong directory, string name) =>
        Must(Fs.Lookup(Context, directory, Encoding.UTF8.GetBytes(name))).Inode;

    internal ulong LookupPath(string path)
    {
        ulong inode = Root;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            inode = Lookup(inode, part);
        }

        return inode;
    }

    internal Errno TryLookup(ulong directory, string name) =>
        Fs.Lookup(Context, directory, Encoding.UTF8.GetBytes(name)).Error;

    internal Errno TryUnlink(ulong directory, string name) =>
        Fs.Unlink(Context, directory, Encoding.UTF8.GetBytes(name)).Error;

    internal Errno TryRemoveDirectory(ulong directory, string name) =>
        Fs.RemoveDirectory(Context, directory, Encoding.UTF8.GetBytes(name)).Error;

    internal Errno TryRename(ulong directory, string name, ulong newDirectory, string newName, RenameFlags flags = RenameFlags.None) =>
        Fs.Rename(Context, directory, Encoding.UTF8.GetBytes(name), newDirectory, Encoding.UTF8.GetBytes(newName), flags).Error;

    internal Errno TryLink(ulong inode, ulong directory, string name) =>
        Fs.Link(Context, inode, directory, Encoding.UTF8.GetBytes(name)).Error;

    internal ulong MakeSymbolicLink(ulong directory, string name, string target) => Must(Fs.CreateSymbolicLink(
        Context, directory, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(target), 0, 0));

    internal string ReadSymbolicLink(ulong inode)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, Must(Fs.ReadSymbolicLink(Context, inode, buffer)));
    }

    /// <summary>The names of a directory in the order of the listing, "." and ".." left out.</summary>
    internal List<string> List(ulong directory, int bufferBytes = 4096)
    {
        var names = new List<string>();
        byte[] buffer = new byte[bufferBytes];
        ulong cookie = 0;
        int count;
        while ((count = Must(Fs.ReadDirectory(Context, directory, cookie, buffer))) > 0)
        {
            ReadOnlySpan<byte> listing = buffer.AsSpan(0, count);
            while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
            {
                names.Add(Encoding.UTF8.GetString(entry.Name));
                cookie = entry.NextCookie;
            }
        }

        names.RemoveAll(name => name is "." or "..");
        return names;
    }

    public void Dispose()
    {
        if (isThreadShared)
        {
            Cache.Dispose(Context);
            Device.Release();
        }
        else
        {
            thread.Dispose();
        }
    }

    internal static byte[] Noise(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal T Must<T>(Reply<T, Errno> reply)
        where T : unmanaged
    {
        Assert.True(reply.IsOk, $"{reply}\n{Log}");
        return reply.Value;
    }
}
