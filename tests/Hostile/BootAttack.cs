using System.Diagnostics;
using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Systems;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>An attack by files that a system is booted from, or by a driver: it has a system of its own.</summary>
/// <param name="Attack">What it tries; its image is not used.</param>
/// <param name="Expected">Part of the message that refuses it, or of a line of the log that says so.</param>
/// <param name="Yaml">The system file.</param>
/// <param name="Lay">Lays out the folder of domains.</param>
internal sealed record BootAttack(Attack Attack, string Expected, string Yaml, Action<string> Lay)
{
    /// <summary>What the message of a failed boot says when the domain's code had run.</summary>
    private const string StartFailed = "cannot start";

    internal AttackResult Run(string folder)
    {
        Directory.CreateDirectory(folder);
        Lay(folder);
        long start = Stopwatch.GetTimestamp();
        try
        {
            using var system = new TestSystem(SystemDescription.Parse("hostile.yaml", Yaml), domainsFolder: folder);
            double micros = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            bool isNoticed = system.Log.Any(line => line.Contains(Expected, StringComparison.Ordinal));
            system.System.Shutdown();
            bool isGone = system.System.WaitForReclaims(TimeSpan.FromSeconds(30));
            long bytes = system.System.Census().TotalBytes;
            string residue = isGone && bytes == 0 ? "" : $"{bytes} bytes";
            return new AttackResult(
                Attack, isNoticed ? Wall.Runtime : null, isNoticed ? Attack.By : "it booted", micros, residue);
        }
        catch (BootException exception)
        {
            bool isExpected = exception.Message.Contains(Expected, StringComparison.Ordinal);
            return new AttackResult(
                Attack, exception.Message.Contains(StartFailed) ? Wall.Runtime : Wall.Loader,
                    isExpected ? Attack.By : exception.Message, Stopwatch.GetElapsedTime(start).TotalMicroseconds, "");
        }
    }
}
