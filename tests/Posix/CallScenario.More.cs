using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Contracts;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Posix;

/// <content>Calls that random sequences make, too: locks, the *at family, and what the whole tree looks like.</content>
internal sealed partial class CallScenario
{
    private const int ShownBytes = 32768;

    /// <summary>The program that looks at locks as another process; a rig lends it to the scenario.</summary>
    internal const string LockWatcher = "locks";

    private string seenLocks = string.Empty;

    private string OnMore(CallContext context, string[] words)
    {
        switch (words[0])
        {
            case "dup2":
                int from = Descriptor(words[1]);
                int to = Descriptor(words[2]);
                return Text(system.Duplicate(context, from, to).Error, string.Empty);
            case "flock":
                return Text(system.LockFile(context, Descriptor(words[1]), FileLockOperation.NonBlock | LockKind(words[2])));
            case "lock":
                var record = new RecordLock
                {
                    Type = RecordType(words[2]),
                    Origin = Origin(words[3]),
                    Start = Number(words[4]),
                    Length = Number(words[5]),
                };
                return Text(system.LockRecord(context, Descriptor(words[1]), LockCommand.Set, ref record));
            case "locks":
                return SeeLocks(context, words[1]);
            case "flistxattr":
                return ListAttributes(context, Descriptor(words[1]), [], AtFlags.EmptyPath);
            case "statat":
                AtFlags follows = words[3] == "follow" ? AtFlags.None : AtFlags.NoFollow;
                return Describe(system.GetAttributes(context, Descriptor(words[1]), PathOf(words[2]), follows));
            case "renameat":
                return Text(system.Rename(
                    context, Descriptor(words[1]), PathOf(words[2]), Descriptor(words[3]), PathOf(words[4]), RenameFlags.None));
            case "touched":
                Reply<FileAttributes, Errno> file = system.GetAttributes(context, PathOf(words[1]), followsLinks: true);
                return Text(file.Error, $"{Touched(file.Value.AccessTime)} {Touched(file.Value.ModificationTime)}");
            default:
                var told = new List<string>();
                Tell(context, PathOf(words[1]), string.Empty, told);
                return "ok " + string.Join(' ', told.Order(StringComparer.Ordinal));
        }
    }

    private static string Touched(FileTime time) => time.Seconds > 1000 ? "now" : $"{time.Seconds}";

    private string SeeLocks(CallContext context, string path)
    {
        byte[] arguments = [.. Encoding.Latin1.GetBytes(LockWatcher + "\0"), .. PathOf(path), 0];
        int child = system.Spawn(context, arguments, -1, -1, -1).Value;
        system.WaitForChild(context, child);
        return seenLocks;
    }

    /// <summary>The program behind <see cref="LockWatcher"/>, as user 0.</summary>
    internal int WatchLocks(CallContext context, ISystem child)
    {
        var block = new byte[8192];
        int length = child.GetArguments(context, block).Value;
        byte[] path = block[(LockWatcher.Length + 1)..(length - 1)];
        child.SetIds(context, IdKind.User, uint.MaxValue, 0, uint.MaxValue);
        Reply<int, Errno> file = child.Open(context, path, OpenFlags.ReadWrite | OpenFlags.NonBlock, 0);
        var seen = new List<string>();
        Errno error = file.Error;
        for (long start = 0; error == Errno.None;)
        {
            var record = new RecordLock { Type = LockType.Exclusive, Start = start };
            error = child.LockRecord(context, file.Value, LockCommand.Get, ref record).Error;
            if (error != Errno.None || record.Type == LockType.Unlock)
            {
                break;
            }

            seen.Add($"{"rwu"[(int)record.Type]}{record.Start}+{record.Length}");
            if (record.Length == 0)
            {
                break;
            }

            start = record.Start + record.Length;
        }

        seenLocks = Text(error, string.Join(' ', seen), isAlwaysShown: true);
        return 0;
    }

    private void Tell(CallContext context, byte[] folder, string prefix, List<string> told)
    {
        foreach (string name in Names(context, folder))
        {
            byte[] path = [.. folder, (byte)'/', .. PosixRig.Bytes(name)];
            FileAttributes file = system.GetAttributes(context, path, followsLinks: false).Value;
            told.Add(prefix + name + ":" + Tell(context, path, file));
            if ((file.Mode & FileMode.TypeMask) == FileMode.Directory)
            {
                Tell(context, path, prefix + name + "/", told);
            }
        }
    }

    private string Tell(CallContext context, byte[] path, FileAttributes file)
    {
        string text = Describe(file)["ok ".Length..];
        switch (file.Mode & FileMode.TypeMask)
        {
            case FileMode.SymbolicLink:
                text += Shown(system.ReadSymbolicLink(context, path, NewBuffer("4096")))["ok".Length..];
                break;
            case FileMode.Regular:
                int opened = system.Open(context, path, OpenFlags.ReadOnly, 0).Value;
                int length = system.ReadAt(context, opened, 0, NewBuffer($"{ShownBytes}")).Value;
                system.Close(context, opened);
                text += " " + Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, length)))[..8];
                break;
        }

        foreach (string name in ListAttributes(context, Working, path, AtFlags.NoFollow).Split(' ').Skip(1).Where(name => name.Length > 0))
        {
            Reply<int, Errno> value = system.GetExtendedAttribute(
                context, Working, path, PosixRig.Bytes(name), NewBuffer("4096"), AtFlags.NoFollow);
            text += $" {name}={Encoding.Latin1.GetString(buffer, 0, value.Value)}";
        }

        return text;
    }

    private string ListAttributes(CallContext context, int directory, byte[] path, AtFlags flags)
    {
        Reply<int, Errno> names = system.ListExtendedAttributes(context, directory, path, NewBuffer("4096"), flags);
        string[] split = Encoding.Latin1.GetString(buffer, 0, names.Value).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return Text(names.Error, string.Join(' ', split.Order(StringComparer.Ordinal)), isAlwaysShown: true);
    }

    private static FileLockOperation LockKind(string text) => text switch
    {
        "sh" => FileLockOperation.Shared,
        "ex" => FileLockOperation.Exclusive,
        _ => FileLockOperation.Unlock,
    };

    private static LockType RecordType(string text) => text switch
    {
        "r" => LockType.Shared,
        "w" => LockType.Exclusive,
        _ => LockType.Unlock,
    };
}
