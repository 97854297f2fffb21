using System.Runtime.InteropServices;
using RedLeafSharp.Contracts;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Cli.Fuse;

/// <content>Operations on one file: attributes, bytes, listings.</content>
internal sealed partial class FuseWorker
{
    private const uint SetUserId = 0x800;
    private const uint SetGroupId = 0x400;
    private const uint GroupExecute = 0x8;

    private Errno GetAttributes(CallContext context, ref FuseRequest request, ref FuseReply reply) =>
        Put(files.GetAttributes(context, Inode(request)), ref reply);

    private Errno SetAttributes(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out SetAttributesRequest set))
        {
            return Errno.InvalidArgument;
        }

        ulong inode = Inode(request);
        FileAttributesChange change = ChangeOf(context, set);
        bool isChown = (set.Fields & (FuseSpec.SetUser | FuseSpec.SetGroup)) != 0;
        if ((isChown || (set.Fields & FuseSpec.SetKillSetIds) != 0) && (set.Fields & FuseSpec.SetMode) == 0)
        {
            Reply<FileAttributes, Errno> present = files.GetAttributes(context, inode);
            if (!present.IsOk)
            {
                return ErrorOf(present);
            }

            if (HasSetIds(present.Value, out change.Mode))
            {
                change.Fields |= FileAttributeFields.Mode;
            }
        }

        return Put(files.SetAttributes(context, inode, change), ref reply);
    }

    private Errno ReadLink(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        Reply<int, Errno> length = files.ReadSymbolicLink(context, Inode(request), reply.Room[..Environment.SystemPageSize]);
        return Advance(length, ref reply);
    }

    private Errno Read(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out TransferRequest read) || read.LengthBytes > FuseLimits.TransferBytes)
        {
            return Errno.InvalidArgument;
        }

        // Straight into the reply: from the file system's page there is one copy here, and one into Linux's.
        Span<byte> room = reply.Room[..(int)read.LengthBytes];
        int done = 0;
        while (done < room.Length)
        {
            Reply<int, Errno> length = files.Read(context, Inode(request), read.OffsetBytes + (uint)done, room[done..]);
            if (!length.IsOk && done == 0)
            {
                return ErrorOf(length);
            }

            if (!length.IsOk || length.Value == 0)
            {
                break; // short: Linux takes it for the end, or asks for the rest and gets the error
            }

            done += length.Value;
        }

        reply.Advance(done);
        return Errno.None;
    }

    private Errno Write(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out TransferRequest write) || request.Rest.Length < write.LengthBytes)
        {
            return Errno.InvalidArgument;
        }

        Reply<int, Errno> written = files.Write(context, Inode(request), write.OffsetBytes, request.Rest[..(int)write.LengthBytes]);
        if (!written.IsOk)
        {
            return ErrorOf(written);
        }

        if ((write.TransferFlags & FuseSpec.WriteKillSetIds) != 0)
        {
            DropSetIds(context, Inode(request));
        }

        reply.Put(new WriteReply { LengthBytes = (uint)written.Value });
        return Errno.None;
    }

    /// <summary>Rewrites the system's listing for Linux, whose entries are laid out otherwise, until one does not fit any more.</summary>
    private Errno List(CallContext context, ref FuseRequest request, ref FuseReply reply, bool hasAttributes)
    {
        if (!request.TryTake(out TransferRequest read) || read.LengthBytes > FuseLimits.TransferBytes)
        {
            return Errno.InvalidArgument;
        }

        ulong directory = Inode(request);
        ulong cookie = read.OffsetBytes;
        int end = reply.LengthBytes + (int)read.LengthBytes;
        while (true)
        {
            Reply<int, Errno> length = files.ReadDirectory(context, directory, cookie, listing);
            if (!length.IsOk)
            {
                return reply.LengthBytes > ReplyHeader.Bytes ? Errno.None : ErrorOf(length);
            }

            if (length.Value == 0)
            {
                return Errno.None;
            }

            ReadOnlySpan<byte> rest = listing.AsSpan(0, length.Value);
            while (DirectoryEntry.TryRead(ref rest, out DirectoryEntry entry))
            {
                if (!TryPut(context, entry, end, ref reply, hasAttributes))
                {
                    return Errno.None;
                }

                cookie = entry.NextCookie;
            }
        }
    }

    private bool TryPut(CallContext context, scoped DirectoryEntry entry, int end, ref FuseReply reply, bool hasAttributes)
    {
        int length = (ListedName.Bytes + entry.Name.Length + 7) & ~7;
        if (reply.LengthBytes + length + (hasAttributes ? EntryReply.Bytes : 0) > end)
        {
            return false;
        }

        if (hasAttributes)
        {
            // Without a node it is a name only. Linux wants none for the directory and its parent: it has them.
            bool isOwn = entry.Name.SequenceEqual("."u8) || entry.Name.SequenceEqual(".."u8);
            Reply<FileAttributes, Errno> file = isOwn ? Errno.NoEntry : files.GetAttributes(context, entry.Inode);
            reply.Put(file.IsOk ? Refer(file.Value) : default);
        }

        Span<byte> record = reply.Room[..length];
        record.Clear();
        var listed = new ListedName
        {
            Inode = entry.Inode,
            NextCookie = entry.NextCookie,
            NameBytes = (uint)entry.Name.Length,
            Type = (uint)entry.Type,
        };
        MemoryMarshal.Write(record, listed);
        entry.Name.CopyTo(record[ListedName.Bytes..]);
        reply.Advance(length);
        return true;
    }

    private ulong Inode(in FuseRequest request) => nodes.InodeOf(request.Header.Node);

    private Errno Advance(Reply<int, Errno> length, ref FuseReply reply)
    {
        if (!length.IsOk)
        {
            return ErrorOf(length);
        }

        reply.Advance(length.Value);
        return Errno.None;
    }

    private static Errno Put(Reply<FileAttributes, Errno> file, ref FuseReply reply)
    {
        if (!file.IsOk)
        {
            return ErrorOf(file);
        }

        reply.Put(new AttributesReply { ValidSeconds = FuseLimits.CacheSeconds, Attributes = Describe(file.Value) });
        return Errno.None;
    }

    private void DropSetIds(CallContext context, ulong inode)
    {
        Reply<FileAttributes, Errno> present = files.GetAttributes(context, inode);
        if (present.IsOk && HasSetIds(present.Value, out uint without))
        {
            var change = new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = without };
            _ = files.SetAttributes(context, inode, change);
        }
    }

    /// <summary>
    /// Whether a regular file has set-id bits that a change by somebody else takes away. Set-group-id without the right to execute
    /// means something else (mandatory locks, inode(7)) and stays.
    /// </summary>
    private static bool HasSetIds(in FileAttributes file, out uint without)
    {
        uint drop = (file.Mode & SetUserId) | ((file.Mode & GroupExecute) != 0 ? file.Mode & SetGroupId : 0);
        without = file.Mode & FileMode.PermissionMask & ~drop;
        return drop != 0 && (file.Mode & FileMode.TypeMask) == FileMode.Regular;
    }

    private static FileAttributesChange ChangeOf(CallContext context, in SetAttributesRequest set)
    {
        const uint MicrosPerSecond = 1_000_000;
        FileTime now = new()
        {
            Seconds = context.WallClockMicros / MicrosPerSecond,
            Nanoseconds = (uint)(context.WallClockMicros % MicrosPerSecond) * 1000,
        };
        uint fields = set.Fields;
        FileAttributeFields Field(uint bits, FileAttributeFields field) => (fields & bits) != 0 ? field : FileAttributeFields.None;
        return new FileAttributesChange
        {
            Fields = Field(FuseSpec.SetMode, FileAttributeFields.Mode)
                | Field(FuseSpec.SetUser, FileAttributeFields.UserId)
                | Field(FuseSpec.SetGroup, FileAttributeFields.GroupId)
                | Field(FuseSpec.SetSize, FileAttributeFields.Size)
                | Field(FuseSpec.SetAccessTime | FuseSpec.SetAccessTimeNow, FileAttributeFields.AccessTime)
                | Field(FuseSpec.SetModificationTime | FuseSpec.SetModificationTimeNow, FileAttributeFields.ModificationTime),
            Mode = set.Mode & FileMode.PermissionMask,
            UserId = set.UserId,
            GroupId = set.GroupId,
            SizeBytes = set.SizeBytes,
            AccessTime = (fields & FuseSpec.SetAccessTimeNow) != 0
                ? now
                : new FileTime { Seconds = (long)set.AccessSeconds, Nanoseconds = set.AccessNanoseconds },
            ModificationTime = (fields & FuseSpec.SetModificationTimeNow) != 0
                ? now
                : new FileTime { Seconds = (long)set.ModificationSeconds, Nanoseconds = set.ModificationNanoseconds },
        };
    }

    private static NodeAttributes Describe(in FileAttributes file) => new()
    {
        Inode = file.Inode,
        SizeBytes = file.SizeBytes,
        SectorCount = file.SectorCount,
        AccessSeconds = (ulong)file.AccessTime.Seconds,
        ModificationSeconds = (ulong)file.ModificationTime.Seconds,
        ChangeSeconds = (ulong)file.ChangeTime.Seconds,
        AccessNanoseconds = file.AccessTime.Nanoseconds,
        ModificationNanoseconds = file.ModificationTime.Nanoseconds,
        ChangeNanoseconds = file.ChangeTime.Nanoseconds,
        Mode = file.Mode,
        LinkCount = file.LinkCount,
        UserId = file.UserId,
        GroupId = file.GroupId,
        DeviceNumber = file.DeviceNumber,
        BlockBytes = file.BlockBytes,
    };
}
