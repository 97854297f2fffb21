using System.Net.Sockets;
using System.Text;
using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Manifests and system files of a hostile author, and drivers that program their device against others.</summary>
internal static class BootFiles
{
    private const string OneDomain = "domains:\n  - {name: Test}\n";

    private const string Quiet = """
        using System; using RedLeafSharp; using RedLeafSharp.Contracts; using RedLeafSharp.Scheduling;
        TYPES
        public sealed class D : IDomain {
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) { BODY return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        }
        """;

    /// <summary>Brings the controller up with its queues where the attacker says.</summary>
    internal const string Enable = """
        PciFunction device = services.Device;
        device.WriteConfiguration(4, device.ReadConfiguration(4) | 6);
        MmioRegion registers = device.MapBar(0);
        PageBuffer own = device.AllocateDma(context, 2, out ulong bus);
        registers.Write32(0x24, 0x000f000f);
        """;

    private const string Ring = """
        registers.Write32(0x14, 0x00460001);
        for (int round = 0; round < 1000 && (registers.Read32(0x1c) & 3) == 0; round++)
            KernelEvent.Create(context).Wait(context, 100);
        registers.Write32(0x1000, 1);
        KernelEvent.Create(context).Wait(context, 20000);
        """;

    internal static readonly BootAttack[] All =
    [
        Manifest("assembly above its folder", "to have a file of the host read",
            "name: T\nentry: D\nassembly: ../../../etc/passwd\n", "must be the name of a file"),
        Manifest("assembly by an absolute path", "to have a file of the host read",
            "name: T\nentry: D\nassembly: /etc/passwd\n", "must be the name of a file"),
        Manifest("assembly that is no file", "to have a device read without end", "name: T\nentry: D\nassembly: zero.dll\n",
            "zero.dll",
            folder => File.CreateSymbolicLink(Path.Combine(folder, "zero.dll"), "/dev/zero")),
        Manifest("assembly that is a pipe", "to have the kernel wait for a writer", "name: T\nentry: D\nassembly: pipe.dll\n",
            "pipe.dll is no regular file", folder => MakePipe(folder, "pipe.dll")),
        Manifest("assembly that is a socket", "to have the kernel wait for a peer", "name: T\nentry: D\nassembly: socket.dll\n",
            "socket.dll", folder => MakeSocket(folder, "socket.dll")),
        Manifest("assembly that is a folder", "to have a folder read", "name: T\nentry: D\nassembly: folder.dll\n",
            "folder.dll is no regular file", folder => Directory.CreateDirectory(Path.Combine(folder, "folder.dll"))),
        Manifest("assembly of a terabyte", "to take the kernel's memory", "name: T\nentry: D\nassembly: large.dll\n",
            "large.dll: longer than", folder => MakeHole(folder, "large.dll")),
        Manifest("symbols that are a pipe", "to have the kernel wait for a writer", "name: T\nentry: D\n",
            "Domain.pdb is no regular file", folder => MakePipe(folder, "Domain.pdb")),
        Manifest("signature that is a pipe", "to have the kernel wait for a writer", "name: T\nentry: D\n",
            "domain.sig is no regular file", folder => MakePipe(folder, "domain.sig")),
        Manifest("signature of a terabyte", "to take the kernel's memory", "name: T\nentry: D\n",
            "domain.sig: longer than", folder => MakeHole(folder, "domain.sig")),
        Manifest("manifest that is a pipe", "to have the kernel wait for a writer", "", "domain.yaml is no regular file",
            folder => MakePipe(folder, "domain.yaml")),
        Manifest("manifest that is a device", "to have a device read without end", "", "domain.yaml is no regular file",
            folder => MakeLink(folder, "domain.yaml", "/dev/zero")),
        Manifest("manifest that is a circle of links", "to be looked up without end", "", "domain.yaml",
            folder => MakeLink(folder, "domain.yaml", "domain.yaml")),
        Manifest("manifest of a terabyte", "to take the kernel's memory", "", "domain.yaml: longer than", folder => MakeHole(folder, "domain.yaml")),
        Manifest("entry that is no domain", "to have any class constructed", "name: T\nentry: System.Object\n", "System.Object"),
        Manifest("entry of another assembly", "to have a class of the kernel constructed",
            "name: T\nentry: 'RedLeafSharp.Kernel.RedLeafSystem, RedLeafSharp.Kernel'\n", "entry class"),
        Manifest("generic entry", "to have an open class constructed", "name: T\nentry: 'G`1'\n", "entry class"),
        Manifest("contract that is none", "to publish a class of the kernel", "name: T\nentry: D\nprovides: [IProxy]\n",
            "is no contract"),
        Manifest("device that is none", "to be given another's device", "name: T\nentry: D\ndevice: '../nvme'\n",
            "can only be 'pci'"),
        Manifest("limit below nought", "to have no limit", "name: T\nentry: D\nlimits: {exchangeMebibytes: -1}\n",
            "must be a whole number"),
        Manifest("limit that overflows", "to have no limit",
            "name: T\nentry: D\nlimits: {exchangeMebibytes: 99999999999999999999}\n", "must be a whole number"),
        Manifest("field twice", "to be read in two ways", "name: T\nname: U\nentry: D\n", "domain.yaml"),
        Manifest("two documents", "to be read in two ways", "name: T\nentry: D\n---\nname: U\nentry: D\n",
            "expected one mapping"),
        Manifest("tag of a class", "to have an object made by the parser",
            "!!System.Diagnostics.Process\nname: T\nentry: D\nx: 1\n", "domain.yaml"),
        Manifest("bomb of anchors", "to have a small file grow", Bomb(), "domain.yaml"),
        Manifest("deep nesting", "to overflow the parser's stack", "name: T\nentry: D\nx: " + new string('[', 100_000) + "\n",
            "domain.yaml"),
        Manifest("deep nesting of mappings", "to overflow the parser's stack", "name: T\nentry: D\nx: " + new string('{',
            100_000) + "\n", "domain.yaml"),
        Manifest("deep indentation", "to overflow the parser's stack", Steps(), "domain.yaml"),
        Manifest("huge file", "to take the kernel's memory", "name: T\nentry: D\nx: " + new string('x', 32 << 20) + "\n",
            "domain.yaml"),
        Manifest("no text at all", "to be read as nothing", "\0\u0001\ufffe", "domain.yaml"),
        Manifest("recursive alias", "to send the reader round in a circle", "name: T\nentry: D\nprovides: &a [*a]\n",
            "domain.yaml"),
        System("two domains of one name", "to be taken for another", "domains:\n  - {name: Test}\n  - {name: Test}\n",
            "two domains are named"),
        System("folder above the domains", "to have any folder loaded", "domains:\n  - {name: Test, folder: ../../../tmp}\n",
            "folder"),
        System("use of a domain that comes later", "to close a circle of domains",
            "domains:\n  - {name: Test, use: {IBlockDevice: B}}\n  - {name: B}\n", "not a domain listed before it"),
        System("shadow of itself", "to close a circle of domains", "domains:\n  - {name: Test, shadows: Test}\n",
            "not a domain listed before it"),
        System("thousands of executors", "to take all threads", "executors: 100000\n" + OneDomain, "must be a whole number"),
        System("exchange heap of no end", "to take all address space", "exchangeHeapMebibytes: 99999999\n" + OneDomain,
            "must be a whole number"),
        System("executor below nought", "to index before a table", "domains:\n  - {name: Test, executor: -1}\n",
            "must be a whole number"),
        System("key that is a device", "to have a device read without end", "trust: [/dev/zero]\n" + OneDomain, "/dev/zero is no regular file"),
        System("restart without end", "to restart for ever",
            "domains:\n  - {name: Test, restart: {restartsMax: 99999999999}}\n", "must be a whole number"),
        Driver("admin queue in another's page", "to have the device write where it owns nothing",
            Enable + "registers.Write64(0x28, 0x200000); registers.Write64(0x30, 0x201000);" + Ring),
        Driver("admin queue beyond memory", "to have the device write outside of all memory",
            Enable + "registers.Write64(0x28, 0xffffffffff000UL); registers.Write64(0x30, 0xfffffffffff000UL);" + Ring),
        Driver("admin queue in pages it has freed", "to have the device write into the next owner's page",
            Enable + "registers.Write64(0x28, bus); registers.Write64(0x30, bus + 4096); device.FreeDma(context, ref own);" + Ring),
        Faulting("register behind the window", "to reach the next device's registers", "ArgumentOutOfRangeException",
            Enable + "registers.Write32(registers.LengthBytes, 1);"),
        Faulting("register before the window", "to reach the device's neighbour", "ArgumentOutOfRangeException",
            Enable + "registers.Read64(-8);"),
        Faulting("register out of line", "to tear a register", "ArgumentOutOfRangeException", Enable + "registers.Read32(2);"),
        Faulting("offset that overflows", "to have an offset wrap round", "ArgumentOutOfRangeException",
            Enable + "registers.Write64(int.MaxValue, 1);"),
        Faulting("base address that is none", "to map what is not its own", "ArgumentOutOfRangeException",
            Enable + "device.MapBar(6);"),
        Faulting("configuration behind the end", "to reach the next function's configuration", "ArgumentOutOfRangeException",
            Enable + "device.WriteConfiguration(4096, 1);"),
        Faulting("interrupt that is none", "to be woken by another's interrupt", "Exception",
            Enable + "device.GetInterrupt(100000);"),
        Faulting("loans without a shadow's right", "to grant pages to a device that it does not shadow",
            "it shadows no", "var l = services.Loans;"),
    ];

    private static BootAttack Manifest(string name, string tries, string yaml, string expected,
        Action<string>? more = null) => new(
        Wrap("manifests", name, tries, Wall.Loader, "manifest"), expected, OneDomain, folder =>
        {
            string home = Lay(folder, yaml, string.Empty);
            more?.Invoke(home);
        });

    private static BootAttack System(string name, string tries, string yaml, string expected) => new(
        Wrap("system files", name, tries, Wall.Loader, "system file"), expected, yaml, folder =>
        {
            Lay(folder, "name: Test\nentry: D\n", string.Empty);
        });

    private static BootAttack Driver(string name, string tries, string body) => new(
        Wrap("drivers against the machine", name, tries, Wall.Runtime, "IOMMU"), "211 ",
        "devices:\n  - {name: d, model: nvme}\ndomains:\n  - {name: Test, device: d}\n",
        folder => Lay(folder, "name: Test\nentry: D\ndevice: pci\n", body));

    private static BootAttack Faulting(string name, string tries, string exception, string body) => new(
        Wrap("drivers against the machine", name, tries, Wall.Runtime, exception), exception,
        "devices:\n  - {name: d, model: nvme}\ndomains:\n  - {name: Test, device: d}\n",
        folder => Lay(folder, "name: Test\nentry: D\ndevice: pci\n", body));

    internal static Attack Wrap(string family, string name, string tries, Wall wall, string by) => new(family, name, tries, wall,
        by, () => []);

    internal static string Lay(string folder, string manifest, string body, string types = "")
    {
        string home = Directory.CreateDirectory(Path.Combine(folder, "Test")).FullName;
        File.WriteAllText(Path.Combine(home, "domain.yaml"), manifest);
        File.WriteAllBytes(Path.Combine(home, "Domain.dll"), Guest.Compile(Quiet.Replace("TYPES", types).Replace("BODY", body)));
        return home;
    }

    private static void MakePipe(string folder, string name)
    {
        File.Delete(Path.Combine(folder, name));
        if (Outside.Run("mkfifo", Path.Combine(folder, name)).ExitStatus != 0)
        {
            throw new InvalidOperationException("mkfifo");
        }
    }

    private static void MakeLink(string folder, string name, string target)
    {
        File.Delete(Path.Combine(folder, name));
        File.CreateSymbolicLink(Path.Combine(folder, name), target);
    }

    private static void MakeHole(string folder, string name)
    {
        using FileStream file = File.Create(Path.Combine(folder, name));
        file.SetLength(1L << 40);
    }

    /// <summary>The name stays when the socket is closed.</summary>
    private static void MakeSocket(string folder, string name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, name)));
    }

    /// <summary>Ten lists, each of ten times the one before: ten thousand million texts, if somebody counts them out.</summary>
    private static string Bomb()
    {
        var text = new StringBuilder("name: T\nentry: D\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
        for (int i = 1; i < 10; i++)
        {
            text.Append($"x{i}: &x{i} [{string.Join(", ", Enumerable.Repeat($"*x{i - 1}", 10))}]\n");
        }

        return text.Append("provides: *x9\n").ToString();
    }

    private static string Steps()
    {
        var text = new StringBuilder("name: T\nentry: D\n");
        for (int i = 0; i < 3000; i++)
        {
            text.Append(' ', i).Append("x:\n");
        }

        return text.ToString();
    }
}
