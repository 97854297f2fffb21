using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>A workload that has been carried out: what the disk was before, and everything that was done to it.</summary>
/// <param name="Before">The disk before the mount.</param>
/// <param name="Events">What was written and flushed from the mount on.</param>
/// <param name="Ends">For each operation the event at which it had returned.</param>
/// <param name="Model">The trees.</param>
/// <param name="Refused">Operations that the file system does not support; they are not in the model.</param>
internal sealed record WorkloadTrace(
    byte[] Before, IReadOnlyList<MediumEvent> Events, IReadOnlyList<int> Ends, TreeModel Model, int Refused);

/// <summary>Carries out workloads on a mounted file system, operation by operation as the model.</summary>
internal sealed class WorkloadRun(Ext4Rig rig, TreeModel model, Func<int> position)
{
    private readonly List<int> ends = [];

    internal IReadOnlyList<int> Ends => ends;

    internal int Refused { get; private set; }

    /// <summary>Mounts a copy of the disk, carries out the workload and unmounts.</summary>
    /// <param name="before">The disk.</param>
    /// <param name="start">The tree on it.</param>
    /// <param name="operations">The workload.</param>
    /// <param name="thread">Whose memory is used; null for memory of its own.</param>
    internal static WorkloadTrace Record(
        byte[] before, ModelTree start, IEnumerable<FileOperation> operations, TestThread? thread = null)
    {
        using var rig = new Ext4Rig([.. before], isRecording: true, sharedThread: thread);
        Assert.True(rig.TryMount(), rig.Log);
        var model = new TreeModel(start);
        var run = new WorkloadRun(rig, model, () => rig.Device.Record.Count);
        run.Execute(operations);
        List<MediumEvent> events = Convert(rig.Device.Record, out int[] places);
        return new WorkloadTrace(before, events, [.. run.Ends.Select(end => places[end])], model, run.Refused);
    }

    /// <summary>The changes of a disk among the requests that it has carried out.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="places">For a number of requests how many events they were.</param>
    internal static List<MediumEvent> Convert(IReadOnlyList<CarriedOut> requests, out int[] places)
    {
        var trace = new MediumTrace();
        places = new int[requests.Count + 1];
        for (int index = 0; index < requests.Count; index++)
        {
            BlockRequest request = requests[index].Request;
            long offset = (long)request.FirstBlock * 512;
            long length = request.BlockCount * 512L;
            switch (request.Operation)
            {
                case BlockOperation.Write:
                    trace.Write(offset, requests[index].Data);
                    break;
                case BlockOperation.WriteZeroes:
                    trace.Zero(offset, length);
                    break;
                case BlockOperation.Flush:
                    trace.Flush();
                    break;
            }

            if (request.Operation is BlockOperation.Write or BlockOperation.WriteZeroes && request.Flags.HasFlag(BlockFlags.ForceUnitAccess))
            {
                trace.Persist(offset, length);
            }

            places[index + 1] = trace.Events.Count;
        }

        return [.. trace.Events];
    }

    /// <summary>Carries out operations and the unmount.</summary>
    internal void Execute(IEnumerable<FileOperation> operations)
    {
        foreach (FileOperation operation in operations)
        {
            Step(operation);
        }

        rig.Unmount();
        Note(new FileOperation(FileAction.Unmount));
    }

    internal void Step(FileOperation operation)
    {
        bool mayDo = MayDo(operation, model.Current);
        if (operation.Action == FileAction.Open && model.Current.At(operation.Path) is not null)
        {
            return;
        }

        if (!mayDo && operation.IsBarrier)
        {
            return;
        }

        Errno error = Call(operation);
        if (error == Errno.NotSupported)
        {
            Refused++;
            return;
        }

        Assert.True((error == Errno.None) == mayDo, $"{operation}: {error}, {(mayDo ? "success" : "an error")} was expected\n{rig.Log}");
        if (mayDo)
        {
            Note(operation);
        }
    }

    private void Note(FileOperation operation)
    {
        model.Apply(operation);
        ends.Add(position());
    }

    /// <summary>What POSIX says of an operation, without permissions and limits.</summary>
    private static bool MayDo(FileOperation one, ModelTree tree)
    {
        bool hasParent = tree.IsDirectory(ModelTree.Parent(one.Path));
        bool hasTargetParent = tree.IsDirectory(ModelTree.Parent(one.Target));
        ModelFile? target = tree.At(one.Target);
        return one.Action switch
        {
            FileAction.Create or FileAction.MakeDirectory or FileAction.Open => hasParent && tree.At(one.Path) is null,
            FileAction.Write or FileAction.Truncate or FileAction.Allocate => tree.IsRegular(one.Path),
            FileAction.SymbolicLink => hasTargetParent && target is null,
            FileAction.Link => hasTargetParent && target is null && tree.At(one.Path) is not null && !tree.IsDirectory(one.Path),
            FileAction.Unlink => tree.At(one.Path) is not null && !tree.IsDirectory(one.Path),
            FileAction.RemoveDirectory => tree.IsDirectory(one.Path) && one.Path.Length > 0 && !tree.HasChildren(one.Path),
            FileAction.Rename => hasTargetParent && tree.At(one.Path) is not null && MayReplace(one, tree),
            FileAction.RemoveAttribute => tree.At(one.Path)?.Attributes.ContainsKey(TreeModel.AttributeName) ?? false,
            FileAction.SetAttribute or FileAction.SyncFile or FileAction.SyncData => tree.At(one.Path) is not null,
            _ => true,
        };
    }

    private static bool MayReplace(FileOperation one, ModelTree tree)
    {
        bool isDirectory = tree.IsDirectory(one.Path);
        bool isBelowItself = one.Target.StartsWith(one.Path + "/", StringComparison.Ordinal);
        return !isBelowItself && (tree.At(one.Target) is null || one.Target == one.Path
            || (isDirectory ? tree.IsDirectory(one.Target) && !tree.HasChildren(one.Target) : !tree.IsDirectory(one.Target)));
    }

    private Errno Call(FileOperation one)
    {
        ulong inode = Find(one.Path);
        (ulong directory, byte[] name) = Place(one.Path);
        (ulong targetDirectory, byte[] targetName) = Place(one.Target);
        CallContext context = rig.Context;
        IFileSystem fs = rig.Fs;
        switch (one.Action)
        {
            case FileAction.Create or FileAction.Open:
                return fs.Create(context, directory, name, Ext4Rig.RegularMode, 0, 0).Error;
            case FileAction.MakeDirectory:
                return fs.Create(context, directory, name, Ext4Rig.DirectoryMode, 0, 0).Error;
            case FileAction.Write:
                return fs.Write(context, inode, (ulong)one.Offset, TreeModel.Pattern(model.Operations.Count, one.Offset, one.Length)).Error;
            case FileAction.Truncate:
                var change = new FileAttributesChange { Fields = FileAttributeFields.Size, SizeBytes = (ulong)one.Length };
                return fs.SetAttributes(context, inode, change).Error;
            case FileAction.Allocate:
                return fs.Allocate(context, inode, (ulong)one.Offset, (ulong)one.Length, one.Modes).Error;
            case FileAction.Rename:
                return fs.Rename(context, directory, name, targetDirectory, targetName, RenameFlags.None).Error;
            case FileAction.Link:
                return fs.Link(context, inode, targetDirectory, targetName).Error;
            case FileAction.SymbolicLink:
                return fs.CreateSymbolicLink(context, targetDirectory, targetName, Encoding.UTF8.GetBytes(one.Path), 0, 0).Error;
            case FileAction.Unlink:
                return fs.Unlink(context, directory, name).Error;
            case FileAction.RemoveDirectory:
                return fs.RemoveDirectory(context, directory, name).Error;
            case FileAction.SetAttribute:
                byte[] value = Encoding.UTF8.GetBytes(TreeModel.AttributeValue(model.Operations.Count));
                return fs.SetExtendedAttribute(context, inode, Encoding.UTF8.GetBytes(TreeModel.AttributeName), value, default).Error;
            case FileAction.RemoveAttribute:
                return fs.RemoveExtendedAttribute(context, inode, Encoding.UTF8.GetBytes(TreeModel.AttributeName)).Error;
            case FileAction.SyncFile or FileAction.SyncData:
                return fs.SyncFile(context, inode, one.Action == FileAction.SyncData).Error;
            default:
                return fs.Sync(context).Error;
        }
    }

    private (ulong Directory, byte[] Name) Place(string path) =>
        (Find(ModelTree.Parent(path)), Encoding.UTF8.GetBytes(path[(path.LastIndexOf('/') + 1)..]));

    /// <summary>The inode of a path; one that is not in use when there is none.</summary>
    private ulong Find(string path)
    {
        ulong inode = Ext4Rig.Root;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Reply<Contracts.FileAttributes, Errno> found = rig.Fs.Lookup(rig.Context, inode, Encoding.UTF8.GetBytes(name));
            if (!found.IsOk)
            {
                return ulong.MaxValue;
            }

            inode = found.Value.Inode;
        }

        return inode;
    }
}
