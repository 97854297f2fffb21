using System.CommandLine;
using RedLeafSharp.Cli.Control;
using RedLeafSharp.Cli.Fuse;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf mount</c>: boots a system and gives its files to the programs of Linux.</summary>
internal static class MountCommand
{
    private static readonly Argument<string[]> Places = new("[SYSTEM.yaml] MOUNTPOINT")
    {
        Description = "The directory of the host to mount at; before it the system file, without which the built-in system is booted.",
        Arity = new ArgumentArity(1, 2),
    };

    private static readonly Option<FileInfo> Disk = new("--disk")
    {
        Description = "The image of the first disk; without it the disk is in memory and freshly formatted.",
        HelpName = "IMG",
    };

    private static readonly Option<long?> MemoryDisk = Inputs.Size("--memory-disk", "Size of the disk in memory [256M].");

    private static readonly Option<FileInfo> Log = new("--log") { Description = "Writes the log to this file.", HelpName = "FILE" };

    private static readonly Option<string> Control = new("--control")
    {
        Description = "Where 'redleaf reload' finds this system [a place of its own].",
        HelpName = "SOCKET",
    };

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Shows the log on standard error." };

    internal static Command Create(TextWriter output)
    {
        var command = new Command("mount", "Boots a system and mounts its files on a directory of the host, until that is unmounted.")
        {
            Places, Disk, MemoryDisk, Log, Control, Verbose,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Disk) is not null && result.GetResult(MemoryDisk) is not null)
            {
                result.AddError("--disk and --memory-disk exclude each other");
            }
        });
        command.SetAction(parsed => Run(parsed, output));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output)
    {
        string[] places = parsed.GetRequiredValue(Places);
        FileInfo? disk = Inputs.ExistingFile("--disk", parsed.GetValue(Disk));
        FileInfo? systemFile = Inputs.ExistingFile("SYSTEM.yaml", places.Length > 1 ? new FileInfo(places[0]) : null);
        SystemDescription description = systemFile is null
            ? SystemDescription.Default
            : SystemDescription.Read(systemFile.ToString());
        FuseDevice.CheckMountPoint(places[^1]);

        using HostLog log = HostLog.Open(parsed.GetValue(Log)?.FullName, parsed.GetValue(Verbose));
        using RedLeafSystem system = RedLeafSystem.Boot(description, new BootOptions
        {
            DomainsFolder = Domains.Folder,
            DiskPath = disk?.FullName,
            MemoryDiskBytes = parsed.GetValue(MemoryDisk) ?? RunCommand.MemoryDiskBytesDefault,
            Log = log.Logger,
        });
        using FuseBridge bridge = FuseBridge.Mount(system, places[^1]);
        using var interrupts = new OrderlyInterrupt(system, bridge.Unmount);
        using ControlServer? control = ControlServer.Start(system, parsed.GetValue(Control));
        output.WriteLine($"mounted at {places[^1]}; umount it, or press Ctrl+C, to end");
        output.Flush();
        bridge.WaitForEnd();
        system.Shutdown();
        return ExitCode.Pass;
    }
}
