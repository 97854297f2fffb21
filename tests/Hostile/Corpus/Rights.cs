namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Domains that ask for rights which nobody gave them, and drivers that keep the kernel busy.</summary>
internal static class Rights
{
    private const string Family = "rights that nobody gave";

    internal static readonly BootAttack[] All =
    [
        Refused("require of the kernel's contract", "to call another domain's Start and Stop", "does not require IDomain",
            "services.Require<IDomain>();"),
        Refused("require of a program", "to run a program outside of its process", "does not require IProgram",
            "services.Require<IProgram>();"),
        Refused("require without a manifest's word", "to reach the file system behind the system file's back",
            "does not require IFileSystem", "services.Require<IFileSystem>();"),
        Refused("link without a manifest's word", "to have a driver restarted that is another's", "does not require IBlockDevice",
            "services.RequireLink<IBlockDevice>();"),
        Refused("require of any class", "to be given an object of the kernel", "does not require String",
            "services.Require<string>();"),
        Refused("provide of the kernel's contract", "to be called as a domain a second time", "does not provide IDomain",
            "services.Provide<IDomain>(this);"),
        Refused("provide without a manifest's word", "to be found as the console", "does not provide IConsole",
            "services.Provide<IConsole>(null);"),
        Refused("provide of a namesake", "to publish an interface of its own under a contract's name", "does not provide IConsole",
            "services.Provide<Own.IConsole>(null);", "namespace Own { public interface IConsole { } }"),
        Refused("provide of any class", "to publish an object that is no contract", "does not provide Object",
            "services.Provide<object>(this);"),
        Refused("device that the system file does not give", "to drive another's device", "gives it no device",
            "var d = services.Device;"),
        Survived("report without an end", "to fill the log with one line",
            "string s = \"x\\n\"; for (int i = 0; i < 12; i++) s += s; services.Report(Severity.Information, s);", hasDevice: false),
        Survived("interrupts routed again and again", "to have the device's table rewritten under its interrupts",
            """
            PciFunction device = services.Device;
            KernelEvent e = KernelEvent.Create(context);
            for (int i = 0; i < 100000; i++) { device.RouteInterrupt(0, e); device.RouteInterrupt(0, null); }
            """, hasDevice: true),
        Survived("storm of interrupts", "to keep the executor in interrupts",
            BootFiles.Enable + """
            registers.Write64(0x28, bus); registers.Write64(0x30, bus + 4096);
            KernelEvent e = KernelEvent.Create(context);
            device.RouteInterrupt(0, e);
            registers.Write32(0x14, 0x00460001);
            for (int round = 0; round < 1000 && (registers.Read32(0x1c) & 3) == 0; round++) e.Wait(context, 100);
            for (uint n = 1; n < 2000; n++) { registers.Write32(0x1000, n % 16); registers.Write32(0x1004, n % 16); e.SignalAll(); e.Wait(context, 0); }
            """, hasDevice: true),
    ];

    private static BootAttack Refused(string name, string tries, string expected, string body, string types = "") => new(
        BootFiles.Wrap(Family, name, tries, Wall.Runtime, "answer"), expected, "domains:\n  - {name: Test}\n",
        folder => BootFiles.Lay(folder, "name: Test\nentry: D\n", body, types));

    /// <summary>Nobody refuses it; it comes to an end, and the system with it is up.</summary>
    private static BootAttack Survived(string name, string tries, string body, bool hasDevice) => new(
        BootFiles.Wrap(Family, name, tries, Wall.Runtime, "answer"), "it has come to an end",
        hasDevice ? "devices:\n  - {name: d, model: nvme}\ndomains:\n  - {name: Test, device: d}\n" : "domains:\n  - {name: Test}\n",
        folder => BootFiles.Lay(
            folder,
            "name: Test\nentry: D\n" + (hasDevice ? "device: pci\n" : ""),
            body + "services.Report(Severity.Information, \"it has come to an end\");"));
}
