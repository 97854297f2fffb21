using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Record locks of fcntl(2), and flock(2).</content>
internal sealed partial class SystemCalls
{
    public Reply<Unit, Errno> LockRecord(
        CallContext context, int descriptor, LockCommand command, ref RecordLock recordLock)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        HeldRange range = default;
        error = error != Errno.None ? error
            : file.IsPathOnly ? Errno.BadDescriptor
            : file.Vnode is null || recordLock.Type is < LockType.Shared or > LockType.Unlock ? Errno.InvalidArgument
            : ToRange(context, process, file, recordLock, out range);
        if (error != Errno.None)
        {
            return error;
        }

        FileLocks locks = file.Vnode!.MakeLocks(context);
        if (command == LockCommand.Get)
        {
            recordLock = Describe(recordLock, locks.FindConflict(range));
            return default(Unit);
        }

        return command is LockCommand.Set or LockCommand.SetAndWait
            ? SetLock(context, file, locks, range, recordLock.Type, command == LockCommand.SetAndWait).ToReply()
            : Errno.InvalidArgument;
    }

    public Reply<Unit, Errno> LockFile(CallContext context, int descriptor, FileLockOperation operation)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        FileLockOperation what = operation & ~FileLockOperation.NonBlock;
        error = error != Errno.None ? error
            : file.IsPathOnly ? Errno.BadDescriptor
            : file.Vnode is null ? Errno.InvalidArgument
            : what is FileLockOperation.Shared or FileLockOperation.Exclusive or FileLockOperation.Unlock ? Errno.None
            : Errno.InvalidArgument;
        if (error != Errno.None)
        {
            return error;
        }

        FileLocks locks = file.Vnode!.MakeLocks(context);
        if (what == FileLockOperation.Unlock)
        {
            locks.ReleaseFile(file);
            return default(Unit);
        }

        while (!locks.TryTake(file, what == FileLockOperation.Exclusive))
        {
            bool waits = (operation & FileLockOperation.NonBlock) == 0;
            error = waits ? locks.WaitForChange(context) : Errno.TryAgain;
            if (error != Errno.None)
            {
                return error;
            }
        }

        return default(Unit);
    }

    private static Errno SetLock(
        CallContext context, OpenFile file, FileLocks locks, in HeldRange range, LockType type, bool waits)
    {
        if ((type == LockType.Shared && !file.CanRead) || (type == LockType.Exclusive && !file.CanWrite))
        {
            return Errno.BadDescriptor;
        }

        bool isUnlock = type == LockType.Unlock;
        Errno error = isUnlock || locks.FindConflict(range) is null ? Errno.None
            : waits ? new LockRequest(locks, range).Wait(context)
            : Errno.TryAgain;
        return error != Errno.None ? error : locks.Replace(range, isUnlock);
    }

    /// <summary>The bytes that a lock names (POSIX.1-2017, fcntl: l_whence, l_start, l_len).</summary>
    private static Errno ToRange(
        CallContext context, Process process, OpenFile file, in RecordLock recordLock, out HeldRange range)
    {
        range = default;
        Reply<long, Errno> origin = recordLock.Origin switch
        {
            SeekOrigin.Start => 0L,
            SeekOrigin.Current => PositionOf(context, file),
            SeekOrigin.End => EndOf(context, file),
            _ => Errno.InvalidArgument,
        };
        if (!origin.IsOk)
        {
            return origin.Error;
        }

        Int128 first = (Int128)origin.Value + recordLock.Start;
        Int128 last = recordLock.Length == 0 ? long.MaxValue : first + recordLock.Length - 1;
        if (recordLock.Length < 0)
        {
            last = first - 1;
            first += recordLock.Length;
        }

        if (first < 0)
        {
            return Errno.InvalidArgument;
        }

        if (first > long.MaxValue || last > long.MaxValue)
        {
            return Errno.Overflow;
        }

        range = new HeldRange(process, (long)first, (long)last, recordLock.Type == LockType.Exclusive);
        return Errno.None;
    }

    /// <summary>What cannot be sought, such as a FIFO, is at its start.</summary>
    private static Reply<long, Errno> PositionOf(CallContext context, OpenFile file)
    {
        Reply<long, Errno> position = file.Seek(context, 0, SeekOrigin.Current);
        return position.Error == Errno.IllegalSeek ? 0L : position;
    }

    private static Reply<long, Errno> EndOf(CallContext context, OpenFile file)
    {
        Errno error = file.Vnode!.Mount.GetAttributes(context, file.Vnode.Inode, out FileAttributes attributes);
        return error != Errno.None ? error : (long)attributes.SizeBytes;
    }

    private static RecordLock Describe(RecordLock wanted, HeldRange? conflict)
    {
        if (conflict is not { } held)
        {
            return wanted with { Type = LockType.Unlock };
        }

        return new RecordLock
        {
            Type = held.IsExclusive ? LockType.Exclusive : LockType.Shared,
            Origin = SeekOrigin.Start,
            Start = held.First,
            Length = held.Last == long.MaxValue ? 0 : held.Last - held.First + 1,
            ProcessId = held.Owner.Id,
        };
    }
}
