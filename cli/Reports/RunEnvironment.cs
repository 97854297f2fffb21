using System.Globalization;
using System.Runtime.InteropServices;

namespace RedLeafSharp.Cli.Reports;

/// <summary>Where and how a report's numbers were measured. Every report shows it.</summary>
internal sealed record RunEnvironment(
    DateTimeOffset Date,
    string CommandLine,
    ulong Seed,
    string Runtime,
    string OperatingSystem,
    string Processor,
    int ProcessorCount)
{
    private const string ProcessorFile = "/proc/cpuinfo";

    internal string DateText => Date.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    internal static RunEnvironment Capture(TimeProvider time, string commandLine, ulong seed) => new(
        time.GetUtcNow(),
        commandLine,
        seed,
        $"{RuntimeInformation.FrameworkDescription} {RuntimeInformation.RuntimeIdentifier}",
        RuntimeInformation.OSDescription,
        ReadProcessor(),
        Environment.ProcessorCount);

    private static string ReadProcessor()
    {
        string? line = File.Exists(ProcessorFile)
            ? File.ReadLines(ProcessorFile).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
