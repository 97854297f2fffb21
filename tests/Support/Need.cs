using System.Diagnostics;
using Xunit;

namespace RedLeafSharp.Tests.Support;

/// <summary>What a test needs from outside the .NET SDK.</summary>
[Flags]
public enum Need
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>mkfs.ext4, e2fsck and debugfs, of the Debian package e2fsprogs.</summary>
    E2fsprogs = 1 << 0,

    /// <summary>The rights to mount an image through a loop device.</summary>
    LoopMount = 1 << 1,

    /// <summary>A C compiler, for the peers of benchmarks.</summary>
    CCompiler = 1 << 2,

    /// <summary>qemu-system-x86_64 of the Debian package qemu-system-x86: device models to compare with.</summary>
    Qemu = 1 << 3,

    /// <summary>The openssl command, for keys.</summary>
    OpenSsl = 1 << 4,

    /// <summary>The rights to stop a child process and to read its memory (ptrace).</summary>
    Ptrace = 1 << 5,

    /// <summary>/dev/fuse and the rights to mount it.</summary>
    Fuse = 1 << 6,

    /// <summary>Programs of Linux that use files as people do: the Debian packages fio, git, make, sqlite3 and tar.</summary>
    LinuxPrograms = 1 << 7,

    /// <summary>
    /// The rights to make network namespaces and TAP interfaces (root, /dev/net/tun), and the Debian packages iproute2, iputils-ping and
    /// tcpdump: Linux as the other end of a wire.
    /// </summary>
    NetworkNamespace = 1 << 8,

    /// <summary>tcpdump, of the Debian package of that name.</summary>
    Tcpdump = 1 << 9,

    /// <summary>vde_switch, of the Debian package vde2.</summary>
    Vde = 1 << 10,

    /// <summary>curl, of the Debian package of that name.</summary>
    Curl = 1 << 11,

    /// <summary>python3 with its module jsonschema, of the Debian package python3-jsonschema: another judge of schemas.</summary>
    JsonSchema = 1 << 12,

    /// <summary>A browser without a window, of the Debian package chromium.</summary>
    Chromium = 1 << 13,

    /// <summary>python3, run as root: file calls of the host to compare with, by every user.</summary>
    PythonAsRoot = 1 << 14,

    /// <summary>fusermount3, which mounts for ordinary users, of the Debian package fuse3; setpriv, to be one; and a /dev/fuse that they may open.</summary>
    FuserMount = 1 << 15,

    /// <summary>iperf3, of the Debian package of that name: streams from Linux and back.</summary>
    Iperf3 = 1 << 16,

    /// <summary>nmap, of the Debian package of that name: probes that no well-behaved peer sends.</summary>
    Nmap = 1 << 17,

    /// <summary>wrk, of the Debian package of that name: many requests on several connections.</summary>
    Wrk = 1 << 18,

    /// <summary>dnsmasq, of the Debian package dnsmasq-base: a DHCP server.</summary>
    Dnsmasq = 1 << 19,

    /// <summary>dash as /bin/sh and coreutils 9, as Debian 12 has them: outputs and messages are compared with theirs.</summary>
    DebianShell = 1 << 20,
}

/// <summary>
/// A fact that an outside tool or right is needed for. Without it the test is reported as skipped, with what it lacks;
/// with REDLEAF_REQUIRE_ALL=1 (as in CI) it runs and fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactNeedingAttribute : FactAttribute
{
    public FactNeedingAttribute(Need need)
    {
        string lacking = Outside.Lacking(need);
        if (lacking.Length > 0 && Environment.GetEnvironmentVariable("REDLEAF_REQUIRE_ALL") != "1")
        {
            Skip = $"LACKS {lacking}";
        }
    }
}

/// <summary>As <see cref="FactNeedingAttribute"/>, for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryNeedingAttribute : TheoryAttribute
{
    public TheoryNeedingAttribute(Need need) => Skip = new FactNeedingAttribute(need).Skip;
}

/// <summary>Tools and rights outside this repository.</summary>
public static class Outside
{
    private static readonly Lazy<bool> CanLoopMount = new(ProbeLoopMount);
    private static readonly Lazy<bool> CanTrace = new(Ptrace.Probe);
    private static readonly Lazy<bool> HasDebianShell = new(ProbeDebianShell);
    private static readonly Lazy<bool> HasJsonSchema =
        new(() => HasTool("python3") && Run("python3", "-c", "import jsonschema").ExitStatus == 0);

    /// <summary>What of <paramref name="need"/> this machine lacks; empty when nothing.</summary>
    public static string Lacking(Need need)
    {
        var lacking = new List<string>();
        if (need.HasFlag(Need.E2fsprogs) && !(HasTool("mkfs.ext4") && HasTool("e2fsck") && HasTool("debugfs")))
        {
            lacking.Add("e2fsprogs (mkfs.ext4, e2fsck, debugfs)");
        }

        if (need.HasFlag(Need.LoopMount) && !CanLoopMount.Value)
        {
            lacking.Add("the rights to loop-mount (root)");
        }

        if (need.HasFlag(Need.CCompiler) && !HasTool("gcc"))
        {
            lacking.Add("gcc");
        }

        if (need.HasFlag(Need.PythonAsRoot) && !(HasTool("python3") && Environment.UserName == "root"))
        {
            lacking.Add("python3, and the rights of root");
        }

        if (need.HasFlag(Need.Qemu) && !HasTool("qemu-system-x86_64"))
        {
            lacking.Add("qemu-system-x86_64 (qemu-system-x86)");
        }

        if (need.HasFlag(Need.OpenSsl) && !HasTool("openssl"))
        {
            lacking.Add("openssl");
        }

        if (need.HasFlag(Need.Ptrace) && !CanTrace.Value)
        {
            lacking.Add("the rights to ptrace a child process");
        }

        if (need.HasFlag(Need.Fuse) && !(File.Exists("/dev/fuse") && Environment.UserName == "root"))
        {
            lacking.Add("/dev/fuse and the rights to mount it (root)");
        }

        if (need.HasFlag(Need.FuserMount) && !(HasTool("fusermount3") && HasTool("setpriv") && IsFuseForAll()))
        {
            lacking.Add("fusermount3 (fuse3), setpriv and a /dev/fuse for all users (mode 666, as udev makes it)");
        }

        if (need.HasFlag(Need.LinuxPrograms))
        {
            lacking.AddRange(new[] { "fio", "git", "make", "sqlite3", "tar" }.Where(tool => !HasTool(tool)));
        }

        AddPrograms(need, lacking);
        AddNetworkTools(need, lacking);
        return string.Join(", ", lacking);
    }

    /// <summary>Runs a tool and waits for it; standard output and error come back as one text.</summary>
    public static (int ExitStatus, string Output) Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(FindTool(tool) ?? tool, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    /// <summary>
    /// Unmounts what this process had files open on. Until a child that another thread starts at this moment has begun its
    /// program, it holds copies of the files that were open here, and the mount is busy for that long; such a busy is waited for.
    /// </summary>
    public static void Unmount(string mountPoint)
    {
        var waited = Stopwatch.StartNew();
        (int status, string output) = Run("umount", mountPoint);
        while (status != 0 && output.Contains("busy", StringComparison.Ordinal) && waited.Elapsed < TimeSpan.FromSeconds(30))
        {
            (status, output) = Run("umount", mountPoint);
        }

        Assert.True(status == 0, $"umount {mountPoint}: {status}\n{output}");
    }

    private static void AddPrograms(Need need, List<string> lacking)
    {
        if (need.HasFlag(Need.DebianShell) && !HasDebianShell.Value)
        {
            lacking.Add("dash as /bin/sh and coreutils 9");
        }

        if (need.HasFlag(Need.JsonSchema) && !HasJsonSchema.Value)
        {
            lacking.Add("python3 with jsonschema (python3-jsonschema)");
        }
    }

    private static void AddNetworkTools(Need need, List<string> lacking)
    {
        if (need.HasFlag(Need.Chromium) && !HasTool("chromium"))
        {
            lacking.Add("chromium");
        }

        if (need.HasFlag(Need.NetworkNamespace) && !(File.Exists("/dev/net/tun") && Environment.UserName == "root"
            && HasTool("ip") && HasTool("ping") && HasTool("tcpdump")))
        {
            lacking.Add("/dev/net/tun, the rights to make network namespaces (root), iproute2, iputils-ping, tcpdump");
        }

        foreach ((Need one, string tool) in new[]
        {
            (Need.Tcpdump, "tcpdump"), (Need.Vde, "vde_switch"), (Need.Curl, "curl"), (Need.Iperf3, "iperf3"), (Need.Nmap, "nmap"),
            (Need.Wrk, "wrk"), (Need.Dnsmasq, "dnsmasq"),
        })
        {
            if (need.HasFlag(one) && !HasTool(tool))
            {
                lacking.Add(tool);
            }
        }
    }

    private static bool IsFuseForAll() =>
        File.Exists("/dev/fuse") && File.GetUnixFileMode("/dev/fuse").HasFlag(UnixFileMode.OtherRead | UnixFileMode.OtherWrite);

    private static bool HasTool(string name) => FindTool(name) is not null;

    private static string? FindTool(string name) =>
        new[] { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin" }
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    private static bool ProbeDebianShell() => File.Exists("/bin/dash")
        && new FileInfo("/bin/sh").ResolveLinkTarget(true)?.Name == "dash"
        && Run("ls", "--version").Output.Contains("coreutils) 9.", StringComparison.Ordinal);

    private static bool ProbeLoopMount()
    {
        if (!HasTool("mount") || !HasTool("mkfs.ext4") || Environment.UserName != "root")
        {
            return false;
        }

        string folder = Directory.CreateTempSubdirectory("redleaf-probe-").FullName;
        string image = Path.Combine(folder, "probe.img");
        string mountPoint = Directory.CreateDirectory(Path.Combine(folder, "mnt")).FullName;
        try
        {
            using (FileStream file = File.Create(image))
            {
                file.SetLength(4 << 20);
            }

            bool works = Run("mkfs.ext4", "-q", "-F", image).ExitStatus == 0
                && Run("mount", "-o", "loop,ro", image, mountPoint).ExitStatus == 0;
            if (works)
            {
                Unmount(mountPoint);
            }

            return works;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
