using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>A file as it was after an operation.</summary>
/// <param name="Type">Type bits as in st_mode.</param>
/// <param name="Content">Bytes of a regular file; the target of a symbolic link.</param>
/// <param name="Attributes">Values of extended attributes by name.</param>
internal sealed record ModelFile(uint Type, byte[] Content, IReadOnlyDictionary<string, string> Attributes);

/// <summary>The whole tree as it was after an operation: files by number, and which of them a path names. "" is the root.</summary>
internal sealed record ModelTree(IReadOnlyDictionary<string, int> Names, IReadOnlyDictionary<int, ModelFile> Files)
{
    internal static readonly ModelTree Empty = new(
        new Dictionary<string, int> { [""] = 0 },
        new Dictionary<int, ModelFile> { [0] = new(Contracts.FileMode.Directory, [], new Dictionary<string, string>()) });

    internal ModelFile? At(string path) => Names.TryGetValue(path, out int file) ? Files[file] : null;

    internal bool IsDirectory(string path) => At(path)?.Type == Contracts.FileMode.Directory;

    internal bool IsRegular(string path) => At(path)?.Type == Contracts.FileMode.Regular;

    internal static string Parent(string path) => path.Contains('/') ? path[..path.LastIndexOf('/')] : "";

    internal bool HasChildren(string path) => Names.Keys.Any(one => one.Length > 0 && one != path && Parent(one) == path);
}

/// <summary>What the operations of a workload do to a tree, and which files and directories each of them changes.</summary>
internal sealed class TreeModel
{
    internal const string AttributeName = "user.xattr1";

    private readonly List<ModelTree> trees = [];
    private readonly List<FileOperation> operations = [];
    private readonly List<int[]> changed = [];
    private readonly List<int[]> changedData = [];
    private int nextFile;

    internal TreeModel(ModelTree start)
    {
        trees.Add(start);
        nextFile = start.Files.Keys.Max() + 1;
    }

    /// <summary>The tree before the first operation, and after each.</summary>
    internal IReadOnlyList<ModelTree> Trees => trees;

    internal IReadOnlyList<FileOperation> Operations => operations;

    internal ModelTree Current => trees[^1];

    /// <summary>The files and directories that an operation changed in any way, by its number from 0.</summary>
    internal int[] Changed(int operation) => changed[operation];

    /// <summary>Those of which it changed what is needed to read the data: bytes, size, blocks.</summary>
    internal int[] ChangedData(int operation) => changedData[operation];

    /// <summary>What a write puts at an offset: never zero, another value for each operation and each 512 bytes.</summary>
    internal static byte[] Pattern(int operation, int offset, int length)
    {
        byte[] data = new byte[length];
        for (int index = 0; index < length; index++)
        {
            data[index] = (byte)(1 + ((((operation + 1) * 37) + ((offset + index) >> 9)) % 255));
        }

        return data;
    }

    /// <summary>The value that an operation gives to an attribute.</summary>
    internal static string AttributeValue(int operation) => $"value {operation}";

    /// <summary>Adds an operation that has succeeded.</summary>
    internal void Apply(FileOperation operation)
    {
        var names = new Dictionary<string, int>(Current.Names);
        var files = new Dictionary<int, ModelFile>(Current.Files);
        int[] data = [];
        int[] all = Change(operation, names, files, ref data);
        foreach (int file in files.Keys.Except(names.Values).ToArray())
        {
            files.Remove(file);
        }

        operations.Add(operation);
        changed.Add(all);
        changedData.Add(data);
        trees.Add(new ModelTree(names, files));
    }

    private int[] Change(FileOperation one, Dictionary<string, int> names, Dictionary<int, ModelFile> files, ref int[] data)
    {
        switch (one.Action)
        {
            case FileAction.Create or FileAction.Open or FileAction.MakeDirectory or FileAction.SymbolicLink:
                return Make(one, names, files, ref data);
            case FileAction.Write or FileAction.Truncate or FileAction.Allocate:
                int file = names[one.Path];
                files[file] = files[file] with { Content = Rewrite(one, files[file].Content) };
                data = [file];
                return data;
            case FileAction.Link:
                names[one.Target] = names[one.Path];
                return [names[one.Path], names[ModelTree.Parent(one.Target)]];
            case FileAction.Unlink or FileAction.RemoveDirectory:
                int gone = names[one.Path];
                names.Remove(one.Path);
                return [gone, names[ModelTree.Parent(one.Path)]];
            case FileAction.Rename:
                return Rename(one, names);
            case FileAction.SetAttribute or FileAction.RemoveAttribute:
                int owner = names[one.Path];
                var attributes = new Dictionary<string, string>(files[owner].Attributes);
                attributes.Remove(AttributeName);
                if (one.Action == FileAction.SetAttribute)
                {
                    attributes.Add(AttributeName, AttributeValue(operations.Count));
                }

                files[owner] = files[owner] with { Attributes = attributes };
                return [owner];
            default:
                return [];
        }
    }

    private int[] Make(FileOperation one, Dictionary<string, int> names, Dictionary<int, ModelFile> files, ref int[] data)
    {
        bool isLink = one.Action == FileAction.SymbolicLink;
        string path = isLink ? one.Target : one.Path;
        uint type = isLink ? Contracts.FileMode.SymbolicLink
            : one.Action == FileAction.MakeDirectory ? Contracts.FileMode.Directory : Contracts.FileMode.Regular;
        byte[] content = isLink ? System.Text.Encoding.UTF8.GetBytes(one.Path) : [];
        int file = nextFile++;
        names[path] = file;
        files[file] = new ModelFile(type, content, new Dictionary<string, string>());
        data = [file];
        return [file, names[ModelTree.Parent(path)]];
    }

    private byte[] Rewrite(FileOperation one, byte[] content)
    {
        bool keepsSize = one.Action == FileAction.Allocate && (one.Modes & AllocationModes.KeepSize) != 0;
        int size = one.Action == FileAction.Truncate ? one.Length
            : keepsSize ? content.Length : Math.Max(content.Length, one.Offset + one.Length);
        Array.Resize(ref content, size);
        if (ReferenceEquals(content, Current.At(one.Path)!.Content))
        {
            content = [.. content];
        }

        int start = Math.Min(one.Offset, size);
        int count = Math.Min(one.Length, size - start);
        if (one.Action == FileAction.Write)
        {
            Pattern(operations.Count, one.Offset, one.Length).CopyTo(content, one.Offset);
        }
        else if ((one.Modes & (AllocationModes.PunchHole | AllocationModes.ZeroRange)) != 0)
        {
            content.AsSpan(start, count).Clear();
        }

        return content;
    }

    private static int[] Rename(FileOperation one, Dictionary<string, int> names)
    {
        int file = names[one.Path];
        int[] parents = [names[ModelTree.Parent(one.Path)], names[ModelTree.Parent(one.Target)]];
        int replaced = names.GetValueOrDefault(one.Target, file);
        if (replaced == file && names.ContainsKey(one.Target))
        {
            return [];
        }

        foreach (string path in names.Keys.Where(path => path == one.Path || path.StartsWith(one.Path + "/", StringComparison.Ordinal)).ToArray())
        {
            names[one.Target + path[one.Path.Length..]] = names[path];
            names.Remove(path);
        }

        return [file, replaced, .. parents];
    }
}
