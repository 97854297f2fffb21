using System.Diagnostics;

namespace RedLeafSharp.Bench.Network;

/// <summary>A network namespace of Linux with tools that run in it; gone when disposed of. Needs root.</summary>
internal sealed class LinuxNamespace : IDisposable
{
    private readonly List<Process> servers = [];

    internal LinuxNamespace(string name)
    {
        Name = name;
        _ = Must("ip", "netns", "add", name);
        _ = Must("ip", "-n", name, "link", "set", "lo", "up");
    }

    internal string Name { get; }

    /// <summary>Joins two namespaces by a pair of virtual Ethernet interfaces, which are called as their namespaces.</summary>
    internal static void Join(LinuxNamespace first, string firstAddress, LinuxNamespace second, string secondAddress)
    {
        _ = Must("ip", "link", "add", first.Name, "type", "veth", "peer", "name", second.Name);
        first.Attach(first.Name, firstAddress);
        second.Attach(second.Name, secondAddress);
    }

    /// <summary>Moves an interface in, and gives it an address.</summary>
    internal void Attach(string link, string address)
    {
        _ = Must("ip", "link", "set", link, "netns", Name);
        _ = Must("ip", "-n", Name, "addr", "add", address, "dev", link);
        _ = Must("ip", "-n", Name, "link", "set", link, "up");
        UseCubic(link);
    }

    /// <summary>Runs a tool, and returns what it prints.</summary>
    internal string Run(params string[] command) => Must(["ip", "netns", "exec", Name, .. command]);

    /// <summary>Starts a server, which ends with the namespace.</summary>
    internal void Serve(params string[] command) => servers.Add(Process.Start(
        new ProcessStartInfo("ip", ["netns", "exec", Name, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    public void Dispose()
    {
        foreach (Process server in servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }

        using var end = Process.Start("ip", ["netns", "delete", Name]);
        end.WaitForExit();
    }

    /// <summary>
    /// Has connections over a link begin with CUBIC. A connection that begins with BBR, where that is the host's default, goes on being
    /// paced by a timer for each packet when a program chooses CUBIC later.
    /// </summary>
    private void UseCubic(string link)
    {
        string network = Must("ip", "-n", Name, "-4", "route", "show", "dev", link).Split(' ')[0];
        _ = Must("ip", "-n", Name, "route", "replace", network, "dev", link, "congctl", "cubic");
    }

    private static string Must(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{string.Join(' ', command)}: {output}{errors.Result}");
    }
}
