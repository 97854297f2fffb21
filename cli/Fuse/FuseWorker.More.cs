using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Fuse;

/// <content>Operations on one file that few programs use: durability, space, holes, extended attributes.</content>
internal sealed partial class FuseWorker
{
    private Errno Sync(CallContext context, ref FuseRequest request)
    {
        if (!request.TryTake(out SyncRequest sync))
        {
            return Errno.InvalidArgument;
        }

        return Answer(files.SyncFile(context, Inode(request), (sync.Flags & FuseSpec.SyncDataOnly) != 0));
    }

    private Errno Allocate(CallContext context, ref FuseRequest request)
    {
        if (!request.TryTake(out AllocateRequest allocate))
        {
            return Errno.InvalidArgument;
        }

        const AllocationModes Known = AllocationModes.KeepSize | AllocationModes.PunchHole | AllocationModes.ZeroRange;
        var modes = (AllocationModes)allocate.Mode;
        return (modes & ~Known) != 0
            ? Errno.NotSupported
            : Answer(files.Allocate(context, Inode(request), allocate.OffsetBytes, allocate.LengthBytes, modes));
    }

    private Errno Seek(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out SeekRequest seek) || seek.Origin is not (FuseSpec.SeekData or FuseSpec.SeekHole))
        {
            return Errno.InvalidArgument;
        }

        Reply<ulong, Errno> found = seek.Origin == FuseSpec.SeekData
            ? files.SeekData(context, Inode(request), seek.OffsetBytes)
            : files.SeekHole(context, Inode(request), seek.OffsetBytes);
        if (!found.IsOk)
        {
            // To "not implemented" Linux answers by itself: data up to the size, then a hole.
            Errno error = ErrorOf(found);
            return error == Errno.NotSupported ? Errno.NotImplemented : error;
        }

        reply.Put(new SeekReply { OffsetBytes = found.Value });
        return Errno.None;
    }

    private Errno GetExtendedAttribute(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out GetExtendedAttributeRequest get) || !request.TryTakeText(out ReadOnlySpan<byte> name)
            || get.RoomBytes > FuseLimits.TransferBytes)
        {
            return Errno.InvalidArgument;
        }

        Span<byte> room = reply.Room[..(int)get.RoomBytes];
        return PutLengthOrValue(files.GetExtendedAttribute(context, Inode(request), name, room), room.Length, ref reply);
    }

    private Errno ListExtendedAttributes(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out GetExtendedAttributeRequest list) || list.RoomBytes > FuseLimits.TransferBytes)
        {
            return Errno.InvalidArgument;
        }

        Span<byte> room = reply.Room[..(int)list.RoomBytes];
        return PutLengthOrValue(files.ListExtendedAttributes(context, Inode(request), room), room.Length, ref reply);
    }

    private Errno SetExtendedAttribute(CallContext context, ref FuseRequest request)
    {
        if (!request.TryTake(out SetExtendedAttributeRequest set) || !request.TryTakeText(out ReadOnlySpan<byte> name)
            || request.Rest.Length < set.ValueBytes)
        {
            return Errno.InvalidArgument;
        }

        ReadOnlySpan<byte> value = request.Rest[..(int)set.ValueBytes];
        return Answer(files.SetExtendedAttribute(context, Inode(request), name, value, (ExtendedAttributeFlags)set.Flags));
    }

    private Errno RemoveExtendedAttribute(CallContext context, ref FuseRequest request) =>
        request.TryTakeText(out ReadOnlySpan<byte> name)
            ? Answer(files.RemoveExtendedAttribute(context, Inode(request), name))
            : Errno.InvalidArgument;

    private static Errno PutLengthOrValue(Reply<int, Errno> length, int roomBytes, ref FuseReply reply)
    {
        if (!length.IsOk)
        {
            return ErrorOf(length);
        }

        if (roomBytes == 0)
        {
            reply.Put(new ExtendedAttributeLengthReply { LengthBytes = (uint)length.Value });
        }
        else
        {
            reply.Advance(length.Value);
        }

        return Errno.None;
    }

    private static Errno Answer(Reply<Unit, Errno> reply) => reply.IsOk ? Errno.None : ErrorOf(reply);
}
