using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>The client of the file model: does each operation to the file system and to files in memory.</summary>
/// <remarks>
/// An error of the disk ends the round: what it did to the file is not known. Every other answer must be that of the model.
/// </remarks>
internal sealed class FileClient(WorkloadContext trial, IFileSystem files)
{
    private const string Oracle = "file-model";
    private const ulong Root = 2;
    private const uint Mode = Contracts.FileMode.Regular | 0x1A4;
    private const int LengthMax = 24 * 1024;
    private const int OffsetMax = 64 * 1024;

    private readonly Dictionary<string, byte[]> model = new(StringComparer.Ordinal);
    private readonly byte[] buffer = new byte[LengthMax + OffsetMax];
    private TrialRandom random = trial.Random(0);
    private bool isGone;

    internal ulong Digest { get; private set; }

    internal RoundEnd Run(CallContext context)
    {
        long operations = trial.Option("operations");
        for (long number = 0; number < operations && !isGone; number++)
        {
            string name = DrawName();
            (Errno error, Errno expected, string what) = Step(context, name, (long)random.NextBelow(100), number);
            Judge(number, name, what, error, expected);
        }

        for (int index = 0; index < trial.Option("names") && !isGone; index++)
        {
            string name = NameOf(index);
            Judge(operations + index, name, "read", Read(context, name), model.ContainsKey(name) ? Errno.None : Errno.NoEntry);
        }

        return isGone ? RoundEnd.LegalError : RoundEnd.Completed;
    }

    private string DrawName() => NameOf((int)random.NextBelow((ulong)trial.Option("names")));

    private string NameOf(int index) => $"file-{trial.Round}-{index}";

    private (Errno Error, Errno Expected, string What) Step(CallContext context, string name, long kind, long number)
    {
        bool isThere = model.ContainsKey(name);
        Errno missing = isThere ? Errno.None : Errno.NoEntry;
        switch (kind)
        {
            case < 15:
                Reply<ulong, Errno> create = files.Create(context, Root, Bytes(name), Mode, 0, 0);
                Errno created = ErrorOf(create.IsFault, create.Error);
                if (!isThere && created == Errno.None)
                {
                    model.Add(name, []);
                }

                return (created, isThere ? Errno.Exists : Errno.None, "create");
            case < 50:
                return (Write(context, name, number), missing, "write");
            case < 70:
                return (Read(context, name), missing, "read");
            case < 78:
                return (Truncate(context, name), missing, "truncate");
            case < 86:
                Reply<Unit, Errno> unlink = files.Unlink(context, Root, Bytes(name));
                Errno removed = ErrorOf(unlink.IsFault, unlink.Error);
                _ = removed == Errno.None && model.Remove(name);
                return (removed, missing, "unlink");
            case < 94:
                return (Rename(context, name, DrawName()), missing, "rename");
            case < 98:
                return (Sync(context, name), missing, "fsync");
            default:
                Reply<Unit, Errno> sync = files.Sync(context);
                return (ErrorOf(sync.IsFault, sync.Error), Errno.None, "sync");
        }
    }

    private Errno Write(CallContext context, string name, long number)
    {
        (int offset, int length) = ((int)random.NextBelow(OffsetMax), 1 + (int)random.NextBelow(LengthMax));
        if (!TryFind(context, name, out ulong inode, out Errno error))
        {
            return error;
        }

        byte[] data = new byte[length];
        for (int index = 0; index < length; index++)
        {
            data[index] = (byte)(number + (index * 7) + (index >> 8));
        }

        Reply<int, Errno> written = files.Write(context, inode, (ulong)offset, data);
        if (written is { IsOk: true, Value: var count } && model.TryGetValue(name, out byte[]? old))
        {
            byte[] content = new byte[Math.Max(old.Length, offset + count)];
            old.CopyTo(content, 0);
            data.AsSpan(0, count).CopyTo(content.AsSpan(offset));
            model[name] = content;
        }

        return ErrorOf(written.IsFault, written.Error);
    }

    private Errno Read(CallContext context, string name)
    {
        if (!TryFind(context, name, out ulong inode, out Errno error) || !model.TryGetValue(name, out byte[]? content))
        {
            return error;
        }

        int done = 0;
        while (done < buffer.Length)
        {
            Reply<int, Errno> read = files.Read(context, inode, (ulong)done, buffer.AsSpan(done));
            if (!read.IsOk || read.Value <= 0)
            {
                error = read.IsOk ? Errno.None : ErrorOf(read.IsFault, read.Error);
                break;
            }

            done += read.Value;
        }

        if (error == Errno.None && !buffer.AsSpan(0, done).SequenceEqual(content))
        {
            int at = buffer.AsSpan(0, done).CommonPrefixLength(content);
            trial.Report(
                ViolationKind.SilentCorruption, Oracle, $"{name} has {done} bytes, expected are {content.Length}; the first {at} are right");
        }

        Digest = Mixing.Chain(Digest, buffer.AsSpan(0, done));
        return error;
    }

    private Errno Truncate(CallContext context, string name)
    {
        int length = (int)random.NextBelow(OffsetMax);
        if (!TryFind(context, name, out ulong inode, out Errno error))
        {
            return error;
        }

        var change = new FileAttributesChange { Fields = FileAttributeFields.Size, SizeBytes = (ulong)length };
        Reply<Contracts.FileAttributes, Errno> reply = files.SetAttributes(context, inode, in change);
        if (reply.IsOk && model.TryGetValue(name, out byte[]? old))
        {
            byte[] content = new byte[length];
            old.AsSpan(0, Math.Min(old.Length, length)).CopyTo(content);
            model[name] = content;
        }

        return ErrorOf(reply.IsFault, reply.Error);
    }

    private Errno Rename(CallContext context, string name, string target)
    {
        Reply<Unit, Errno> reply = files.Rename(context, Root, Bytes(name), Root, Bytes(target), RenameFlags.None);
        if (reply.IsOk && name != target && model.Remove(name, out byte[]? content))
        {
            model[target] = content;
        }

        return ErrorOf(reply.IsFault, reply.Error);
    }

    private Errno Sync(CallContext context, string name)
    {
        if (!TryFind(context, name, out ulong inode, out Errno error))
        {
            return error;
        }

        Reply<Unit, Errno> reply = files.SyncFile(context, inode, isDataOnly: false);
        return ErrorOf(reply.IsFault, reply.Error);
    }

    private bool TryFind(CallContext context, string name, out ulong inode, out Errno error)
    {
        Reply<Contracts.FileAttributes, Errno> found = files.Lookup(context, Root, Bytes(name));
        inode = found.Value.Inode;
        error = ErrorOf(found.IsFault, found.Error);
        return found.IsOk;
    }

    private void Judge(long number, string name, string what, Errno error, Errno expected)
    {
        trial.Answer(number, error == Errno.None || error == expected, (ulong)error);
        Digest = Mixing.Chain(Digest, (ulong)error);
        if (error == expected)
        {
            return;
        }

        isGone = true;
        if (error is not (Errno.InputOutput or Errno.ReadOnlyFileSystem or Errno.NoDevice))
        {
            trial.Report(ViolationKind.WrongError, Oracle, $"{what} of {name} answered {error}, expected is {expected}");
        }
    }

    /// <summary>A file system that is dead is a device that is gone.</summary>
    private Errno ErrorOf(bool isFault, Errno error)
    {
        if (isFault)
        {
            trial.Report(ViolationKind.Propagated, Oracle, "the file system has died");
        }

        return isFault ? Errno.NoDevice : error;
    }

    private static byte[] Bytes(string name) => Encoding.UTF8.GetBytes(name);
}
