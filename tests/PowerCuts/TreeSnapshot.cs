using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Ext4;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>A file as a mount finds it.</summary>
internal sealed record FoundFile(ulong Inode, uint Type, uint LinkCount, byte[] Content, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Everything in a mounted file system, by path; "lost+found" is left out.</summary>
internal static class TreeSnapshot
{
    private const uint TypeMask = 0xF000;

    internal static Dictionary<string, FoundFile> Take(Ext4Rig rig)
    {
        var found = new Dictionary<string, FoundFile>();
        Add(rig, Ext4Rig.Root, "", found);
        return found;
    }

    private static void Add(Ext4Rig rig, ulong inode, string path, Dictionary<string, FoundFile> found)
    {
        Contracts.FileAttributes attributes = rig.Attributes(inode);
        uint type = attributes.Mode & TypeMask;
        byte[] content = type == Contracts.FileMode.Regular ? rig.ReadAll(inode)
            : type == Contracts.FileMode.SymbolicLink ? Encoding.UTF8.GetBytes(rig.ReadSymbolicLink(inode)) : [];
        found.Add(path, new FoundFile(inode, type, attributes.LinkCount, content, AttributesOf(rig, inode)));
        if (type != Contracts.FileMode.Directory)
        {
            return;
        }

        foreach (string name in rig.List(inode))
        {
            if (path.Length > 0 || name != "lost+found")
            {
                Add(rig, rig.Lookup(inode, name), path.Length > 0 ? $"{path}/{name}" : name, found);
            }
        }
    }

    private static Dictionary<string, string> AttributesOf(Ext4Rig rig, ulong inode)
    {
        var attributes = new Dictionary<string, string>();
        byte[] buffer = new byte[4096];
        Reply<int, Errno> list = rig.Fs.ListExtendedAttributes(rig.Context, inode, buffer);
        if (!list.IsOk)
        {
            return attributes;
        }

        foreach (string name in Encoding.UTF8.GetString(buffer, 0, list.Value).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            byte[] value = new byte[4096];
            int length = rig.Must(rig.Fs.GetExtendedAttribute(rig.Context, inode, Encoding.UTF8.GetBytes(name), value));
            attributes.Add(name, Encoding.UTF8.GetString(value, 0, length));
        }

        return attributes;
    }
}
