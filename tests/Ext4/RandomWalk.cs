using System.Text;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>A file tree in memory, and steps that are taken in it and in a file system alike.</summary>
internal sealed class RandomWalk(Ext4Rig rig, int seed)
{
    private const int SizeMax = 700_000;
    private readonly Random random = new(seed);
    private readonly List<Node> directories = [new Node(Ext4Rig.Root, null)];
    private readonly List<Node> files = [];
    private Ext4Rig rig = rig;
    private int nameCount;

    internal void MoveTo(Ext4Rig other) => rig = other;

    internal void Step()
    {
        switch (random.Next(12))
        {
            case 0 or 1:
                MakeFile();
                break;
            case 2:
                MakeDirectory();
                break;
            case 3 or 4 or 5:
                Write();
                break;
            case 6:
                Truncate();
                break;
            case 7:
                Unlink();
                break;
            case 8:
                RemoveDirectory();
                break;
            case 9:
                Rename();
                break;
            case 10:
                Link();
                break;
            default:
                ReadSome();
                break;
        }
    }

    internal void CheckAll()
    {
        foreach (Node directory in directories)
        {
            List<string> listed = rig.List(directory.Inode);
            listed.Remove("lost+found");
            Assert.Equal(directory.Children.Keys.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
            uint subdirectories = (uint)directory.Children.Values.Count(child => child.Content is null);
            uint extra = directory.Inode == Ext4Rig.Root ? 3u : 2;
            Assert.Equal(subdirectories + extra, rig.Attributes(directory.Inode).LinkCount);
        }

        foreach (Node file in files)
        {
            Assert.Equal((uint)file.LinkCount, rig.Attributes(file.Inode).LinkCount);
            Assert.True(file.Content!.AsSpan(0, file.Size).SequenceEqual(rig.ReadAll(file.Inode)), $"inode {file.Inode}");
        }
    }

    /// <summary>Whether a directory of the host has the same tree, but for what the walk has not made.</summary>
    internal void CompareWith(string folder) => Compare(directories[0], folder);

    private static void Compare(Node directory, string folder)
    {
        string[] made = [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!)
            .Where(name => name is not ("lost+found" or "huge"))];
        Assert.Equal(directory.Children.Keys.Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
        foreach ((string name, Node child) in directory.Children)
        {
            string path = Path.Combine(folder, name);
            if (child.Content is null)
            {
                Compare(child, path);
                continue;
            }

            Assert.True(child.Content.AsSpan(0, child.Size).SequenceEqual(File.ReadAllBytes(path)), path);
        }
    }

    private string NewName() => $"{nameCount++}-{new string('n', random.Next(random.Next(10) == 0 ? 240 : 30))}";

    private Node AnyDirectory() => directories[random.Next(directories.Count)];

    private void MakeFile()
    {
        Node directory = AnyDirectory();
        string name = NewName();
        Reply<ulong, Errno> made = rig.Fs.Create(
            rig.Context, directory.Inode, Encoding.UTF8.GetBytes(name), Ext4Rig.RegularMode, 0, 0);
        if (made.Error == Errno.NoSpace)
        {
            return;
        }

        var file = new Node(rig.Must(made), new byte[SizeMax]) { LinkCount = 1 };
        directory.Children.Add(name, file);
        files.Add(file);
    }

    private void MakeDirectory()
    {
        Node parent = AnyDirectory();
        string name = NewName();
        Reply<ulong, Errno> made = rig.Fs.Create(
            rig.Context, parent.Inode, Encoding.UTF8.GetBytes(name), Ext4Rig.DirectoryMode, 0, 0);
        if (made.Error == Errno.NoSpace)
        {
            return;
        }

        var directory = new Node(rig.Must(made), null) { Parent = parent };
        parent.Children.Add(name, directory);
        directories.Add(directory);
    }

    private void Write()
    {
        if (files.Count == 0)
        {
            return;
        }

        Node file = files[random.Next(files.Count)];
        int offset = random.Next(3) == 0 ? file.Size : random.Next(SizeMax);
        byte[] data = new byte[random.Next(Math.Max(1, Math.Min(SizeMax - offset, random.Next(4) == 0 ? 200_000 : 5000)))];
        random.NextBytes(data);
        Reply<int, Errno> reply = rig.Fs.Write(rig.Context, file.Inode, (ulong)offset, data);
        int written = reply.Error == Errno.NoSpace ? 0 : rig.Must(reply);
        data.AsSpan(0, written).CopyTo(file.Content.AsSpan(offset));
        file.Size = written > 0 ? Math.Max(file.Size, offset + written) : file.Size;
    }

    private void Truncate()
    {
        if (files.Count > 0)
        {
            Node file = files[random.Next(files.Count)];
            int size = random.Next(SizeMax);
            rig.SetSize(file.Inode, (ulong)size);
            if (size < file.Size)
            {
                file.Content.AsSpan(size).Clear();
            }

            file.Size = size;
        }
    }

    private void Unlink()
    {
        Node directory = AnyDirectory();
        string? name = directory.Children.FirstOrDefault(child => child.Value.Content is not null).Key;
        if (name is null)
        {
            return;
        }

        Assert.Equal(Errno.None, rig.TryUnlink(directory.Inode, name));
        Drop(directory, name);
    }

    private void Drop(Node directory, string name)
    {
        directory.Children.Remove(name, out Node? file);
        if (--file!.LinkCount == 0)
        {
            files.Remove(file);
        }
    }

    private void RemoveDirectory()
    {
        Node parent = AnyDirectory();
        (string? name, Node? directory) = parent.Children.FirstOrDefault(child => child.Value.Content is null);
        if (directory is null)
        {
            return;
        }

        Errno expected = directory.Children.Count > 0 ? Errno.NotEmpty : Errno.None;
        Assert.Equal(expected, rig.TryRemoveDirectory(parent.Inode, name!));
        if (expected == Errno.None)
        {
            parent.Children.Remove(name!);
            directories.Remove(directory);
        }
    }

    private void Rename()
    {
        Node from = AnyDirectory();
        Node to = AnyDirectory();
        if (from.Children.Count == 0)
        {
            return;
        }

        (string name, Node moved) = from.Children.ElementAt(random.Next(from.Children.Count));
        bool replaces = to.Children.Count > 0 && random.Next(2) == 0;
        string newName = replaces ? to.Children.Keys.ElementAt(random.Next(to.Children.Count)) : NewName();
        Node? old = to.Children.GetValueOrDefault(newName);
        Errno expected = Expect(moved, old, to);
        Errno error = rig.TryRename(from.Inode, name, to.Inode, newName);
        if (error == Errno.NoSpace && expected == Errno.None)
        {
            return;
        }

        Assert.Equal(expected, error);
        if (expected != Errno.None || old == moved)
        {
            return;
        }

        if (old is { Content: not null })
        {
            Drop(to, newName);
        }
        else if (old is not null)
        {
            to.Children.Remove(newName);
            directories.Remove(old);
        }

        from.Children.Remove(name);
        to.Children.Add(newName, moved);
        moved.Parent = moved.Content is null ? to : null;
    }

    private static Errno Expect(Node moved, Node? old, Node to)
    {
        bool isDirectory = moved.Content is null;
        for (Node? above = to; above is not null && isDirectory; above = above.Parent)
        {
            if (above == moved)
            {
                return Errno.InvalidArgument;
            }
        }

        return (isDirectory, old) switch
        {
            (_, null) => Errno.None,
            _ when old == moved => Errno.None,
            (true, { Content: not null }) => Errno.NotDirectory,
            (false, { Content: null }) => Errno.IsDirectory,
            (true, { Children.Count: > 0 }) => Errno.NotEmpty,
            _ => Errno.None,
        };
    }

    private void Link()
    {
        if (files.Count == 0)
        {
            return;
        }

        Node file = files[random.Next(files.Count)];
        Node directory = AnyDirectory();
        string name = NewName();
        if (rig.TryLink(file.Inode, directory.Inode, name) == Errno.None)
        {
            file.LinkCount++;
            directory.Children.Add(name, file);
        }
    }

    private void ReadSome()
    {
        if (files.Count > 0)
        {
            Node file = files[random.Next(files.Count)];
            int offset = random.Next(SizeMax);
            int count = random.Next(100_000);
            int expected = Math.Clamp(file.Size - offset, 0, count);
            byte[] found = rig.Read(file.Inode, (ulong)offset, count);
            Assert.True(file.Content.AsSpan(offset, expected).SequenceEqual(found), $"inode {file.Inode} at {offset}");
        }
    }

    /// <summary>A directory has no content, a file no children.</summary>
    private sealed class Node(ulong inode, byte[]? content)
    {
        internal ulong Inode { get; } = inode;

        internal byte[]? Content { get; } = content;

        internal Dictionary<string, Node> Children { get; } = [];

        internal Node? Parent { get; set; }

        internal int Size { get; set; }

        internal int LinkCount { get; set; }
    }
}
