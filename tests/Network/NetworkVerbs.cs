using System.Diagnostics;
using System.Globalization;

namespace RedLeafSharp.Tests.Network;

/// <summary>Long runs of the network: <c>dotnet run -c Release --project tests -- net ...</c>.</summary>
internal static class NetworkVerbs
{
    internal const string Usage = "deaths COUNT MILLISECONDS [tap] | net fuzz COUNT SEED | net bad BYTES SEED | net linux SECONDS";

    private static readonly TimeSpan Undisturbed = TimeSpan.FromSeconds(10);

    internal static int Execute(string[] words, TextWriter output)
    {
        switch (words)
        {
            case ["deaths", var count, var milliseconds]:
                return Deaths(null, int.Parse(count, CultureInfo.InvariantCulture), int.Parse(milliseconds, CultureInfo.InvariantCulture), output);
            case ["deaths", var count, var milliseconds, "tap"]:
                using (var host = new HostNetwork(NetworkSystem.TapPeer))
                {
                    return Deaths(
                        host, int.Parse(count, CultureInfo.InvariantCulture), int.Parse(milliseconds, CultureInfo.InvariantCulture), output);
                }

            case ["linux", var seconds]:
                return LinuxRun.Execute(int.Parse(seconds, CultureInfo.InvariantCulture), output);
            case ["fuzz", var count, var seed]:
                return TcpStack.PacketFuzz.RunAll(
                    long.Parse(count, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), output) ? 0 : 1;
            case ["bad", var lengthBytes, var seed]:
                TcpStack.BadNetworks.RunAll(
                    int.Parse(lengthBytes, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), output);
                return 0;
            default:
                output.WriteLine($"usage: net {Usage}");
                return 2;
        }
    }

    /// <summary>Prints what goes through without deaths and with them.</summary>
    private static int Deaths(HostNetwork? host, int count, int everyMilliseconds, TextWriter output)
    {
        using var run = new NetworkDeaths(seed: 1, host);
        NetworkFigures before = run.Run(0, Undisturbed);
        output.WriteLine($"undisturbed: {before}");
        var clock = Stopwatch.StartNew();
        NetworkFigures figures = run.Run(count, TimeSpan.FromMilliseconds(everyMilliseconds));
        output.WriteLine($"{run.Deaths} deaths in {clock.Elapsed.TotalSeconds:F0} s: {figures}");
        output.WriteLine($"{figures.MegabytesPerSecond / before.MegabytesPerSecond:P0} of the throughput; no connection was reset, every byte was right");
        return run.Deaths >= count ? 0 : 1;
    }
}
