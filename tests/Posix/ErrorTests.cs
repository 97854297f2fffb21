using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The errors of calls on paths, by the tables of POSIX.1-2017; one line is one call.</summary>
public sealed class ErrorTests
{
    /// <summary>What the calls find: a tree with a file, a directory that is not empty, links good, broken and looping.</summary>
    private const string Setup =
        "mkdir d e p; echo x > f; echo y > d/g; ln -s f lf; ln -s d ld; ln -s nowhere broken; "
        + "ln -s loop2 loop1; ln -s loop1 loop2";

    private static readonly string Name255 = new('n', 255);
    private static readonly string Name256 = new('n', 256);
    private static readonly string Path4095 = string.Concat(Enumerable.Repeat("./", 2047)) + "f";
    private static readonly string Path4096 = string.Concat(Enumerable.Repeat("./", 2047)) + "ff";

    public static TheoryData<string, string, string, Errno> Opens() => new()
    {
        { "open", "f", "", Errno.None },
        { "open", "", "", Errno.NoEntry },
        { "open", "missing", "", Errno.NoEntry },
        { "open", "f/x", "", Errno.NotDirectory },
        { "open", "f/", "", Errno.NotDirectory },
        { "open", "f/.", "", Errno.NotDirectory },
        { "open", "missing/x", "", Errno.NoEntry },
        { "open", "d/", "", Errno.None },
        { "open", "ld/g", "", Errno.None },
        { "open", "d/../f", "", Errno.None },
        { "open", "../../../f", "", Errno.None },
        { "open", "//f", "", Errno.None },
        { "open", "broken", "", Errno.NoEntry },
        { "open", "loop1", "", Errno.TooManySymbolicLinks },
        { "open", "loop1/x", "", Errno.TooManySymbolicLinks },
        { "open", "lf/", "", Errno.NotDirectory },
        { "open", "NAME255", "", Errno.NoEntry },
        { "open", "NAME256", "", Errno.NameTooLong },
        { "open", "NAME256/x", "", Errno.NameTooLong },
        { "open", "PATH4095", "", Errno.None },
        { "open", "PATH4096", "", Errno.NameTooLong },
        { "write", "d", "", Errno.IsDirectory },
        { "write", "missing", "", Errno.NoEntry },
        { "create", "new", "", Errno.None },
        { "create", "new/", "", Errno.IsDirectory },
        { "create", "d", "", Errno.IsDirectory },
        { "create", "missing/x", "", Errno.NoEntry },
        { "create", "broken", "", Errno.None },
        { "exclusive", "f", "", Errno.Exists },
        { "exclusive", "broken", "", Errno.Exists },
        { "exclusive", "new", "", Errno.None },
        { "nofollow", "lf", "", Errno.TooManySymbolicLinks },
        { "nofollow", "f", "", Errno.None },
        { "directory", "f", "", Errno.NotDirectory },
        { "directory", "ld", "", Errno.None },
    };

    public static TheoryData<string, string, string, Errno> Removals() => new()
    {
        { "mkdir", "d", "", Errno.Exists },
        { "mkdir", "f", "", Errno.Exists },
        { "mkdir", "broken", "", Errno.Exists },
        { "mkdir", "new/", "", Errno.None },
        { "mkdir", "/", "", Errno.Exists },
        { "mkdir", "missing/x", "", Errno.NoEntry },
        { "mkdir", "f/x", "", Errno.NotDirectory },
        { "mkdir", "NAME256", "", Errno.NameTooLong },
        { "rmdir", "e", "", Errno.None },
        { "rmdir", "e/", "", Errno.None },
        { "rmdir", "d", "", Errno.NotEmpty },
        { "rmdir", "f", "", Errno.NotDirectory },
        { "rmdir", "ld", "", Errno.NotDirectory },
        { "rmdir", "ld/", "", Errno.NotDirectory },
        { "rmdir", "missing", "", Errno.NoEntry },
        { "rmdir", "e/.", "", Errno.InvalidArgument },
        { "rmdir", "e/..", "", Errno.NotEmpty },
        { "rmdir", "/", "", Errno.Busy },
        { "unlink", "f", "", Errno.None },
        { "unlink", "f/", "", Errno.NotDirectory },
        { "unlink", "d", "", Errno.NotPermitted },
        { "unlink", "missing", "", Errno.NoEntry },
        { "unlink", "broken", "", Errno.None },
        { "unlink", "lf/", "", Errno.NotDirectory },
        { "link", "f", "new", Errno.None },
        { "link", "f", "f", Errno.Exists },
        { "link", "f", "d", Errno.Exists },
        { "link", "d", "new", Errno.NotPermitted },
        { "link", "missing", "new", Errno.NoEntry },
        { "link", "f", "missing/x", Errno.NoEntry },
        { "link", "f", "f/x", Errno.NotDirectory },
        { "link", "broken", "new", Errno.None },
        { "symlink", "anything", "new", Errno.None },
        { "symlink", "anything", "f", Errno.Exists },
        { "symlink", "anything", "broken", Errno.Exists },
        { "symlink", "", "new", Errno.NoEntry },
        { "symlink", "PATH4096", "new", Errno.NameTooLong },
    };

    public static TheoryData<string, string, string, Errno> Renames() => new()
    {
        { "rename", "f", "new", Errno.None },
        { "rename", "missing", "new", Errno.NoEntry },
        { "rename", "f", "d", Errno.IsDirectory },
        { "rename", "d", "f", Errno.NotDirectory },
        { "rename", "e", "d", Errno.NotEmpty },
        { "rename", "d", "e", Errno.None },
        { "rename", "d", "d/sub", Errno.InvalidArgument },
        { "rename", "d", "d", Errno.None },
        { "rename", "f", "f", Errno.None },
        { "rename", "d/g", "d", Errno.IsDirectory },
        { "rename", "f", "new/", Errno.NotDirectory },
        { "rename", "e", "new/", Errno.None },
        { "rename", "f", "missing/x", Errno.NoEntry },
        { "rename", "f", "f/x", Errno.NotDirectory },
        { "rename", "d/.", "new", Errno.InvalidArgument },
        { "rename", "f", "e/..", Errno.InvalidArgument },
        { "rename", "/", "new", Errno.Busy },
        { "rename", "lf", "new", Errno.None },
        { "rename", "f", "NAME256", Errno.NameTooLong },
    };

    public static TheoryData<string, string, string, Errno> Looks() => new()
    {
        { "readlink", "lf", "", Errno.None },
        { "readlink", "f", "", Errno.InvalidArgument },
        { "readlink", "missing", "", Errno.NoEntry },
        { "chdir", "d", "", Errno.None },
        { "chdir", "ld", "", Errno.None },
        { "chdir", "f", "", Errno.NotDirectory },
        { "chdir", "missing", "", Errno.NoEntry },
        { "stat", "broken", "", Errno.NoEntry },
        { "stat", "/dev/null", "", Errno.None },
        { "lstat", "broken", "", Errno.None },
        { "lstat", "broken/", "", Errno.NoEntry },
        { "lstat", "ld/", "", Errno.None },
        { "truncate", "d", "", Errno.IsDirectory },
        { "truncate", "f", "", Errno.None },
        { "truncate", "missing", "", Errno.NoEntry },
    };

    [Theory]
    [MemberData(nameof(Opens))]
    [MemberData(nameof(Removals))]
    [MemberData(nameof(Renames))]
    [MemberData(nameof(Looks))]
    public void Call_OnPath_AnswersAsPosixSays(string call, string path, string second, Errno expected)
    {
        using var rig = new PosixRig();
        Assert.Equal(new CommandResult(0, "", ""), rig.Shell(Setup));
        Errno error = Errno.None;

        rig.Run(context => error = Call(rig.System, context, call, Name(path), Name(second)));

        Assert.Equal(expected, error);
    }

    private static byte[] Name(string path) => PosixRig.Bytes(path
        .Replace("NAME255", Name255).Replace("NAME256", Name256).Replace("PATH4095", Path4095).Replace("PATH4096", Path4096));

    private static Errno Call(ISystem system, CallContext context, string call, byte[] path, byte[] second) => call switch
    {
        "open" => system.Open(context, path, OpenFlags.ReadOnly, 0).Error,
        "write" => system.Open(context, path, OpenFlags.WriteOnly, 0).Error,
        "create" => system.Open(context, path, OpenFlags.ReadWrite | OpenFlags.Create, 0x1B6).Error,
        "exclusive" => system.Open(context, path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x1B6).Error,
        "nofollow" => system.Open(context, path, OpenFlags.NoFollow, 0).Error,
        "directory" => system.Open(context, path, OpenFlags.Directory, 0).Error,
        "mkdir" => system.MakeDirectory(context, path, 0x1FF).Error,
        "rmdir" => system.RemoveDirectory(context, path).Error,
        "unlink" => system.Unlink(context, path).Error,
        "link" => system.Link(context, path, second).Error,
        "symlink" => system.MakeSymbolicLink(context, path, second).Error,
        "readlink" => system.ReadSymbolicLink(context, path, new byte[100]).Error,
        "rename" => system.Rename(context, path, second).Error,
        "chdir" => system.ChangeDirectory(context, path).Error,
        "stat" => system.GetAttributes(context, path, followsLinks: true).Error,
        "lstat" => system.GetAttributes(context, path, followsLinks: false).Error,
        "truncate" => system.SetAttributes(
            context, path, new FileAttributesChange { Fields = FileAttributeFields.Size }, followsLinks: true).Error,
        _ => throw new ArgumentException(call),
    };
}
