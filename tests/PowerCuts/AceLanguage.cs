using System.Globalization;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>
/// The plain text language in which ACE writes its workloads (CrashMonkey, Mohan et al., OSDI 2018; documentation/Ace.md of its
/// sources): an operation a line, in the sections define, setup and run. A name is a path, or a path without its slashes as
/// ACE's generator has it (Afoo for A/foo): the define section says which.
/// </summary>
internal static class AceLanguage
{
    /// <summary>The names that ACE uses when a file does not define them.</summary>
    private static readonly string[] Known = ["A", "B", "A/C", "foo", "bar", "A/foo", "A/bar", "B/foo", "B/bar", "A/C/foo", "A/C/bar"];

    /// <exception cref="FormatException">A line is not understood; the message has its number.</exception>
    internal static Workload Parse(string name, IEnumerable<string> lines)
    {
        Dictionary<string, string> paths = Known.ToDictionary(path => path.Replace("/", "", StringComparison.Ordinal));
        paths["test"] = "";
        var setup = new List<FileOperation>();
        var run = new List<FileOperation>();
        string section = "run";
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string text = line.Trim();
            if (text.StartsWith('#'))
            {
                section = text.TrimStart('#').Trim().ToLowerInvariant();
            }
            else if (section == "define" && text.Length > 0)
            {
                paths[text.Replace("/", "", StringComparison.Ordinal)] = text;
            }
            else if (text.Length > 0)
            {
                FileOperation? operation = ParseLine($"{name}:{number}", text.Split(' ', StringSplitOptions.RemoveEmptyEntries), paths);
                (section == "setup" ? setup : run).AddRange(operation is null ? [] : [operation]);
            }
        }

        return new Workload(name, setup, run);
    }

    private static FileOperation? ParseLine(string place, string[] words, Dictionary<string, string> paths)
    {
        string Path(int index) => index >= words.Length
            ? throw new FormatException($"{place}: a name is missing")
            : words[index].Contains('/') ? words[index].Trim('/') : paths.GetValueOrDefault(words[index], words[index]);
        int Number(int index) =>
            index < words.Length && int.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                ? value
                : throw new FormatException($"{place}: a number is missing");

        return words[0] switch
        {
            "creat" or "create" => new FileOperation(FileAction.Create, Path(1)),
            "open" or "mknod" => new FileOperation(FileAction.Open, Path(1)),
            "write" or "dwrite" or "mmapwrite" => new FileOperation(FileAction.Write, Path(1), "", Number(2), Number(3)),
            "truncate" => new FileOperation(FileAction.Truncate, Path(1), Length: Number(2)),
            "falloc" when words.Length >= 5 && char.IsAsciiDigit(words[4][0]) =>
                new FileOperation(FileAction.Allocate, Path(1), "", Number(3), Number(4), Modes(place, words[2])),
            "falloc" => new FileOperation(FileAction.Allocate, Path(1), "", Number(2), Number(3)),
            "rename" => new FileOperation(FileAction.Rename, Path(1), Path(2)),
            "link" => new FileOperation(FileAction.Link, Path(1), Path(2)),
            "symlink" => new FileOperation(FileAction.SymbolicLink, Path(1), Path(2)),
            "unlink" or "remove" => new FileOperation(FileAction.Unlink, Path(1)),
            "mkdir" => new FileOperation(FileAction.MakeDirectory, Path(1)),
            "rmdir" => new FileOperation(FileAction.RemoveDirectory, Path(1)),
            "fsetxattr" or "setxattr" => new FileOperation(FileAction.SetAttribute, Path(1)),
            "removexattr" => new FileOperation(FileAction.RemoveAttribute, Path(1)),
            "fsync" => new FileOperation(FileAction.SyncFile, Path(1)),
            "fdatasync" => new FileOperation(FileAction.SyncData, Path(1)),
            "sync" => new FileOperation(FileAction.Sync),
            "close" or "opendir" or "checkpoint" or "none" => null,
            _ => throw new FormatException($"{place}: '{words[0]}' is no operation"),
        };
    }

    private static AllocationModes Modes(string place, string text) =>
        text.Split('|').Aggregate(AllocationModes.None, (modes, one) => modes | one switch
        {
            "0" => AllocationModes.None,
            "FALLOC_FL_KEEP_SIZE" or "1" => AllocationModes.KeepSize,
            "FALLOC_FL_PUNCH_HOLE" => AllocationModes.PunchHole,
            "3" => AllocationModes.PunchHole | AllocationModes.KeepSize,
            "FALLOC_FL_ZERO_RANGE" or "16" => AllocationModes.ZeroRange,
            "17" => AllocationModes.ZeroRange | AllocationModes.KeepSize,
            _ => throw new FormatException($"{place}: '{one}' is no mode of falloc"),
        });
}
