namespace RedLeafSharp.Posix.Personality;

/// <summary>The files of /proc.</summary>
internal enum ProcessEntry
{
    None = 0,

    /// <summary>The root or, with a process, its directory. The root's inode number is 1.</summary>
    Directory = 1,

    Self,
    Mounts,
    Uptime,
    MemoryInformation,
    Domains,
    Faults,
    FileSystems,
    CommandLine,
    Environment,
    Status,
    WorkingDirectory,
    Root,
    Limits,
}

/// <summary>Which file has which name.</summary>
internal static class ProcessEntries
{
    private static readonly string[] SystemNames =
        [".", "..", "domains", "faults", "filesystems", "meminfo", "mounts", "self", "uptime"];

    private static readonly string[] NamesOfProcess =
        [".", "..", "cmdline", "cwd", "environ", "limits", "mounts", "root", "status"];

    public static string[] NamesOf(bool isOfProcess) => isOfProcess ? NamesOfProcess : SystemNames;

    public static bool IsDirectory(ProcessEntry entry) => entry == ProcessEntry.Directory;

    public static bool IsLink(ProcessEntry entry) =>
        entry is ProcessEntry.Self or ProcessEntry.WorkingDirectory or ProcessEntry.Root;

    public static ProcessEntry Find(ReadOnlySpan<byte> name, bool isOfProcess) => isOfProcess
        ? Ascii.ToText(name) switch
        {
            "cmdline" => ProcessEntry.CommandLine,
            "cwd" => ProcessEntry.WorkingDirectory,
            "environ" => ProcessEntry.Environment,
            "limits" => ProcessEntry.Limits,
            "mounts" => ProcessEntry.Mounts,
            "root" => ProcessEntry.Root,
            "status" => ProcessEntry.Status,
            _ => ProcessEntry.None,
        }
        : Ascii.ToText(name) switch
        {
            "domains" => ProcessEntry.Domains,
            "faults" => ProcessEntry.Faults,
            "filesystems" => ProcessEntry.FileSystems,
            "meminfo" => ProcessEntry.MemoryInformation,
            "mounts" => ProcessEntry.Mounts,
            "self" => ProcessEntry.Self,
            "uptime" => ProcessEntry.Uptime,
            _ => ProcessEntry.None,
        };
}
