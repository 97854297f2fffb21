using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>What the files of /proc say, in the formats of proc(5) where Linux has the file.</summary>
internal sealed class ProcessReports(PersonalityState state)
{
    /// <summary>Makes the text of a file, or the target of a link.</summary>
    /// <returns><see cref="Errno.NoEntry"/> for a process that is gone.</returns>
    public Errno TryWrite(CallContext context, int processId, ProcessEntry entry, out byte[] text)
    {
        text = [];
        Process? process = null;
        if (processId != 0 && !state.Processes.TryFind(processId, out process))
        {
            return Errno.NoEntry;
        }

        switch (entry)
        {
            case ProcessEntry.Domains:
                return Ask(context, KernelReport.Domains, out text);
            case ProcessEntry.Faults:
                return Ask(context, KernelReport.Faults, out text);
            case ProcessEntry.MemoryInformation:
                return Ask(context, KernelReport.Memory, out text);
            case ProcessEntry.WorkingDirectory or ProcessEntry.Root:
                return PathOf(context, process!, entry, out text);
            case ProcessEntry.CommandLine:
                text = process!.Arguments;
                return Errno.None;
            case ProcessEntry.Environment:
                // What others are told may be secret.
                bool mayLook = state.Processes.TryFind(context.Caller, out Process? caller)
                    && (caller.Credentials.Effective.IsPrivileged || caller.Credentials.User.Effective == process!.Credentials.User.Real);
                text = mayLook ? process!.Environment : text;
                return mayLook ? Errno.None : Errno.AccessDenied;
            default:
                text = Ascii.ToBytes(TextOf(context, process, entry));
                return Errno.None;
        }
    }

    private string TextOf(CallContext context, Process? process, ProcessEntry entry) => entry switch
    {
        ProcessEntry.Self => state.Processes.TryFind(context.Caller, out Process? self) ? $"{self.Id}" : string.Empty,
        ProcessEntry.Uptime => UptimeOf(context),
        ProcessEntry.Mounts => MountsOf(context),
        ProcessEntry.FileSystems => "nodev\tdevfs\nnodev\tproc\n",
        ProcessEntry.Status => StatusOf(process!),
        ProcessEntry.Limits => LimitsOf(process!),
        _ => string.Empty,
    };

    private Errno Ask(CallContext context, KernelReport report, out byte[] text)
    {
        var buffer = new byte[Limits.ReportBytesMax];
        Reply<int, Errno> length = state.Kernel.Reports.Write(context, report, buffer);
        text = buffer[..length.Value];
        return length.ErrorOf();
    }

    private Errno PathOf(CallContext context, Process process, ProcessEntry entry, out byte[] text)
    {
        var buffer = new byte[Limits.PathBytesMax];
        Location place = entry == ProcessEntry.Root ? process.Root : process.WorkingDirectory;
        Reply<int, Errno> length = state.Names.PathOf(context, state.Mounts.Root.RootLocation, place, buffer);
        text = buffer[..length.Value];
        return length.ErrorOf();
    }

    private static string UptimeOf(CallContext context)
    {
        (long seconds, long micros) = Math.DivRem(context.UptimeMicros, 1_000_000);
        return $"{seconds}.{micros / 10_000:00} 0.00\n";
    }

    /// <summary>A line for each mount: source, target, type, options, and two zeroes (fstab(5)).</summary>
    private string MountsOf(CallContext context)
    {
        // Only reads come here, and they do not hold the lock that finding paths needs.
        if (state.Names.Acquire(context) != Errno.None)
        {
            return string.Empty;
        }

        try
        {
            return LinesOfMounts(context);
        }
        finally
        {
            state.Names.Release();
        }
    }

    private string LinesOfMounts(CallContext context)
    {
        var text = new StringBuilder();
        var path = new byte[Limits.PathBytesMax];
        foreach (Mount mount in state.Mounts.All)
        {
            Reply<int, Errno> length = state.Names.PathOf(context, state.Mounts.Root.RootLocation, mount.RootLocation, path);
            string target = length.IsOk ? Ascii.ToText(path.AsSpan(0, length.Value)) : "?";
            text.Append($"{mount.Source} {Escape(target)} {mount.Type} {(mount.IsReadOnly ? "ro" : "rw")} 0 0\n");
        }

        return text.ToString();
    }

    private static string Escape(string path) => path.Replace("\\", "\\134").Replace(" ", "\\040").Replace("\n", "\\012");

    private static string StatusOf(Process process)
    {
        IdTriple user = process.Credentials.User;
        IdTriple group = process.Credentials.Group;
        var groups = new StringBuilder();
        foreach (uint id in process.Credentials.Groups)
        {
            groups.Append($"{id} ");
        }

        return $"Name:\t{Ascii.ToText(process.Name)}\n"
            + $"State:\t{(process.IsZombie ? "Z (zombie)" : "S (sleeping)")}\n"
            + $"Pid:\t{process.Id}\nPPid:\t{process.ParentId}\n"
            + $"Uid:\t{user.Real}\t{user.Effective}\t{user.Saved}\t{user.Effective}\n"
            + $"Gid:\t{group.Real}\t{group.Effective}\t{group.Saved}\t{group.Effective}\n"
            + $"Groups:\t{groups}\nUmask:\t{UmaskOf(process)}\nDomain:\t{process.Domain.Value}\n";
    }

    private static string UmaskOf(Process process) =>
        $"0{process.FileModeMask >> 6 & 7}{process.FileModeMask >> 3 & 7}{process.FileModeMask & 7}";

    private static string LimitsOf(Process process)
    {
        ResourceLimit files = process.Descriptors.Limit;
        ResourceLimit size = process.FileSizeLimit;
        return $"Max open files {Show(files.Soft)} {Show(files.Hard)} files\n"
            + $"Max file size {Show(size.Soft)} {Show(size.Hard)} bytes\n";
    }

    private static string Show(ulong limit) => limit == ResourceLimit.Infinite ? "unlimited" : $"{limit}";
}
