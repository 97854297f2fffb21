using RedLeafSharp.Kernel;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// One system with three stacks: the default one at two links, one with the same address at a link of its own, and one that has its
/// loopback only.
/// </summary>
public class SeveralStacksTests(SeveralStacksTests.Booted booted) : IClassFixture<SeveralStacksTests.Booted>
{
    private const string Yaml = """
        devices:
          - {name: disk0, model: nvme}
          - {name: net0, model: e1000e, link: user, publish: ["0:80"]}
          - {name: net1, model: e1000e, link: none}
          - {name: net2, model: e1000e, link: user, publish: ["0:80"]}
        domains:
          - {name: Nvme, device: disk0}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}}
          - {name: E0, folder: E1000e, device: net0}
          - {name: Net0, folder: NetShadow, shadows: E0}
          - {name: E1, folder: E1000e, device: net1}
          - {name: Net1, folder: NetShadow, shadows: E1}
          - {name: E2, folder: E1000e, device: net2}
          - {name: Net2, folder: NetShadow, shadows: E2}
          - name: TcpStack
            use: {INetDevice: [Net0, Net1]}
            settings: {links: eth0=Net0 eth1=Net1, addresses: eth0=10.0.2.15/24 eth1=192.168.7.1/24, routes: default=10.0.2.2}
          - name: Twin
            folder: TcpStack
            use: {INetDevice: Net2}
            settings: {links: eth0=Net2, addresses: eth0=10.0.2.15/24, routes: default=10.0.2.2}
          - {name: Inside, folder: TcpStack}
          - name: Personality
            use:
              IFileSystem: Ext4
              ISocketStack: [TcpStack, Twin, Inside]
              INetConfiguration: [TcpStack, Twin, Inside]
            settings: {stacks: TcpStack Twin Inside}
        programs: [Programs]
        """;

    private static readonly string[] Servers =
        ["httpd -p 80 /default", "ip netns exec Twin httpd -p 80 /twin", "ip netns exec Inside httpd -p 80 /inside"];

    private readonly TestSystem system = booted.System;

    [Fact]
    public void Stacks_WithTheSameAddress_BothAnswer()
    {
        Assert.Equal("default\n", Get("net0"));
        Assert.Equal("twin\n", Get("net2"));
        system.System.Kill("E2");
        Assert.Equal("twin\n", Get("net2"));
        Assert.Equal("default\n", Get("net0"));
        Assert.Contains("10.0.2.15/24", system.Shell("ip -n Twin addr").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Stack_WithALoopbackOnly_IsReachedByItsOwnProcesses()
    {
        foreach ((string prefix, string answer) in new[]
        {
            ("", "default\n"), ("ip netns exec Twin ", "twin\n"), ("ip netns exec Inside ", "inside\n"),
        })
        {
            Assert.Equal((0, answer), system.Shell($"{prefix}fetch http://127.0.0.1/name"));
        }

        Assert.NotEqual(0, system.Shell("ip netns exec Inside ping -c 1 -W 1 10.0.2.2").Status);
        Assert.Equal(0, system.Shell("ip netns exec Twin ping -c 1 -W 60 10.0.2.2").Status);
        Assert.Equal((0, "twin\n"), system.Shell("ip netns exec Twin sh -c 'fetch http://10.0.2.15/name'"));
        Assert.Contains("eth1", system.Shell("ip route").Output, StringComparison.Ordinal);
        Assert.Equal(255, system.Shell("ip netns exec Twin nothing").Status);
        Assert.Equal(1, system.Shell("ip netns exec Nowhere true").Status);
    }

    [Fact]
    public void LinkOfAVlan_MadeAndRemoved_IsShownAndReached()
    {
        const string Add = "ip link add link eth1 name eth1.5 type vlan id 5 && ip link set eth1.5 up && ip addr add 192.168.5.1/24 dev eth1.5";
        Assert.Equal((0, ""), system.Shell(Add));
        string shown = system.Shell("ip -d link show eth1.5").Output;
        Assert.Contains("eth1.5@eth1: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 state DOWN\n", shown, StringComparison.Ordinal);
        Assert.Contains("\n    vlan protocol 802.1Q id 5\n", shown, StringComparison.Ordinal);
        Assert.Contains("192.168.5.0/24 dev eth1.5", system.Shell("ip route").Output, StringComparison.Ordinal);
        Assert.Equal(2, system.Shell("ip link add link eth1 name other type vlan id 5").Status);
        Assert.Equal((0, ""), system.Shell("ip link del eth1.5"));
        Assert.DoesNotContain("eth1.5", system.Shell("ip addr; ip route").Output, StringComparison.Ordinal);
    }

    private string Get(string device)
    {
        int port = ((UserLink)system.System.Hardware.Networks[device].Link).PublishedPorts[0];
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        return client.GetStringAsync($"http://127.0.0.1:{port}/name").GetAwaiter().GetResult();
    }

    /// <summary>The system, which both tests use.</summary>
    public sealed class Booted : IDisposable
    {
        private readonly BackgroundWork[] servers;

        public Booted()
        {
            System = new TestSystem(SystemDescription.Parse("stacks.yaml", Yaml));
            Assert.Equal((0, ""), System.Shell("for name in default twin inside; do mkdir /$name; echo $name > /$name/name; done"));
            servers = [.. Servers.Select(command => new BackgroundWork(command, () => System.Shell(command)))];
            foreach (string prefix in new[] { "", "ip netns exec Twin ", "ip netns exec Inside " })
            {
                Assert.Equal(0, System.Shell($"until {prefix}nc -z 127.0.0.1 80; do sleep 0.01; done").Status);
            }
        }

        internal TestSystem System { get; }

        public void Dispose()
        {
            _ = System.System.KillProcesses("httpd");
            Assert.All(servers, server => Assert.True(server.Join(TimeSpan.FromMinutes(1)), "a server does not end"));
            System.Dispose();
        }
    }
}
