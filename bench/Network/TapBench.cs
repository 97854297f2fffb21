using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RedLeafSharp.Bench.Network;

/// <summary>
/// A whole system at a TAP interface as programs of Linux see it, beside Linux's own stack behind a veth pair, with its offloads and without
/// them. Peers take turns, measure by measure. Needs root, iproute2, iputils-ping, iperf3, wrk, nginx and ethtool.
/// </summary>
internal static partial class TapBench
{
    private const string VethAddress = "10.96.0.2";
    private const int PingCount = 5_000;

    internal static int Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 && int.TryParse(arguments[0], CultureInfo.InvariantCulture, out int number) ? number : 3;
        string seconds = arguments.Length > 1 ? arguments[1] : "2";
        string only = arguments.Length > 2 ? arguments[2] : string.Empty;
        string suffix = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        using var client = new LinuxNamespace($"rlt{suffix}");
        using var vethClient = new LinuxNamespace($"rlc{suffix}");
        using var vethServer = new LinuxNamespace($"rls{suffix}");
        LinuxNamespace.Join(vethClient, "10.96.0.1/24", vethServer, $"{VethAddress}/24");
        using var nginx = new NginxPeer(vethServer);
        vethServer.Serve("iperf3", "-s");
        using var system = new TapSystem(client);
        Peer[] peers =
        [
            new("ours over TAP", client, TapSystem.Address, () => { }),
            new("Linux, veth", vethClient, VethAddress, () => SetOffloads(vethClient, vethServer, "on")),
            new("Linux, veth, no offloads", vethClient, VethAddress, () => SetOffloads(vethClient, vethServer, "off")),
        ];
        foreach (Peer peer in peers)
        {
            AwaitServers(peer);
        }

        Measure[] measures =
        [
            new("stream to the server", "Gbit/s", (peer) => Iperf(peer, "-t", seconds)),
            new("stream from the server", "Gbit/s", (peer) => Iperf(peer, "-t", seconds, "-R")),
            new("the same without copies", "Gbit/s", (peer) => Iperf(peer, "-t", seconds, "-R", "-Z")),
            new("flood ping, average", "us", Ping),
            new("1 KiB file, 20 connections", "requests/s", (peer) => Wrk(peer, "small", seconds)),
            new("1 MiB file, 20 connections", "requests/s", (peer) => Wrk(peer, "large", seconds)),
        ];
        measures = [.. measures.Where(measure => measure.Name.Contains(only, StringComparison.Ordinal))];
        Console.WriteLine($"{rounds} rounds, {seconds} s each; best, median, and median as a multiple of ours (lower is better for ping)");
        foreach (Measure measure in measures)
        {
            Report(measure, peers, rounds);
        }

        return 0;
    }

    private static void Report(Measure measure, Peer[] peers, int rounds)
    {
        var samples = peers.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round <= rounds; round++)
        {
            for (int index = 0; index < peers.Length; index++)
            {
                peers[index].Prepare();
                double sample = measure.Take(peers[index]);
                if (round > 0)
                {
                    samples[index].Add(sample);
                }
            }
        }

        double ours = Median(samples[0]);
        for (int index = 0; index < peers.Length; index++)
        {
            double best = measure.Unit == "us" ? samples[index].Min() : samples[index].Max();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{measure.Name,-28}{peers[index].Name,-26}{best,10:F2}{Median(samples[index]),10:F2} {measure.Unit,-11}"
                + $"{Median(samples[index]) / ours,7:F2}"));
        }
    }

    /// <summary>Until both servers take connections.</summary>
    private static void AwaitServers(Peer peer) => _ = peer.Client.Run(
        "bash", "-c", $"for port in 80 5201; do until 2>/dev/null </dev/tcp/{peer.Address}/$port; do sleep 0.1; done; done");

    private static double Median(List<double> samples) => samples.Order().ElementAt(samples.Count / 2);

    private static double Iperf(Peer peer, params string[] options)
    {
        string output = peer.Client.Run(["iperf3", "-J", "-c", peer.Address, .. options]);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() / 1e9;
    }

    private static double Ping(Peer peer) =>
        Number(RoundTrip(), peer.Client.Run("ping", "-q", "-f", "-c", PingCount.ToString(CultureInfo.InvariantCulture), peer.Address)) * 1000;

    private static double Wrk(Peer peer, string file, string seconds)
    {
        string output = peer.Client.Run("wrk", "-t", "1", "-c", "20", "-d", seconds, $"http://{peer.Address}/{file}");
        return output.Contains("Socket errors", StringComparison.Ordinal) || output.Contains("Non-2xx", StringComparison.Ordinal)
            ? throw new InvalidOperationException(output)
            : Number(Requests(), output);
    }

    private static double Number(Regex pattern, string text) => double.Parse(pattern.Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    private static void SetOffloads(LinuxNamespace first, LinuxNamespace second, string state)
    {
        foreach (LinuxNamespace one in (LinuxNamespace[])[first, second])
        {
            _ = one.Run("ethtool", "-K", one.Name, "tso", state, "gso", state, "gro", state, "tx", state);
        }
    }

    [GeneratedRegex(@"rtt [^=]*= [\d.]+/([\d.]+)/")]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Requests();

    /// <summary>A server somewhere, and where its clients run.</summary>
    private sealed record Peer(string Name, LinuxNamespace Client, string Address, Action Prepare);

    private sealed record Measure(string Name, string Unit, Func<Peer, double> Take);
}
