using System.ComponentModel;
using System.Diagnostics;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>e2fsck of the host as an oracle: what is on the disk is a file system that Linux has nothing to say against.</summary>
internal static class FileSystemCheck
{
    private const string Oracle = "e2fsck";
    private const string Program = "e2fsck";

    /// <summary>A run that goes on for longer says nothing more: the disks of trials have 16 MiB.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The option of workloads that can be judged so.</summary>
    internal static OptionInfo Option { get; } = new("fsck", "1: e2fsck of the host judges the disk at the end", 0, 0, 1);

    /// <summary>Replays the journal, as a mount would, and checks without repairing.</summary>
    /// <exception cref="ArgumentException">The host has no e2fsck.</exception>
    internal static IReadOnlyList<Violation> Judge(DiskSnapshot disk)
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.Create(path))
            {
                disk.WriteTo(stream);
            }

            _ = Run("-E", "journal_only", "-p", path);
            (int status, string output) = Run("-f", "-n", path);
            return status == 0 ? []
                : [new Violation(ViolationKind.SilentCorruption, Oracle, $"status {status}: {Complaint(output)}")];
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The first line that is neither a pass nor the program's name.</summary>
    private static string Complaint(string output) => output.Split('\n').Select(line => line.Trim())
        .FirstOrDefault(line => line.Length > 0 && !line.StartsWith("Pass", StringComparison.Ordinal) && !line.StartsWith(Program, StringComparison.Ordinal))
        ?? "no reason given";

    private static (int Status, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit(Patience);
            return (process.ExitCode, output + errors.Result);
        }
        catch (Win32Exception)
        {
            throw new ArgumentException("the option 'fsck' needs e2fsck, of the Debian package e2fsprogs");
        }
    }
}
