using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>chmod, chown, truncate and utimensat: who may, and on what.</summary>
internal static class AttributeChange
{
    private const FileAttributeFields Times = FileAttributeFields.AccessTime | FileAttributeFields.ModificationTime;

    /// <summary>Checks a change of an inode against its attributes and makes it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="fileSystem">The file system.</param>
    /// <param name="process">Who asks.</param>
    /// <param name="inode">The inode.</param>
    /// <param name="change">The change.</param>
    /// <param name="checksWriteAccess">False when an open descriptor has proven the access already.</param>
    public static Errno Apply(
        CallContext context,
        IFileSystem fileSystem,
        Process process,
        ulong inode,
        in FileAttributesChange change,
        bool checksWriteAccess)
    {
        Reply<FileAttributes, Errno> present = fileSystem.GetAttributes(context, inode);
        if (!present.IsOk)
        {
            return present.ErrorOf();
        }

        Errno error = Check(process, present.Value, change, checksWriteAccess);
        return error != Errno.None ? error : fileSystem.SetAttributes(context, inode, change).ErrorOf();
    }

    private static Errno Check(Process process, in FileAttributes file, in FileAttributesChange change, bool checksWriteAccess)
    {
        FileAttributeFields fields = change.Fields;
        bool hasGroup = (fields & FileAttributeFields.GroupId) != 0;
        bool isOwnGroup = hasGroup && change.GroupId == process.GroupId;
        if ((fields & FileAttributeFields.UserId) != 0 && process.UserId != 0)
        {
            return Errno.NotPermitted;
        }

        if ((hasGroup && !isOwnGroup && process.UserId != 0)
            || ((fields & (FileAttributeFields.Mode | FileAttributeFields.GroupId | Times)) != 0 && !Access.Owns(file, process)))
        {
            return Errno.NotPermitted;
        }

        uint type = file.Mode & FileMode.TypeMask;
        if ((fields & FileAttributeFields.Mode) != 0 && type == FileMode.SymbolicLink)
        {
            return Errno.NotSupported;
        }

        return (fields & FileAttributeFields.Size) == 0 ? Errno.None
            : type == FileMode.Directory ? Errno.IsDirectory
            : type != FileMode.Regular || change.SizeBytes > long.MaxValue ? Errno.InvalidArgument
            : checksWriteAccess && !Access.Allows(file, process, Access.Write) ? Errno.AccessDenied
            : Errno.None;
    }
}
