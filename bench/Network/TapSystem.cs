using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using Serilog.Core;

namespace RedLeafSharp.Bench.Network;

/// <summary>The built-in system at a TAP interface, with its web server and its iperf3 server.</summary>
internal sealed class TapSystem : IDisposable
{
    internal const string Address = "10.97.0.2";
    internal const string PeerAddress = "10.97.0.1/24";
    private const long DiskBytes = 128L << 20;
    private static readonly string[] Servers = ["httpd -p 80 /srv", "iperf3 -s"];

    private readonly RedLeafSystem system;
    private readonly List<Task> running = [];

    internal TapSystem(LinuxNamespace peer)
    {
        SystemDescription description = SystemDescription.Default.WithNetwork(
            new NetworkDescription { Link = LinkDescription.TryParse($"tap:{peer.Name}")!, Addresses = [$"{Address}/24"] });
        system = RedLeafSystem.Boot(description, new BootOptions
        {
            DomainsFolder = Path.Combine(AppContext.BaseDirectory, "domains"),
            MemoryDiskBytes = DiskBytes,
            Log = Logger.None,
        });
        peer.Attach(peer.Name, PeerAddress);
        Shell("mkdir /srv; seq 1000000 | head -c 1024 > /srv/small; seq 1000000 | head -c 1048576 > /srv/large");
        foreach (string server in Servers)
        {
            running.Add(Task.Factory.StartNew(() => Shell(server), TaskCreationOptions.LongRunning));
        }
    }

    public void Dispose()
    {
        _ = system.KillProcesses("httpd");
        _ = system.KillProcesses("iperf3");
        Task.WaitAll([.. running]);
        system.Shutdown();
        system.Dispose();
    }

    private void Shell(string command) => system.Run("bench", (context, calls) =>
    {
        byte[] arguments = Encoding.UTF8.GetBytes($"sh\0-c\0{command}\0");
        Reply<int, Errno> child = calls.Spawn(context, arguments, 0, 1, 2);
        return child.IsOk ? calls.WaitForChild(context, child.Value).Value.Status : throw new InvalidOperationException($"spawn: {child}");
    });
}
