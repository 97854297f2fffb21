using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Ext4;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>
/// Workloads: every sequence of one and of two operations, each followed by each way to make it durable or by none, as ACE
/// enumerates them; and random ones.
/// </summary>
internal static class Sequences
{
    /// <summary>A journal of the least size there is, so that a disk is small and its copies are fast.</summary>
    internal const int DiskBytes = 4 << 20;

    private static readonly FileOperation[] SetupOperations =
    [
        new(FileAction.Create, "foo"), new(FileAction.Write, "foo", "", 0, 10_000),
        new(FileAction.MakeDirectory, "A"), new(FileAction.MakeDirectory, "B"),
        new(FileAction.Create, "A/bar"), new(FileAction.Write, "A/bar", "", 0, 3000),
    ];

    private static readonly Lazy<(byte[] Disk, ModelTree Tree)> Small = new(() => Prepare(SetupOperations));

    /// <summary>The ways to make an operation durable; null for none.</summary>
    private static readonly FileAction?[] Barriers = [FileAction.SyncFile, FileAction.SyncData, FileAction.Sync, null];

    /// <summary>Each operation in two variants, on files that the others use, too; with the file that a sync is of.</summary>
    private static readonly (FileOperation Operation, string Synced)[][] Core =
    [
        [(new(FileAction.Create, "A/foo"), "A/foo"), (new(FileAction.Create, "foo"), "foo")],
        [(new(FileAction.Write, "foo", "", 20_480, 6000), "foo"), (new(FileAction.Write, "A/foo", "", 100, 5000), "A/foo")],
        [(new(FileAction.Write, "foo", "", 10_000, 9000), "foo"), (new(FileAction.Write, "A/bar", "", 3000, 300), "A/bar")],
        [(new(FileAction.Write, "foo", "", 500, 5000), "foo"), (new(FileAction.Write, "A/bar", "", 0, 1000), "A/bar")],
        [(new(FileAction.Truncate, "foo", Length: 1500), "foo"), (new(FileAction.Truncate, "A/bar", Length: 9000), "A/bar")],
        [
            (new(FileAction.Allocate, "foo", "", 12_288, 8192), "foo"),
            (new(FileAction.Allocate, "A/bar", "", 512, 2000, AllocationModes.PunchHole | AllocationModes.KeepSize), "A/bar"),
        ],
        [(new(FileAction.Rename, "foo", "A/bar"), "A/bar"), (new(FileAction.Rename, "A/bar", "B/foo"), "B/foo")],
        [(new(FileAction.Link, "foo", "A/foo"), "foo"), (new(FileAction.Link, "A/bar", "foo"), "A/bar")],
        [(new(FileAction.Unlink, "foo"), ""), (new(FileAction.Unlink, "A/bar"), "A")],
        [(new(FileAction.MakeDirectory, "A/C"), "A/C"), (new(FileAction.MakeDirectory, "foo"), "foo")],
        [(new(FileAction.RemoveDirectory, "B"), ""), (new(FileAction.RemoveDirectory, "A/C"), "A")],
        [(new(FileAction.SymbolicLink, "foo", "A/foo"), "A"), (new(FileAction.SymbolicLink, new string('x', 100), "B/foo"), "B")],
        [(new(FileAction.SetAttribute, "foo"), "foo"), (new(FileAction.SetAttribute, "A/bar"), "A/bar")],
    ];

    /// <summary>The disk on which sequences begin, and the tree on it.</summary>
    internal static (byte[] Disk, ModelTree Tree) Start => Small.Value;

    /// <summary>A small disk with the tree that some operations make, cleanly unmounted.</summary>
    internal static (byte[] Disk, ModelTree Tree) Prepare(IEnumerable<FileOperation> operations)
    {
        using LinuxExt4 linux = LinuxExt4.Make(DiskBytes, "-b", "1024", "-J", "size=1");
        using var rig = new Ext4Rig(linux.Read());
        Xunit.Assert.True(rig.TryMount(), rig.Log);
        var model = new TreeModel(ModelTree.Empty);
        new WorkloadRun(rig, model, () => 0).Execute(operations);
        return (rig.Image, model.Current);
    }

    /// <summary>One operation: 13 kinds, two variants of each, four ways to make them durable.</summary>
    internal static IEnumerable<Workload> OfOne() =>
        from kind in Core from one in kind from barrier in Barriers select Make([(one, barrier)]);

    /// <summary>Two operations: all pairs of kinds, the second in both variants, with all pairs of barriers.</summary>
    internal static IEnumerable<Workload> OfTwo() =>
        from first in Core
        from firstBarrier in Barriers
        from second in Core
        from variant in second
        from secondBarrier in Barriers
        select Make([(first[0], firstBarrier), (variant, secondBarrier)]);

    internal static Workload Random(int seed)
    {
        var random = new Random(seed);
        var operations = new List<FileOperation>();
        int count = random.Next(4, 25);
        for (int index = 0; index < count; index++)
        {
            FileOperation operation = AnyOperation(random);
            operations.Add(operation);
            if (random.Next(4) == 0)
            {
                FileAction barrier = random.Next(3) switch { 0 => FileAction.Sync, 1 => FileAction.SyncFile, _ => FileAction.SyncData };
                operations.Add(new FileOperation(barrier, barrier == FileAction.Sync ? "" : operation.Path));
            }
        }

        return new Workload($"random {seed}", [], operations);
    }

    private static FileOperation AnyOperation(Random random)
    {
        string[] paths = ["foo", "bar", "A/foo", "A/bar", "B/foo", "B/bar", "A/C/foo", "A", "B", "A/C"];
        string path = paths[random.Next(random.Next(4) == 0 ? paths.Length : 7)];
        string other = paths[random.Next(random.Next(4) == 0 ? paths.Length : 7)];
        int offset = random.Next(3) == 0 ? random.Next(20) * 1024 : random.Next(30_000);
        int length = random.Next(1, random.Next(4) == 0 ? 20_000 : 3000);
        return random.Next(14) switch
        {
            0 or 1 => new(FileAction.Create, path),
            2 or 3 or 4 => new(FileAction.Write, path, "", offset, length),
            5 => new(FileAction.Truncate, path, Length: offset),
            6 => new(FileAction.Allocate, path, "", offset, length, Modes[random.Next(Modes.Length)]),
            7 => new(FileAction.Rename, path, other),
            8 => new(FileAction.Link, path, other),
            9 => new(FileAction.Unlink, path),
            10 => new(FileAction.MakeDirectory, path),
            11 => new(FileAction.RemoveDirectory, path),
            12 => new(FileAction.SymbolicLink, other, path),
            _ => new(random.Next(3) == 0 ? FileAction.RemoveAttribute : FileAction.SetAttribute, path),
        };
    }

    private static readonly AllocationModes[] Modes =
    [
        AllocationModes.None, AllocationModes.KeepSize, AllocationModes.PunchHole | AllocationModes.KeepSize,
        AllocationModes.ZeroRange, AllocationModes.ZeroRange | AllocationModes.KeepSize,
    ];

    private static Workload Make(((FileOperation Operation, string Synced) One, FileAction? Barrier)[] steps)
    {
        var operations = new List<FileOperation>();
        foreach (((FileOperation operation, string synced), FileAction? barrier) in steps)
        {
            operations.Add(operation);
            if (barrier is { } action)
            {
                operations.Add(new FileOperation(action, action == FileAction.Sync ? "" : synced));
            }
        }

        return new Workload($"sequence of {steps.Length}", [], operations);
    }
}
