using System.Diagnostics;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A whole system is told its address: by the gateway of the user link, and by a server of Linux.</summary>
public sealed class DhcpTests
{
    [Fact]
    public void Dhclient_AtTheUserLink_GetsAddressRouterAndNameServer()
    {
        using var system = new TestSystem(Described(LinkDescription.TryParse("user")!));
        (int status, string output) = system.Shell("dhclient eth0 && ip addr show eth0 && ip route && cat /etc/resolv.conf && dhclient -r eth0; ip route; ip addr");

        Assert.True(status == 0, output);
        Assert.Contains("inet 10.0.2.15/24 scope global eth0\n", output, StringComparison.Ordinal);
        Assert.Contains("default via 10.0.2.2 dev eth0\nnameserver 10.0.2.3\n1: lo", output, StringComparison.Ordinal);
        string released = output[output.LastIndexOf("eth0: ", StringComparison.Ordinal)..];
        Assert.DoesNotContain("inet ", released, StringComparison.Ordinal);
    }

    /// <summary>
    /// The first address that the server gives belongs to Linux itself, which answers when it is asked for: the system declines it,
    /// gets another one, renews and releases it.
    /// </summary>
    [FactNeeding(Need.NetworkNamespace | Need.Dnsmasq)]
    public void Dhclient_WithDnsmasq_DeclinesBindsRenewsAndReleases()
    {
        using var host = new HostNetwork("10.98.0.1/24");
        using var system = new TestSystem(Described(LinkDescription.TryParse($"tap:{host.Interface}")!));
        host.Attach();
        _ = host.Run("ip", "addr", "add", "10.98.0.50/32", "dev", "lo");
        string leases = Path.GetTempFileName();
        using Process server = host.Launch(
            "dnsmasq", "-k", "-C", "/dev/null", "--port=0", $"--interface={host.Interface}", "--bind-interfaces", "--no-ping", "--log-facility=-", "--log-dhcp",
            "--dhcp-sequential-ip", "--dhcp-range=10.98.0.50,10.98.0.60,255.255.255.0,10m", $"--dhcp-leasefile={leases}", "--domain=lab.example",
            "--dhcp-option=option:router,10.98.0.1", "--dhcp-option=option:dns-server,10.98.0.53", "--dhcp-option=option:mtu,1400", "--dhcp-option=option:T1,4s");
        var log = new ServerLog(server);
        try
        {
            log.WaitFor("sockets bound");
            (int status, string output) = system.Shell("dhclient eth0 && ip addr show eth0 && ip route && cat /etc/resolv.conf");
            Assert.True(status == 0, output + log);
            Assert.Contains("mtu 1400", output, StringComparison.Ordinal);
            Assert.Contains("inet 10.98.0.51/24", output, StringComparison.Ordinal);
            Assert.Contains("default via 10.98.0.1 dev eth0\nsearch lab.example\nnameserver 10.98.0.53\n", output, StringComparison.Ordinal);
            log.WaitFor("DHCPDECLINE");
            Assert.Contains("10.98.0.51", File.ReadAllText(leases), StringComparison.Ordinal);
            Assert.Equal(0, host.Run("ping", "-c", "1", "10.98.0.51").ExitStatus);

            // The request after the one for the offer is the renewal, which the server answers, too.
            log.WaitFor("DHCPACK", count: 3);
            _ = system.Shell("dhclient -r eth0");
            log.WaitFor("DHCPRELEASE");
        }
        finally
        {
            server.Kill();
            File.Delete(leases);
        }
    }

    private static SystemDescription Described(LinkDescription link) =>
        SystemDescription.Default.WithNetwork(new NetworkDescription { Link = link, UsesDhcp = true });

    /// <summary>What a server says on its standard error.</summary>
    private sealed class ServerLog
    {
        private readonly List<string> lines = [];

        internal ServerLog(Process server)
        {
            server.ErrorDataReceived += (_, line) => Add(line.Data);
            server.BeginErrorReadLine();
        }

        public override string ToString()
        {
            lock (lines)
            {
                return string.Join('\n', lines);
            }
        }

        internal void WaitFor(string text, int count = 1)
        {
            bool isThere = SpinWait.SpinUntil(
                () => ToString().Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal)) >= count, TimeSpan.FromMinutes(2));
            Assert.True(isThere, $"{text} is missing in\n{this}");
        }

        private void Add(string? line)
        {
            lock (lines)
            {
                lines.Add(line ?? "");
            }
        }
    }
}
