using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>chmod, chown, truncate and utimensat: who may, on what, and what follows for the set-id bits.</summary>
internal static class AttributeChange
{
    public const uint SetUserId = 0x800;
    public const uint SetGroupId = 0x400;

    private const uint GroupExecute = 8;
    private const uint NanosecondsMax = 999_999_999;

    private const FileAttributeFields Times = FileAttributeFields.AccessTime | FileAttributeFields.ModificationTime;
    private const FileAttributeFields Owners = FileAttributeFields.UserId | FileAttributeFields.GroupId;

    /// <summary>Checks a change of an inode against its attributes and makes it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="mount">The file system.</param>
    /// <param name="process">Who asks.</param>
    /// <param name="file">The file's attributes.</param>
    /// <param name="wanted">The change.</param>
    /// <param name="isOpenToWrite">Whether an open descriptor has proven that the process may write.</param>
    public static Errno Apply(
        CallContext context,
        Mount mount,
        Process process,
        in FileAttributes file,
        in FileAttributesChange wanted,
        bool isOpenToWrite)
    {
        FileAttributesChange change = wanted;
        Errno error = mount.IsReadOnly ? Errno.ReadOnlyFileSystem : CheckTimes(context, process, file, ref change);
        error = error != Errno.None ? error : CheckMode(process, file, ref change);
        error = error != Errno.None ? error : CheckOwners(process, file, ref change);
        error = error != Errno.None ? error : CheckSize(process, file, ref change, isOpenToWrite);
        return error != Errno.None || change.Fields == FileAttributeFields.None
            ? error
            : mount.Files.SetAttributes(context, file.Inode, change).ErrorOf();
    }

    /// <summary>Whether both times are to stay and nothing else is asked for: utimensat(2) of Linux does not even look for the file then.</summary>
    public static bool OmitsAll(in FileAttributesChange change) =>
        change.Fields == Times
        && change.AccessTime.Nanoseconds == SpecialTimes.Omit.Nanoseconds
        && change.ModificationTime.Nanoseconds == SpecialTimes.Omit.Nanoseconds;

    /// <summary>
    /// The mode without the bits that a change by somebody else must take away: an unprivileged process that writes to a
    /// program must not leave it with its owner's rights (POSIX.1-2017, write and chown).
    /// </summary>
    /// <remarks>Set-group-id without execution by the group means mandatory locking elsewhere: it stays for those in the group.</remarks>
    public static uint WithoutSetIds(in FileAttributes file, in Identity identity)
    {
        bool clearsGroup = (file.Mode & GroupExecute) != 0 || !(identity.IsPrivileged || identity.IsIn(file.GroupId));
        return file.Mode & ~(SetUserId | (clearsGroup ? SetGroupId : 0));
    }

    private static Errno CheckTimes(CallContext context, Process process, in FileAttributes file, ref FileAttributesChange change)
    {
        bool setsAccess = Settle(context, ref change, FileAttributeFields.AccessTime, ref change.AccessTime, out bool isAccessNow);
        bool setsModification = Settle(
            context, ref change, FileAttributeFields.ModificationTime, ref change.ModificationTime, out bool isModificationNow);
        if ((setsAccess && change.AccessTime.Nanoseconds > NanosecondsMax)
            || (setsModification && change.ModificationTime.Nanoseconds > NanosecondsMax))
        {
            return Errno.InvalidArgument;
        }

        if ((!setsAccess && !setsModification) || Access.Owns(file, process))
        {
            return Errno.None;
        }

        // Whoever may write may say that the file has just been written, and nothing else.
        return !isAccessNow || !isModificationNow ? Errno.NotPermitted
            : Access.Allows(file, process, Access.Write) ? Errno.None
            : Errno.AccessDenied;
    }

    /// <summary>Puts the moment in the place of "now", and takes a time that is to stay out of the change.</summary>
    /// <returns>Whether the time is set.</returns>
    private static bool Settle(
        CallContext context, ref FileAttributesChange change, FileAttributeFields field, ref FileTime time, out bool isNow)
    {
        isNow = (change.Fields & field) != 0 && time.Nanoseconds == SpecialTimes.NowNanoseconds;
        if (time.Nanoseconds == SpecialTimes.OmitNanoseconds)
        {
            change.Fields &= ~field;
        }

        time = isNow ? SystemCalls.TimeOf(context) : time;
        return (change.Fields & field) != 0;
    }

    private static Errno CheckMode(Process process, in FileAttributes file, ref FileAttributesChange change)
    {
        if ((change.Fields & FileAttributeFields.Mode) == 0)
        {
            return Errno.None;
        }

        if ((file.Mode & FileMode.TypeMask) == FileMode.SymbolicLink)
        {
            return Errno.NotSupported;
        }

        // Nobody makes a program run with the rights of a group that he is not in.
        Identity identity = process.Credentials.Effective;
        change.Mode &= identity.IsPrivileged || identity.IsIn(file.GroupId) ? uint.MaxValue : ~SetGroupId;
        return Access.Owns(file, process) ? Errno.None : Errno.NotPermitted;
    }

    private static Errno CheckOwners(Process process, in FileAttributes file, ref FileAttributesChange change)
    {
        if ((change.Fields & Owners) == 0)
        {
            return Errno.None;
        }

        bool setsUser = (change.Fields & FileAttributeFields.UserId) != 0 && change.UserId != uint.MaxValue;
        bool setsGroup = (change.Fields & FileAttributeFields.GroupId) != 0 && change.GroupId != uint.MaxValue;
        Identity identity = process.Credentials.Effective;
        bool isOwner = identity.UserId == file.UserId;
        bool mayUser = !setsUser || (isOwner && change.UserId == file.UserId);
        bool mayGroup = !setsGroup || (isOwner && (identity.IsIn(change.GroupId) || change.GroupId == file.GroupId));
        if (!identity.IsPrivileged && !(mayUser && mayGroup))
        {
            return Errno.NotPermitted;
        }

        change.Fields &= ~Owners;
        change.Fields |= (setsUser ? FileAttributeFields.UserId : 0) | (setsGroup ? FileAttributeFields.GroupId : 0);
        if ((file.Mode & FileMode.TypeMask) != FileMode.Directory && (change.Fields & FileAttributeFields.Mode) == 0)
        {
            ClearSetIds(process, file, ref change);
        }

        return Errno.None;
    }

    private static Errno CheckSize(Process process, in FileAttributes file, ref FileAttributesChange change, bool isOpenToWrite)
    {
        if ((change.Fields & FileAttributeFields.Size) == 0)
        {
            return Errno.None;
        }

        uint type = file.Mode & FileMode.TypeMask;
        Errno error = type == FileMode.Directory ? Errno.IsDirectory
            : type != FileMode.Regular || change.SizeBytes > long.MaxValue ? Errno.InvalidArgument
            : !isOpenToWrite && !Access.Allows(file, process, Access.Write) ? Errno.AccessDenied
            : change.SizeBytes > file.SizeBytes && change.SizeBytes > process.FileSizeLimit.Soft ? Errno.FileTooLarge
            : Errno.None;
        if (error == Errno.None && !process.Credentials.Effective.IsPrivileged && (change.Fields & FileAttributeFields.Mode) == 0)
        {
            ClearSetIds(process, file, ref change);
        }

        return error;
    }

    private static void ClearSetIds(Process process, in FileAttributes file, ref FileAttributesChange change)
    {
        uint mode = WithoutSetIds(file, process.Credentials.Effective);
        if (mode != file.Mode)
        {
            change.Fields |= FileAttributeFields.Mode;
            change.Mode = mode & FileMode.PermissionMask;
        }
    }
}
