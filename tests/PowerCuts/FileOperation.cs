using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>What an operation of a workload does.</summary>
internal enum FileAction
{
    Create,
    Open,
    Write,
    Truncate,
    Allocate,
    Rename,
    Link,
    Unlink,
    MakeDirectory,
    RemoveDirectory,
    SymbolicLink,
    SetAttribute,
    RemoveAttribute,
    SyncFile,
    SyncData,
    Sync,

    /// <summary>The end of the mount.</summary>
    Unmount,
}

/// <summary>One operation of a workload, by paths.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Path">On what, "" for the root; what is linked or renamed.</param>
/// <param name="Target">The other name of a link, rename or symbolic link.</param>
/// <param name="Offset">Of a write or allocation.</param>
/// <param name="Length">Bytes, or the new size.</param>
/// <param name="Modes">Of an allocation.</param>
internal sealed record FileOperation(
    FileAction Action, string Path = "", string Target = "", int Offset = 0, int Length = 0, AllocationModes Modes = AllocationModes.None)
{
    internal bool IsBarrier => Action is FileAction.SyncFile or FileAction.SyncData or FileAction.Sync or FileAction.Unmount;

    /// <summary>As a workload file has it.</summary>
    public override string ToString() => Action switch
    {
        FileAction.Create => $"creat {Path}",
        FileAction.Open => $"open {Path} O_RDWR|O_CREAT 0777",
        FileAction.Write => $"write {Path} {Offset} {Length}",
        FileAction.Truncate => $"truncate {Path} {Length}",
        FileAction.Allocate => $"falloc {Path} {(int)Modes} {Offset} {Length}",
        FileAction.Rename => $"rename {Path} {Target}",
        FileAction.Link => $"link {Path} {Target}",
        FileAction.Unlink => $"unlink {Path}",
        FileAction.MakeDirectory => $"mkdir {Path} 0777",
        FileAction.RemoveDirectory => $"rmdir {Path}",
        FileAction.SymbolicLink => $"symlink {Path} {Target}",
        FileAction.SetAttribute => $"fsetxattr {Path}",
        FileAction.RemoveAttribute => $"removexattr {Path}",
        FileAction.SyncFile => $"fsync {(Path.Length > 0 ? Path : "test")}",
        FileAction.SyncData => $"fdatasync {(Path.Length > 0 ? Path : "test")}",
        FileAction.Sync => "sync",
        _ => "unmount",
    };
}

/// <summary>A workload: what makes the tree before it, durably, and the operations in which the power is cut.</summary>
internal sealed record Workload(string Name, IReadOnlyList<FileOperation> Setup, IReadOnlyList<FileOperation> Operations)
{
    public override string ToString() => $"{Name}: {string.Join("; ", Operations)}";
}
