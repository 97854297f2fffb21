using System.Globalization;
using System.Text;
using RedLeafSharp.Contracts;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// Makes the calls of a scenario through <see cref="ISystem"/>; HostCalls.py makes the same ones on the host. A line is a call,
/// an answer "ok", "ok VALUE" or "!" and the error.
/// </summary>
internal sealed partial class CallScenario(ISystem system)
{
    private const int Working = PlainCalls.WorkingDirectory;
    private const int NeverOpen = 1 << 20;

    private readonly Dictionary<string, int> files = new() { ["cwd"] = Working };
    private byte[] buffer = [];
    private byte[][] parts = [];

    internal List<string> Run(CallContext context, IEnumerable<string> lines)
    {
        var answers = new List<string>();
        foreach (string line in lines)
        {
            answers.Add(Call(context, line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        }

        return answers;
    }

    internal static byte[] PathOf(string text) => PosixRig.Bytes(text
        .Replace("NAME255", new string('n', 255)).Replace("NAME256", new string('n', 256))
        .Replace("PATH4095", string.Concat(Enumerable.Repeat("./", 2047)) + "f")
        .Replace("PATH4096", string.Concat(Enumerable.Repeat("./", 2047)) + "ff")
        .Replace("PATH4097", string.Concat(Enumerable.Repeat("./", 2047)) + "fff")
        .Replace("EMPTY", ""));

    private string Call(CallContext context, string[] words) => words[0] switch
    {
        "open" or "openat" or "close" or "write" or "read" or "pread" or "pwrite" or "seek" or "dup" or "getfl" or "setfl"
            or "pipe" or "fallocate" or "fsync" or "fdatasync" or "fstat" or "fchmod" or "fchown" or "ftruncate" or "fchdir"
            or "writev" or "readv" or "pwritev" or "preadv"
            => OnDescriptor(context, words),
        "mkdir" or "mkdirat" or "rmdir" or "unlink" or "unlinkat" or "link" or "linkf" or "symlink" or "readlink" or "rename"
            or "renameat2" or "mkfifo" or "mknod" or "list" => OnName(context, words),
        "setxattr" or "getxattr" or "listxattr" or "removexattr" => OnExtended(context, words),
        "dup2" or "flock" or "lock" or "locks" or "flistxattr" or "statat" or "renameat" or "touched" or "tree" => OnMore(context, words),
        _ => OnAttributes(context, words),
    };

    private string OnDescriptor(CallContext context, string[] words)
    {
        switch (words[0])
        {
            case "open":
                return Open(context, words[1], Working, words[2], words[3], words.Length > 4 ? words[4] : "644");
            case "openat":
                return Open(context, words[1], Descriptor(words[2]), words[3], words[4], words.Length > 5 ? words[5] : "644");
            case "pipe":
                Reply<PipeEnds, Errno> ends = system.MakePipe(context, OpenFlags.NonBlock);
                (files[words[1]], files[words[2]]) = (ends.Value.ReadEnd, ends.Value.WriteEnd);
                return Text(ends.Error, string.Empty);
        }

        int file = Descriptor(words[1]);
        return words[0] switch
        {
            "close" => Text(system.Close(context, file)),
            "write" => Text(system.Write(context, file, PathOf(words[2]))),
            "read" => Shown(system.Read(context, file, NewBuffer(words[2]))),
            "pread" => Shown(system.ReadAt(context, file, (ulong)Number(words[2]), NewBuffer(words[3]))),
            "pwrite" => Text(system.WriteAt(context, file, (ulong)Number(words[2]), PathOf(words[3]))),
            "writev" => Text(system.WriteVector(context, file, Parts(words[2]))),
            "pwritev" => Text(system.WriteVectorAt(context, file, (ulong)Number(words[2]), Parts(words[3]))),
            "readv" => ShownParts(system.ReadVector(context, file, NewParts(words[2]))),
            "preadv" => ShownParts(system.ReadVectorAt(context, file, (ulong)Number(words[2]), NewParts(words[3]))),
            "seek" => Text(system.Seek(context, file, Number(words[2]), Origin(words[3]))),
            "dup" => Duplicate(context, file, words[2]),
            "getfl" => Text(system.Control(context, file, DescriptorCommand.GetStatusFlags, 0), 3 | 0x400 | 0x800),
            "setfl" => Text(system.Control(context, file, DescriptorCommand.SetStatusFlags, (int)Flags(words[2])).Error, string.Empty),
            "fallocate" => Text(system.Allocate(
                context, file, (AllocationModes)Number(words[2]), Number(words[3]), Number(words[4]))),
            "fsync" => Text(system.SyncDescriptor(context, file, isDataOnly: false)),
            "fdatasync" => Text(system.SyncDescriptor(context, file, isDataOnly: true)),
            "fstat" => Describe(system.GetDescriptorAttributes(context, file)),
            "fchmod" => Text(system.SetDescriptorAttributes(context, file, Mode(words[2]))),
            "fchown" => Text(system.SetDescriptorAttributes(context, file, Owner(words[2], words[3]))),
            "ftruncate" => Text(system.SetDescriptorAttributes(context, file, Size(words[2]))),
            _ => Text(system.ChangeDirectory(context, file)),
        };
    }

    private string OnName(CallContext context, string[] words)
    {
        byte[] first = PathOf(words[1]);
        byte[] second = words.Length > 2 ? PathOf(words[2]) : [];
        return words[0] switch
        {
            "mkdir" => Text(system.MakeDirectory(context, first, Octal(words.ElementAtOrDefault(2) ?? "755"))),
            "mkdirat" => Text(system.MakeDirectory(
                context, Descriptor(words[1]), second, Octal(words.ElementAtOrDefault(3) ?? "755"))),
            "rmdir" => Text(system.RemoveDirectory(context, first)),
            "unlink" => Text(system.Unlink(context, first)),
            "unlinkat" => Text(system.Unlink(
                context, Descriptor(words[1]), second, words.ElementAtOrDefault(3) == "dir" ? AtFlags.RemoveDirectory : AtFlags.None)),
            "link" => Text(system.Link(context, first, second)),
            "linkf" => Text(system.Link(context, Working, first, Working, second, AtFlags.FollowLink)),
            "symlink" => Text(system.MakeSymbolicLink(context, first, second)),
            "readlink" => Shown(system.ReadSymbolicLink(context, first, NewBuffer("4096"))),
            "rename" => Text(system.Rename(context, first, second)),
            "renameat2" => Text(system.Rename(context, Working, first, Working, second, (RenameFlags)Number(words[3]))),
            "mkfifo" => Text(system.MakeFifo(context, first, Octal(words.ElementAtOrDefault(2) ?? "644"))),
            "mknod" => Text(system.MakeNode(
                context, first, Type(words[2]) | Octal(words.ElementAtOrDefault(3) ?? "644"), (1 << 8) | 3)),
            _ => List(context, first),
        };
    }

    private string OnExtended(CallContext context, string[] words)
    {
        byte[] path = PathOf(words[1]);
        byte[] name = words.Length > 2 ? PosixRig.Bytes(words[2]) : [];
        buffer = new byte[4096];
        switch (words[0])
        {
            case "setxattr":
                var how = (ExtendedAttributeFlags)Number(words.ElementAtOrDefault(4) ?? "0");
                return Text(system.SetExtendedAttribute(context, Working, path, name, PosixRig.Bytes(words[3]), how, AtFlags.None));
            case "getxattr":
                Reply<int, Errno> value = system.GetExtendedAttribute(context, Working, path, name, buffer, AtFlags.None);
                return Text(value.Error, Encoding.Latin1.GetString(buffer, 0, value.Value));
            case "listxattr":
                return ListAttributes(context, Working, path, AtFlags.None);
            default:
                return Text(system.RemoveExtendedAttribute(context, Working, path, name, AtFlags.None));
        }
    }

    private string OnAttributes(CallContext context, string[] words)
    {
        byte[] path = words.Length > 1 ? PathOf(words[1]) : [];
        switch (words[0])
        {
            case "chmod":
                return Text(system.SetAttributes(context, path, Mode(words[2]), followsLinks: true));
            case "chown" or "lchown":
                return Text(system.SetAttributes(context, path, Owner(words[2], words[3]), words[0] == "chown"));
            case "truncate":
                return Text(system.SetAttributes(context, path, Size(words[2]), followsLinks: true));
            case "utime":
                return Text(system.SetAttributes(context, path, Times(words[2], words[3]), followsLinks: true));
            case "stat" or "lstat":
                return Describe(system.GetAttributes(context, path, words[0] == "stat"));
            case "times":
                FileAttributes file = system.GetAttributes(context, path, followsLinks: true).Value;
                return $"ok {Nanoseconds(file.AccessTime)} {Nanoseconds(file.ModificationTime)}";
            case "access" or "eaccess":
                AtFlags flags = words[0] == "access" ? AtFlags.None : AtFlags.EffectiveAccess;
                return Text(system.CheckAccess(context, Working, path, Modes(words[2]), flags));
            case "user":
                return Become(context, words);
            case "umask":
                return $"ok {Convert.ToString(system.SetFileModeMask(context, Octal(words[1])).Value, 8)}";
            case "chdir":
                return Text(system.ChangeDirectory(context, path));
            case "namemax":
                Reply<FileSystemStatus, Errno> status = system.GetFileSystemStatus(context, path);
                return Text(status.Error, $"{status.Value.NameBytesMax}");
            case "getcwd":
                return Shown(system.GetWorkingDirectory(context, NewBuffer("4096")));
            default:
                throw new ArgumentException(words[0]);
        }
    }

    private string Open(CallContext context, string name, int directory, string path, string flags, string mode)
    {
        Reply<int, Errno> opened = system.Open(context, directory, PathOf(path), Flags(flags), Octal(mode));
        files[name] = opened.IsOk ? opened.Value : files.GetValueOrDefault(name, NeverOpen);
        return Text(opened.Error, string.Empty);
    }

    private string Duplicate(CallContext context, int file, string name)
    {
        Reply<int, Errno> copy = system.Control(context, file, DescriptorCommand.DuplicateCloseOnExec, 0);
        files[name] = copy.IsOk ? copy.Value : files.GetValueOrDefault(name, NeverOpen);
        return Text(copy.Error, string.Empty);
    }

    private string List(CallContext context, byte[] path)
    {
        Reply<int, Errno> directory = system.Open(context, path, OpenFlags.Directory, 0);
        return directory.IsOk
            ? $"ok {string.Join(' ', Names(context, directory.Value).Order(StringComparer.Ordinal))}"
            : Text(directory.Error, string.Empty);
    }

    private List<string> Names(CallContext context, byte[] path) => Names(context, system.Open(context, path, OpenFlags.Directory, 0).Value);

    /// <summary>The names in an open directory, which is closed then.</summary>
    private List<string> Names(CallContext context, int directory)
    {
        var names = new List<string>();
        buffer = new byte[4096];
        while (system.ReadDirectory(context, directory, buffer).Value is var length and > 0)
        {
            ReadOnlySpan<byte> listing = buffer.AsSpan(0, length);
            while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
            {
                names.Add(Encoding.Latin1.GetString(entry.Name));
            }
        }

        system.Close(context, directory);
        return [.. names.Except([".", ".."])];
    }

    private string Become(CallContext context, string[] words)
    {
        uint[] groups = [.. words.Skip(3).Select(word => (uint)Number(word))];
        Errno error = system.SetIds(context, IdKind.User, uint.MaxValue, 0, uint.MaxValue).Error;
        error = error != Errno.None ? error : system.SetGroups(context, groups).Error;
        uint group = words.Length > 2 ? (uint)Number(words[2]) : 0;
        error = error != Errno.None ? error : system.SetIds(context, IdKind.Group, uint.MaxValue, group, uint.MaxValue).Error;
        error = error != Errno.None
            ? error
            : system.SetIds(context, IdKind.User, uint.MaxValue, (uint)Number(words[1]), uint.MaxValue).Error;
        return Text(error, string.Empty);
    }

    /// <summary>A name that has never been opened stands for a descriptor that is not open.</summary>
    private int Descriptor(string name) =>
        files.TryGetValue(name, out int descriptor) ? descriptor : char.IsAsciiLetter(name[0]) ? NeverOpen : (int)Number(name);

    private static byte[][] Parts(string text) => [.. text.Split(',').Select(PathOf)];

    private byte[][] NewParts(string counts) => parts = [.. counts.Split(',').Select(count => new byte[Number(count)])];

    private string ShownParts(Reply<int, Errno> length) =>
        Text(length.Error, $"{length.Value} {string.Join('|', parts.Select(Encoding.Latin1.GetString))}".Replace('\0', '0'));

    private byte[] NewBuffer(string count) => buffer = new byte[Number(count)];

    private string Shown(Reply<int, Errno> length) =>
        Text(length.Error, Encoding.Latin1.GetString(buffer, 0, length.Value).Replace('\0', '0'), isAlwaysShown: true);

    private static string Text(Reply<Unit, Errno> reply) => Text(reply.Error, string.Empty);

    private static string Text(Reply<int, Errno> reply, int mask = -1) => Text(reply.Error, $"{reply.Value & mask}");

    private static string Text(Reply<long, Errno> reply) => Text(reply.Error, $"{reply.Value}");

    private static string Text(Errno error, string value, bool isAlwaysShown = false) =>
        error != Errno.None ? $"!{error}" : value.Length > 0 || isAlwaysShown ? $"ok {value}" : "ok";

    private static string Describe(Reply<FileAttributes, Errno> reply)
    {
        FileAttributes file = reply.Value;
        bool hasSize = (file.Mode & FileMode.TypeMask) is FileMode.Regular or FileMode.SymbolicLink;
        string mode = Convert.ToString(file.Mode, 8);
        return Text(reply.Error, $"{mode} {file.UserId} {file.GroupId} {file.LinkCount} {(hasSize ? file.SizeBytes : 0)}");
    }

    private static long Nanoseconds(FileTime time) => (time.Seconds * 1_000_000_000) + time.Nanoseconds;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static uint Octal(string text) => Convert.ToUInt32(text, 8);

    private static FileAttributesChange Mode(string mode) => new() { Fields = FileAttributeFields.Mode, Mode = Octal(mode) };

    private static FileAttributesChange Owner(string user, string group) => new()
    {
        Fields = FileAttributeFields.UserId | FileAttributeFields.GroupId,
        UserId = (uint)Number(user),
        GroupId = (uint)Number(group),
    };

    private static FileAttributesChange Size(string size) =>
        new() { Fields = FileAttributeFields.Size, SizeBytes = (ulong)Number(size) };

    private static FileAttributesChange Times(string access, string modification) => new()
    {
        Fields = FileAttributeFields.AccessTime | FileAttributeFields.ModificationTime,
        AccessTime = Time(access),
        ModificationTime = Time(modification),
    };

    private static FileTime Time(string text) => text switch
    {
        "now" => SpecialTimes.Now,
        "omit" => SpecialTimes.Omit,
        "bad" => new FileTime { Nanoseconds = 1_000_000_000 },
        _ => new FileTime { Seconds = Number(text) },
    };

    private static SeekOrigin Origin(string text) => text switch
    {
        "set" => SeekOrigin.Start,
        "cur" => SeekOrigin.Current,
        "end" => SeekOrigin.End,
        "data" => SeekOrigin.Data,
        _ => SeekOrigin.Hole,
    };

    private static AccessModes Modes(string text) => text.Aggregate(AccessModes.Exists, (modes, letter) => modes | letter switch
    {
        'r' => AccessModes.Read,
        'w' => AccessModes.Write,
        'x' => AccessModes.Execute,
        _ => AccessModes.Exists,
    });

    private static uint Type(string text) => text switch
    {
        "c" => FileMode.CharacterDevice,
        "b" => FileMode.BlockDevice,
        "p" => FileMode.Fifo,
        "d" => FileMode.Directory,
        "s" => FileMode.Socket,
        _ => FileMode.Regular,
    };

    private static OpenFlags Flags(string text) => text.Split(',').Aggregate(OpenFlags.ReadOnly, (flags, word) => flags | word switch
    {
        "w" => OpenFlags.WriteOnly,
        "rw" => OpenFlags.ReadWrite,
        "creat" => OpenFlags.Create,
        "excl" => OpenFlags.Exclusive,
        "trunc" => OpenFlags.Truncate,
        "append" => OpenFlags.Append,
        "dir" => OpenFlags.Directory,
        "nofollow" => OpenFlags.NoFollow,
        "nonblock" => OpenFlags.NonBlock,
        "sync" => OpenFlags.Sync,
        "dsync" => OpenFlags.DataSync,
        "path" => OpenFlags.Path,
        _ => OpenFlags.ReadOnly,
    });
}
