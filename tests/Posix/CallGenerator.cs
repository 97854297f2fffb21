namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// Draws file calls from a seed, in the language of <see cref="CallScenario"/>. Few names, descriptors and users, so that calls meet:
/// most of what is named is there, and the rest fails in every way.
/// </summary>
internal sealed class CallGenerator
{
    private static readonly string[] Users = ["user 0", "user 1000 1000", "user 1001 1001 1000 2000", "user 1000 2000 1001"];
    private static readonly string[] Modes = ["644", "600", "666", "755", "777", "700", "444", "0", "4755", "2775", "1777", "6777", "640", "711"];
    private static readonly string[] Attributes = ["user.a", "user.b", "trusted.t", "security.s", "nope.x", "user."];

    private readonly Random random;
    private readonly List<string> lines = [];
    private bool isPrivileged = true;
    private bool appends;

    private CallGenerator(int seed) => random = new Random(seed);

    /// <summary>So many calls; the last of them describe the whole tree.</summary>
    internal static string[] Draw(int seed, int count)
    {
        var generator = new CallGenerator(seed);
        generator.Begin();
        while (generator.lines.Count < count)
        {
            generator.DrawOne();
        }

        return [.. generator.lines, "user 0", "chdir /", "tree ."];
    }

    /// <summary>A tree that has something of each kind.</summary>
    private void Begin()
    {
        lines.AddRange([
            "chmod . 777", "mkdir d0", "mkdir d1", "mkdir d0/d1", "chmod d1 1777", "open h0 f0 rw,creat,nonblock 666", "write h0 hello",
            "open h1 d0/f1 rw,creat,nonblock", "symlink f0 l0", "symlink d0 l1", "symlink nowhere d0/l0", "utime f0 100 200", "open h2 d0 r,dir",
        ]);
    }

    private void DrawOne()
    {
        switch (random.Next(100))
        {
            case < 32:
                DrawOnDescriptor();
                break;
            case < 64:
                DrawOnName();
                break;
            case < 90:
                DrawOnAttributes();
                break;
            case < 96:
                DrawExtended();
                break;
            default:
                DrawProcess();
                break;
        }
    }

    private void DrawOnDescriptor()
    {
        string file = Handle();
        lines.Add(random.Next(24) switch
        {
            < 5 => $"open {file} {Path()} {OpenFlags()} {Mode()}",
            5 => $"openat {file} {Handle()} {Name()} {OpenFlags()} {Mode()}",
            6 => $"close {file}",
            7 => $"write {file} {Data()}",
            8 => $"read {file} {random.Next(9)}",
            9 => $"pread {file} {Offset()} {random.Next(9)}",
            10 when !appends => $"pwrite {file} {Offset()} {Data()}",
            11 => $"seek {file} {Offset()} set",
            12 => $"seek {file} {Pick($"{Offset()} data", $"{Offset()} hole", $"{Offset()} end", "0 cur")}",
            13 => $"ftruncate {file} {Offset()}",
            14 => $"fallocate {file} {Pick("0", "1", "3", "16", "17", "2")} {Offset()} {1 + random.Next(20_000)}",
            15 => $"fstat {file}",
            16 => $"fchmod {file} {Mode()}",
            17 => $"dup {file} {Handle()}",
            18 => $"dup2 {file} {Handle()}",
            19 => $"{Pick("getfl", "fsync", "fdatasync", "flistxattr")} {file}",
            20 => $"setfl {file} nonblock{Append(3)}",
            21 => $"writev {file} {Data()},{Data()}",
            22 => $"flock {file} {Pick("sh", "ex", "un", "sh")}",
            _ => $"lock {file} {Pick("r", "w", "w", "u")} {Pick("set", "set", "cur", "end")} {random.Next(-3, 30)} {random.Next(-4, 12)}",
        });
    }

    private void DrawOnName()
    {
        string path = Path();
        string other = Path();
        lines.Add(random.Next(20) switch
        {
            0 or 1 => $"mkdir {path} {Mode()}",
            2 => $"mkdirat {Handle()} {Name()} {Mode()}",
            3 => $"rmdir {path}",
            4 or 5 => $"unlink {path}",
            6 => $"unlinkat {Handle()} {Name()} {Pick("dir", "file")}",
            7 or 8 when isPrivileged => $"{Pick("link", "link", "linkf")} {path} {other}",
            9 => $"symlink {other} {path}",
            10 => $"readlink {path}",
            11 or 12 or 13 => $"rename {path} {other}",
            14 => $"renameat {Handle()} {Name()} {Handle()} {Name()}",
            15 => $"renameat2 {path} {other} {Pick("1", "2", "2", "3")}",
            16 => $"mkfifo {path} {Mode()}",
            17 => $"mknod {path} {Pick("c", "p", "f", "s")} {Mode()}",
            _ => $"list {path}",
        });
    }

    private void DrawOnAttributes()
    {
        string path = Path();
        lines.Add(random.Next(16) switch
        {
            0 or 1 => $"chmod {path} {Mode()}",
            2 or 3 => $"{Pick("chown", "lchown")} {path} {Id()} {Id()}",
            4 => $"fchown {Handle()} {Id()} {Id()}",
            5 => $"truncate {path} {Offset()}",
            6 or 7 => $"utime {path} {Pick("100", "now", "omit", "100")} {Pick("200", "now", "omit", "200")}",
            8 or 9 => $"touched {path}",
            10 => $"{Pick("access", "eaccess")} {path} {Pick("f", "r", "w", "x", "rw", "rwx")}",
            11 => $"locks {path}",
            12 => $"statat {Handle()} {Name()} {Pick("follow", "keep")}",
            13 => $"lstat {path}",
            _ => $"stat {path}",
        });
    }

    private void DrawExtended()
    {
        string path = Path();
        string name = Attributes[random.Next(Attributes.Length)];
        lines.Add(random.Next(4) switch
        {
            0 or 1 => $"setxattr {path} {name} v{random.Next(100)} {Pick("0", "0", "1", "2")}",
            2 => $"{Pick("getxattr", "removexattr")} {path} {name}",
            _ => $"listxattr {path}",
        });
    }

    private void DrawProcess()
    {
        string line = random.Next(8) switch
        {
            < 3 => Users[random.Next(Users.Length)],
            3 => Users[0],
            4 => $"umask {Pick("0", "22", "77", "27")}",
            5 => $"chdir {Path()}",
            6 => $"fchdir {Handle()}",
            _ => "getcwd",
        };
        isPrivileged = line.StartsWith("user", StringComparison.Ordinal) ? line == Users[0] : isPrivileged;
        lines.Add(line);
    }

    private string Handle() => $"h{random.Next(5)}";

    private string Name() => random.Next(12) switch
    {
        0 => ".",
        1 => "..",
        2 or 3 => $"l{random.Next(2)}",
        4 or 5 => $"f{random.Next(4)}",
        6 => Pick("NAME255", "NAME256", "EMPTY", "d0/"),
        < 10 => $"f{random.Next(3)}",
        _ => $"d{random.Next(3)}",
    };

    private string Path() => random.Next(12) switch
    {
        < 3 => $"d{random.Next(3)}/{Name()}",
        3 => $"d{random.Next(2)}/d{random.Next(2)}/{Name()}",
        4 => $"l1/{Name()}",
        5 => $"{Name()}/",
        6 => $"/{Name()}",
        _ => Name(),
    };

    private string OpenFlags()
    {
        string flags = Pick("r", "r", "w", "rw", "rw") + ",nonblock";
        flags += random.Next(3) == 0 ? ",creat" : "";
        flags += random.Next(12) == 0 ? ",excl" : "";
        flags += random.Next(6) == 0 ? ",trunc" : "";
        flags += Append(6);
        flags += random.Next(10) == 0 ? ",dir" : "";
        flags += random.Next(10) == 0 ? ",nofollow" : "";
        return random.Next(12) == 0 ? flags + ",path" : flags;
    }

    /// <summary>From the first file that appends on there is no pwrite, which Linux has append, too, and POSIX has not.</summary>
    private string Append(int among)
    {
        bool isDrawn = random.Next(among) == 0;
        appends |= isDrawn;
        return isDrawn ? ",append" : "";
    }

    private string Mode() => Modes[random.Next(Modes.Length)];

    private string Id() => Pick("-1", "0", "1000", "1001", "2000");

    private string Data() => Pick("a", "bcd", "EMPTY", "0123456789", "xy");

    private string Offset() => random.Next(10) switch
    {
        0 => "-1",
        1 => "0",
        2 => $"{1L << random.Next(44)}",
        3 => $"{4096 * random.Next(6)}",
        4 or 5 => $"{random.Next(20_000)}",
        _ => $"{random.Next(12)}",
    };

    private string Pick(params ReadOnlySpan<string> choices) => choices[random.Next(choices.Length)];
}
