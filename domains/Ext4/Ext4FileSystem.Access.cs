using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.InodeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <content>When a file was read last, which every reading may change.</content>
internal sealed partial class Ext4FileSystem
{
    /// <summary>
    /// Linux's relatime: the time of access moves when it is not after the last change of bytes or attributes, or a day old. A clock is
    /// read for the day only when a reading starts, so that it costs the others nothing.
    /// </summary>
    private void NoteAccess(CallContext context, Inode inode, bool isStart)
    {
        FileTime access = inode.GetTime(Spec.AccessTime, Spec.AccessTimeExtra);
        bool isStale = !IsAfter(access, inode.GetTime(Spec.ModificationTime, Spec.ModificationTimeExtra))
            || !IsAfter(access, inode.GetTime(Spec.ChangeTime, Spec.ChangeTimeExtra));
        if ((!isStale && !isStart) || volume.IsReadOnly)
        {
            return;
        }

        FileTime now = InodeLife.Now(context);
        bool moves = isStale
            ? now.Seconds != access.Seconds || now.Nanoseconds != access.Nanoseconds
            : now.Seconds - access.Seconds >= Ext4Limits.AccessTimeSeconds;
        if (moves && BeginChange(context) == Errno.None)
        {
            inode.SetTime(Spec.AccessTime, Spec.AccessTimeExtra, now);
            _ = volume.Inodes.Store(context, inode);
            EndChange(context);
        }
    }

    private static bool IsAfter(FileTime one, FileTime other) =>
        one.Seconds > other.Seconds || (one.Seconds == other.Seconds && one.Nanoseconds > other.Nanoseconds);
}
