using RedLeafSharp.Contracts;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Cli.Fuse;

/// <content>Operations on names. Linux has checked permissions and types before it asks.</content>
internal sealed partial class FuseWorker
{
    private Errno Lookup(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTakeText(out ReadOnlySpan<byte> name))
        {
            return Errno.InvalidArgument;
        }

        Reply<FileAttributes, Errno> found = files.Lookup(context, Directory(request), name);
        if (!found.IsOk && !found.IsFault && found.Error == Errno.NoEntry)
        {
            // As an entry without a node, its absence can be remembered.
            reply.Put(new EntryReply { EntryValidSeconds = FuseLimits.CacheSeconds });
            return Errno.None;
        }

        return Grant(found, ref reply);
    }

    private Errno Create(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out CreateRequest create) || !request.TryTakeText(out ReadOnlySpan<byte> name))
        {
            return Errno.InvalidArgument;
        }

        Reply<FileAttributes, Errno> made = Make(context, request, name, FileMode.Regular | (create.Mode & FileMode.PermissionMask));
        bool mayExist = (create.Flags & FuseSpec.OpenExclusive) == 0;
        if (!made.IsOk && !made.IsFault && made.Error == Errno.Exists && mayExist)
        {
            made = files.Lookup(context, Directory(request), name);
        }

        if (!made.IsOk)
        {
            return ErrorOf(made);
        }

        reply.Put(new CreateReply { Entry = Refer(made.Value), OpenFlags = FuseSpec.OpenKeepCache });
        return Errno.None;
    }

    private Errno MakeNode(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out MakeNodeRequest make) || !request.TryTakeText(out ReadOnlySpan<byte> name))
        {
            return Errno.InvalidArgument;
        }

        bool isDevice = (make.Mode & FileMode.TypeMask) is FileMode.CharacterDevice or FileMode.BlockDevice;
        Reply<FileAttributes, Errno> made = isDevice
            ? files.CreateDevice(
                context, Directory(request), name, make.Mode, make.DeviceNumber, request.Header.UserId, request.Header.GroupId)
            : Make(context, request, name, make.Mode);
        return Grant(made, ref reply);
    }

    private Errno MakeDirectory(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out MakeDirectoryRequest make) || !request.TryTakeText(out ReadOnlySpan<byte> name))
        {
            return Errno.InvalidArgument;
        }

        uint mode = FileMode.Directory | (make.Mode & FileMode.PermissionMask);
        return Grant(Make(context, request, name, mode), ref reply);
    }

    private Errno MakeSymbolicLink(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTakeText(out ReadOnlySpan<byte> name) || !request.TryTakeText(out ReadOnlySpan<byte> target))
        {
            return Errno.InvalidArgument;
        }

        return Grant(
            files.CreateSymbolicLink(
                context, Directory(request), name, target, request.Header.UserId, request.Header.GroupId),
            ref reply);
    }

    private Errno Link(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out LinkRequest link) || !request.TryTakeText(out ReadOnlySpan<byte> name))
        {
            return Errno.InvalidArgument;
        }

        return Grant(files.Link(context, nodes.InodeOf(link.Node), Directory(request), name), ref reply);
    }

    private Errno Remove(CallContext context, ref FuseRequest request, bool isDirectory)
    {
        if (!request.TryTakeText(out ReadOnlySpan<byte> name))
        {
            return Errno.InvalidArgument;
        }

        ulong directory = Directory(request);
        return Keep(
            context, isDirectory ? files.RemoveDirectory(context, directory, name) : files.Unlink(context, directory, name));
    }

    private Errno Rename(CallContext context, ref FuseRequest request, bool hasFlags)
    {
        Rename2Request rename = default;
        bool isTaken = hasFlags ? request.TryTake(out rename) : request.TryTake(out rename.NewDirectory);
        if (!isTaken || !request.TryTakeText(out ReadOnlySpan<byte> name) || !request.TryTakeText(out ReadOnlySpan<byte> newName))
        {
            return Errno.InvalidArgument;
        }

        ulong newDirectory = nodes.InodeOf(rename.NewDirectory);
        var flags = (RenameFlags)rename.Flags;
        return (flags & ~(RenameFlags.NoReplace | RenameFlags.Exchange)) != 0
            ? Errno.InvalidArgument
            : Keep(context, files.Rename(context, Directory(request), name, newDirectory, newName, flags));
    }

    private ulong Directory(in FuseRequest request) => nodes.InodeOf(request.Header.Node);

    private Reply<FileAttributes, Errno> Make(
        CallContext context, in FuseRequest request, ReadOnlySpan<byte> name, uint mode) =>
        files.Create(context, Directory(request), name, mode, request.Header.UserId, request.Header.GroupId);

    /// <summary>Answers with an entry, by which Linux holds one more reference.</summary>
    private Errno Grant(Reply<FileAttributes, Errno> file, ref FuseReply reply)
    {
        if (!file.IsOk)
        {
            return ErrorOf(file);
        }

        reply.Put(Refer(file.Value));
        return Errno.None;
    }

    private EntryReply Refer(in FileAttributes file)
    {
        nodes.Refer(file.Inode);
        granted.Add(file.Inode);
        return new EntryReply
        {
            Node = nodes.NodeOf(file.Inode),
            EntryValidSeconds = FuseLimits.CacheSeconds,
            AttributesValidSeconds = FuseLimits.CacheSeconds,
            Attributes = Describe(file),
        };
    }

    /// <summary>What has lost its last name is kept for as long as Linux refers to it.</summary>
    private Errno Keep(CallContext context, Reply<ulong, Errno> removed)
    {
        if (!removed.IsOk)
        {
            return ErrorOf(removed);
        }

        if (removed.Value != 0 && !nodes.TryKeep(removed.Value))
        {
            _ = files.Release(context, removed.Value);
        }

        return Errno.None;
    }
}
