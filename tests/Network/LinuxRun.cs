using System.Globalization;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// What Linux does with a whole system over TAP, for long: a flood of pings, a file of a gigabyte, iperf3 in both directions, wrk. Prints what each
/// tool says, and fails where one does.
/// </summary>
internal static class LinuxRun
{
    /// <summary>2.7 MB each: a gigabyte.</summary>
    private const int FileCopies = 400;

    internal static int Execute(int seconds, TextWriter output)
    {
        using var host = new HostNetwork(NetworkSystem.TapPeer);
        using var system = new NetworkSystem(host, FileCopies);
        system.Serve("iperf3", "iperf3 -s", NetworkSystem.IperfPort, []);
        _ = system.System.Shell("mkdir /srv/small; echo hello > /srv/small/index.html");
        string time = seconds.ToString(CultureInfo.InvariantCulture);
        string address = NetworkSystem.TapAddress;
        bool isGood = Run("ping", text => text.Contains(" 0% packet loss"), "-q", "-f", "-c", "10000", address);
        isGood &= Run("bash", text => text.Contains(system.FileSum), "-c", $"curl -sS -w '%{{stderr}}%{{speed_download}} B/s\\n' http://{address}/numbers | sha256sum");
        isGood &= Run("iperf3", text => text.Contains("iperf Done."), "-c", address, "-t", time, "-i", "0");
        isGood &= Run("iperf3", text => text.Contains("iperf Done."), "-c", address, "-t", time, "-i", "0", "-R");
        isGood &= Run("wrk", text => !text.Contains("Socket errors") && !text.Contains("Non-2xx"), "-c", "20", "-t", "1", "-d", time, $"http://{address}/small/");
        output.WriteLine(isGood ? "all as it must be" : "FAILED");
        return isGood ? 0 : 1;

        bool Run(string tool, Func<string, bool> isExpected, params string[] arguments)
        {
            (int status, string text) = host.Run(tool, arguments);
            output.WriteLine(text);
            return status == 0 && isExpected(text);
        }
    }
}
