using System.CommandLine;
using RedLeafSharp.Cli.Control;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf run</c>: boots a system and gives its shell, or runs one command in it.</summary>
internal static class RunCommand
{
    internal const long MemoryDiskBytesDefault = 256L << 20;
    private const string QemuWorldName = "qemu";

    private static readonly Argument<FileInfo?> System = new("SYSTEM.yaml")
    {
        Description = "The system file; without it the built-in system is booted.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<FileInfo> Disk = new("--disk")
    {
        Description = "The image of the first disk; without it the disk is in memory and freshly formatted.",
        HelpName = "IMG",
    };

    private static readonly Option<string> Command = new("--command", "-c")
    {
        Description = "Runs this with the shell and returns its exit status.",
        HelpName = "COMMAND",
    };

    private static readonly Option<DirectoryInfo> Import = new("--import")
    {
        Description = "Copies what is in this directory of the host to / first.",
        HelpName = "DIR",
    };

    private static readonly Option<DirectoryInfo> Export = new("--export")
    {
        Description = "Copies / to this directory of the host at the end.",
        HelpName = "DIR",
    };

    private static readonly Option<long?> MemoryDisk = Inputs.Size("--memory-disk", "Size of the disk in memory [256M].");

    private static readonly Option<FileInfo> Log = new("--log")
    {
        Description = "Writes the log to this file.",
        HelpName = "FILE",
    };

    private static readonly Option<string> Control = new("--control")
    {
        Description = "Where 'redleaf reload' finds this system [a place of its own].",
        HelpName = "SOCKET",
    };

    private static readonly Option<string> World = WorldOption();

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Shows the log on standard error." };

    internal static Command Create()
    {
        var command = new Command("run", "Boots a system: a shell on this terminal, or one command.")
        {
            System, Disk, Command, Import, Export, MemoryDisk, World, Log, Control, Verbose,
        };
        NetworkOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(System)?.Tokens is [{ Value: ['-', ..] option }, ..])
            {
                result.AddError($"Unrecognized option '{option}'");
            }

            if (result.GetResult(Disk) is not null && result.GetResult(MemoryDisk) is not null)
            {
                result.AddError("--disk and --memory-disk exclude each other");
            }
        });
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        FileInfo? systemFile = Inputs.ExistingFile("SYSTEM.yaml", parsed.GetValue(System));
        FileInfo? disk = Inputs.ExistingFile("--disk", parsed.GetValue(Disk));
        DirectoryInfo? import = Inputs.ExistingFolder("--import", parsed.GetValue(Import));
        DirectoryInfo? export = Inputs.FolderToMake("--export", parsed.GetValue(Export));
        SystemDescription description = systemFile is null
            ? SystemDescription.Default
            : SystemDescription.Read(systemFile.ToString());
        description = parsed.GetValue(World) == QemuWorldName ? description.OnQemu() : description;
        description = NetworkOptions.Apply(description, parsed);

        using HostLog log = HostLog.Open(parsed.GetValue(Log)?.FullName, parsed.GetValue(Verbose));
        using RedLeafSystem system = RedLeafSystem.Boot(description, new BootOptions
        {
            DomainsFolder = Domains.Folder,
            DiskPath = disk?.FullName,
            MemoryDiskBytes = parsed.GetValue(MemoryDisk) ?? MemoryDiskBytesDefault,
            Log = log.Logger,
            Console = new HostConsole(),
        });
        using var interrupts = new OrderlyInterrupt(system);
        using ControlServer? control = ControlServer.Start(system, parsed.GetValue(Control));

        bool usesDhcp = NetworkOptions.UsesDhcp(parsed);
        if (usesDhcp)
        {
            DhcpLease.Obtain(system);
        }

        if (import is not null)
        {
            HostProcess.Run(system, "import", root => new TreeImport(root).Copy(import.FullName, "/"));
        }

        int status = RunShell(system, parsed.GetValue(Command), isBatch: import is not null || export is not null);
        if (export is not null)
        {
            HostProcess.Run(system, "export", root => new TreeExport(root).Copy("/", export.FullName));
        }

        if (usesDhcp)
        {
            DhcpLease.Release(system);
        }

        system.Shutdown();
        return status;
    }

    private static Option<string> WorldOption()
    {
        var option = new Option<string>("--world")
        {
            Description = "simulated: the devices of the system file; qemu: each disk behind QEMU's NVMe controller.",
            HelpName = "WORLD",
            DefaultValueFactory = _ => "simulated",
        };
        option.AcceptOnlyFromAmong("simulated", QemuWorldName);
        return option;
    }

    /// <summary>An import or export alone needs no shell; a command or a person at the terminal does.</summary>
    private static int RunShell(RedLeafSystem system, string? command, bool isBatch) => (command, isBatch) switch
    {
        (not null, _) => HostProcess.RunProgram(system, "sh", "-c", command),
        (null, false) => HostProcess.RunProgram(system, "sh"),
        _ => ExitCode.Pass,
    };
}
