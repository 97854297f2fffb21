namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>
/// Judges what is found after a power cut. The journal is one ordered sequence of transactions, and an operation is in one of
/// them; so the tree must be the one after some operation, at the earliest the last one that was made durable, at the latest
/// the one in which the power was cut. Only file data may be ahead or behind: bytes are written in place.
/// </summary>
/// <param name="model">The operations.</param>
/// <param name="ends">For each operation the event of the trace at which it had returned.</param>
internal sealed class TreeOracle(TreeModel model, IReadOnlyList<int> ends)
{
    private const int BlockBytesMax = 4096;

    /// <summary>Says what is wrong with what is found after a cut at an event; empty when nothing is.</summary>
    internal string Judge(IReadOnlyDictionary<string, FoundFile> found, int cutEvent)
    {
        int begun = 0;
        while (begun < ends.Count && ends[begun] <= cutEvent)
        {
            begun++;
        }

        int latest = Math.Min(begun + 1, ends.Count);
        int earliest = DurableTree(begun);
        string problem = "";
        for (int tree = latest; tree >= earliest; tree--)
        {
            string difference = Compare(found, tree, latest, begun);
            if (difference.Length == 0)
            {
                return "";
            }

            problem += $"\n  not the tree after {(tree == 0 ? "the setup" : model.Operations[tree - 1])}: {difference}";
        }

        return problem;
    }

    /// <summary>The number of operations whose effect must be there after so many had returned.</summary>
    private int DurableTree(int returned)
    {
        int durable = 0;
        for (int index = 0; index < returned; index++)
        {
            FileOperation barrier = model.Operations[index];
            if (barrier.Action is FileAction.Sync or FileAction.Unmount)
            {
                durable = index + 1;
            }
            else if (barrier.IsBarrier && model.Trees[index].Names.TryGetValue(barrier.Path, out int file))
            {
                durable = Math.Max(durable, LastChange(file, index, barrier.Action == FileAction.SyncData));
            }
        }

        return durable;
    }

    private int LastChange(int file, int before, bool isDataOnly)
    {
        int last = before;
        while (last > 0 && !(isDataOnly ? NeedsMetadata(file, last - 1) : model.Changed(last - 1).Contains(file)))
        {
            last--;
        }

        return last;
    }

    /// <summary>
    /// Overwriting changes nothing but bytes and times, and a hole made where nothing was changes no byte; everything else to the
    /// data needs the inode to read it back.
    /// </summary>
    private bool NeedsMetadata(int file, int operation) =>
        model.ChangedData(operation).Contains(file)
        && !ReadsTheSame(file, operation)
        && !(model.Operations[operation].Action == FileAction.Write
            && model.Trees[operation].Files.GetValueOrDefault(file) is { } before
            && model.Operations[operation].Offset + model.Operations[operation].Length <= before.Content.Length
            && !HasHole(before.Content, model.Operations[operation]));

    private bool ReadsTheSame(int file, int operation) =>
        model.Operations[operation].Action == FileAction.Allocate
        && model.Trees[operation].Files.GetValueOrDefault(file) is { } before
        && model.Trees[operation + 1].Files.GetValueOrDefault(file) is { } after
        && before.Content.AsSpan().SequenceEqual(after.Content);

    private static bool HasHole(byte[] content, FileOperation write) =>
        content.AsSpan(write.Offset, write.Length).Contains((byte)0);

    /// <summary>After so many operations: the last barrier that made the file's bytes durable.</summary>
    private int DurableData(int file, int returned)
    {
        for (int index = returned - 1; index >= 0; index--)
        {
            FileOperation barrier = model.Operations[index];
            bool isOfAll = barrier.Action is FileAction.Sync or FileAction.Unmount;
            if (isOfAll || (barrier.IsBarrier && model.Trees[index].Names.GetValueOrDefault(barrier.Path, -1) == file))
            {
                return index + 1;
            }
        }

        return 0;
    }

    private string Compare(IReadOnlyDictionary<string, FoundFile> found, int treeIndex, int latest, int returned)
    {
        ModelTree tree = model.Trees[treeIndex];
        string missing = string.Join(", ", tree.Names.Keys.Except(found.Keys));
        string extra = string.Join(", ", found.Keys.Except(tree.Names.Keys));
        if (missing.Length + extra.Length > 0)
        {
            return $"missing [{missing}], not expected [{extra}]";
        }

        foreach ((string path, int file) in tree.Names)
        {
            ModelFile expected = tree.Files[file];
            FoundFile there = found[path];
            string difference = CompareOne(tree, path, file, expected, there, found);
            if (difference.Length == 0 && there.Type == Contracts.FileMode.Regular)
            {
                difference = CompareData(file, there.Content, treeIndex, latest, DurableData(file, returned));
            }

            if (difference.Length > 0)
            {
                return $"{(path.Length > 0 ? path : "the root")}: {difference}";
            }
        }

        return "";
    }

    private static string CompareOne(
        ModelTree tree, string path, int file, ModelFile expected, FoundFile there, IReadOnlyDictionary<string, FoundFile> found)
    {
        bool isDirectory = expected.Type == Contracts.FileMode.Directory;
        int children = tree.Names.Keys.Count(one => one.Length > 0 && ModelTree.Parent(one) == path && tree.IsDirectory(one));
        int links = isDirectory ? 2 + children + (path.Length == 0 ? 1 : 0) : tree.Names.Values.Count(one => one == file);
        return there.Type != expected.Type ? $"type {there.Type:x}, not {expected.Type:x}"
            : there.LinkCount != links ? $"{there.LinkCount} links, not {links}"
            : tree.Names.Any(other => (other.Value == file) != (found[other.Key].Inode == there.Inode)) ? "is not the file that it was"
            : !isDirectory && there.Content.Length != expected.Content.Length ? $"{there.Content.Length} bytes, not {expected.Content.Length}"
            : expected.Type == Contracts.FileMode.SymbolicLink && !there.Content.SequenceEqual(expected.Content) ? "another target"
            : !there.Attributes.Order().SequenceEqual(expected.Attributes.Order())
                ? $"attributes [{string.Join(' ', there.Attributes)}], not [{string.Join(' ', expected.Attributes)}]"
            : "";
    }

    private string CompareData(int file, byte[] there, int treeIndex, int latest, int durable)
    {
        byte[] expected = model.Trees[treeIndex].Files[file].Content;
        if (there.AsSpan().SequenceEqual(expected))
        {
            return "";
        }

        byte[]?[] versions = [.. Enumerable.Range(durable, latest - durable + 1)
            .Select(index => model.Trees[index].Files.GetValueOrDefault(file)?.Content)];
        for (int at = 0; at < there.Length; at++)
        {
            byte value = there[at];
            if (value != expected[at] && !versions.Index().Any(one => Allows(one.Item, at, value, versions.AsSpan(0, one.Index))))
            {
                return $"byte {at} is {value}, not {expected[at]} nor of another version since the last sync";
            }
        }

        return "";
    }

    /// <summary>
    /// Cutting a file clears the rest of its last block before the commit, as in Linux: a zero may be there where one of the
    /// versions before had a byte.
    /// </summary>
    private static bool Allows(byte[]? version, int at, byte value, ReadOnlySpan<byte[]?> earlier)
    {
        if (version is null || at < version.Length)
        {
            return version?[at] == value;
        }

        bool isBehindItsEnd = value == 0 && at < (version.Length + BlockBytesMax - 1) / BlockBytesMax * BlockBytesMax;
        return isBehindItsEnd && LongestOf(earlier) > at;
    }

    private static int LongestOf(ReadOnlySpan<byte[]?> versions)
    {
        int longest = 0;
        foreach (byte[]? version in versions)
        {
            longest = Math.Max(longest, version?.Length ?? 0);
        }

        return longest;
    }
}
