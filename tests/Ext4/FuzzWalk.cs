using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Walks a file system that may be damaged and does everything to it; what comes back does not matter.</summary>
internal sealed class FuzzWalk(Ext4Rig rig, Random random, IReadOnlyCollection<uint> witnesses)
{
    private readonly byte[] buffer = new byte[16_384];
    private readonly PageRange[] ranges = new PageRange[8];
    private readonly List<PageRange> lent = [];
    private readonly HashSet<ulong> seen = [];
    private int budget = 400;

    internal void Run()
    {
        Visit(Ext4Rig.Root);
        ulong folder = rig.Fs.Lookup(rig.Context, Ext4Rig.Root, "folder"u8).Value.Inode;
        for (int index = 0; index < 30; index++)
        {
            byte[] name = Encoding.UTF8.GetBytes($"new {index}{new string('x', random.Next(100))}");
            ulong directory = index % 2 == 0 ? folder : Ext4Rig.Root;
            ulong made = rig.Fs.Create(
                rig.Context, directory, name, index % 5 == 0 ? Ext4Rig.DirectoryMode : Ext4Rig.RegularMode, 0, 0).Value;
            _ = rig.Fs.Write(rig.Context, made, (ulong)random.Next(100_000), buffer.AsSpan(0, random.Next(9000)));
            _ = rig.Fs.Link(rig.Context, made, folder, Encoding.UTF8.GetBytes($"link {index}"));
            _ = rig.Fs.Rename(rig.Context, directory, name, Ext4Rig.Root, Encoding.UTF8.GetBytes($"renamed {index}"),
                RenameFlags.None);
        }

        ChangeFile("sparse"u8);
        ChangeFile("plain"u8);
        _ = rig.Fs.Rename(rig.Context, folder, "inner"u8, Ext4Rig.Root, "outer"u8, RenameFlags.None);
        _ = rig.Fs.RemoveDirectory(rig.Context, Ext4Rig.Root, "outer"u8);
        _ = rig.Fs.Sync(rig.Context);
        _ = rig.Fs.ReturnPages(rig.Context, [.. lent]);
    }

    private void ChangeFile(ReadOnlySpan<byte> name)
    {
        ulong file = rig.Fs.Lookup(rig.Context, Ext4Rig.Root, name).Value.Inode;
        if (witnesses.Contains((uint)file))
        {
            return;
        }

        _ = rig.Fs.Write(rig.Context, file, 4096, buffer);
        _ = rig.Fs.Allocate(rig.Context, file, (ulong)random.Next(50_000), (ulong)random.Next(50_000), AllocationModes.None);
        _ = rig.Fs.Allocate(rig.Context, file, (ulong)random.Next(50_000), 9000, AllocationModes.ZeroRange);
        _ = rig.Fs.Allocate(
            rig.Context, file, (ulong)random.Next(50_000), 9000, AllocationModes.PunchHole | AllocationModes.KeepSize);
        _ = rig.Fs.SetExtendedAttribute(rig.Context, file, "user.large"u8, buffer.AsSpan(0, random.Next(900)), 0);
        _ = rig.Fs.SetExtendedAttribute(rig.Context, file, "user.another"u8, buffer.AsSpan(0, random.Next(90)), 0);
        _ = rig.Fs.RemoveExtendedAttribute(rig.Context, file, "user.small"u8);
        _ = rig.Fs.SetAttributes(
            rig.Context, file, new FileAttributesChange { Fields = FileAttributeFields.Size, SizeBytes = 5000 });
        _ = rig.Fs.Rename(rig.Context, Ext4Rig.Root, name, Ext4Rig.Root, "link"u8, RenameFlags.Exchange);
        if (rig.Fs.Lookup(rig.Context, Ext4Rig.Root, "link"u8).Value.Inode == file)
        {
            _ = rig.Fs.Unlink(rig.Context, Ext4Rig.Root, "link"u8);
        }
    }

    /// <summary>Whatever comes next happens while the pages are lent.</summary>
    private void Lend(ulong inode, ulong offset)
    {
        int count = rig.Fs.LendPages(rig.Context, inode, offset, buffer.Length, ranges).Value;
        lent.AddRange(ranges.AsSpan(0, count));
    }

    private void Visit(ulong inode)
    {
        if (!seen.Add(inode) || budget-- <= 0)
        {
            return;
        }

        _ = rig.Fs.GetAttributes(rig.Context, inode);
        _ = rig.Fs.ReadSymbolicLink(rig.Context, inode, buffer);
        _ = rig.Fs.ListExtendedAttributes(rig.Context, inode, buffer);
        _ = rig.Fs.GetExtendedAttribute(rig.Context, inode, "user.large"u8, buffer);
        _ = rig.Fs.SeekHole(rig.Context, inode, rig.Fs.SeekData(rig.Context, inode, 0).Value);
        _ = rig.Fs.Read(rig.Context, inode, 0, buffer);
        _ = rig.Fs.Read(rig.Context, inode, (ulong)random.NextInt64(), buffer);
        Lend(inode, 0);
        Lend(inode, (ulong)random.NextInt64());
        ulong cookie = 0;
        byte[] listing = new byte[4096];
        for (int calls = 0; calls < 200; calls++)
        {
            Reply<int, Errno> reply = rig.Fs.ReadDirectory(rig.Context, inode, cookie, listing);
            if (!reply.IsOk || reply.Value == 0)
            {
                return;
            }

            ReadOnlySpan<byte> rest = listing.AsSpan(0, reply.Value);
            while (DirectoryEntry.TryRead(ref rest, out DirectoryEntry entry))
            {
                cookie = entry.NextCookie;
                _ = rig.Fs.Lookup(rig.Context, inode, entry.Name);
                Visit(entry.Inode);
            }
        }
    }
}
