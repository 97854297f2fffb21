using System.Globalization;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>One system at a TAP interface, for all tests of Linux as the peer; made by the first that needs it.</summary>
public sealed class LinuxPeer : IDisposable
{
    private HostNetwork? host;

    internal HostNetwork Host
    {
        get
        {
            _ = System;
            return host!;
        }
    }

    internal NetworkSystem System
    {
        get
        {
            if (field is null)
            {
                host = new HostNetwork(NetworkSystem.TapPeer, NetworkSystem.TapPeerV6);
                field = new NetworkSystem(host);
                field.Serve("iperf3", "iperf3 -s", NetworkSystem.IperfPort, []);
            }

            return field;
        }

        private set;
    }

    public void Dispose()
    {
        if (host is not null)
        {
            System.Dispose();
            host.Dispose();
        }
    }
}

/// <summary>Programs of Linux, in a network namespace of their own, use a system.</summary>
public sealed class LinuxPeerTests(LinuxPeer peer) : IClassFixture<LinuxPeer>
{
    [FactNeeding(Need.NetworkNamespace)]
    public void FloodOfPings_LosesNone()
    {
        string output = Run("ping", "-q", "-f", "-c", "10000", NetworkSystem.TapAddress);
        Assert.Contains(" 0% packet loss", output, StringComparison.Ordinal);
    }

    [FactNeeding(Need.NetworkNamespace | Need.Curl)]
    public void Curl_LoadsTheFile() =>
        Assert.StartsWith(
            peer.System.FileSum, Run("bash", "-c", $"curl -sS -m 100 http://{NetworkSystem.TapAddress}/numbers | sha256sum"), StringComparison.Ordinal);

    [FactNeeding(Need.NetworkNamespace)]
    public void FloodOfPings_OverIpv6_LosesNone()
    {
        string output = Run("ping", "-6", "-q", "-f", "-c", "2000", NetworkSystem.TapAddressV6);
        Assert.Contains(" 0% packet loss", output, StringComparison.Ordinal);
        output = Run("ping", "-6", "-q", "-f", "-s", "20000", "-c", "100", NetworkSystem.TapAddressV6);
        Assert.Contains(" 0% packet loss", output, StringComparison.Ordinal);
    }

    [FactNeeding(Need.NetworkNamespace)]
    public void Ping_OfTheSystemOverIpv6_IsAnsweredByLinux()
    {
        Assert.Contains("2 received, 0% packet loss", peer.System.System.Shell("ping -c 2 -i 0.01 -W 60 -s 4000 fd98::1").Output, StringComparison.Ordinal);
        Assert.Contains("lladdr", peer.System.System.Shell("ip -6 neigh").Output, StringComparison.Ordinal);
    }

    /// <summary>Addresses of the link need its name on both sides.</summary>
    [FactNeeding(Need.NetworkNamespace)]
    public void Ping_OfLinkLocalAddresses_IsAnsweredBothWays()
    {
        string linux = LinkLocal(Run("ip", "-6", "addr", "show", "dev", peer.Host.Interface));
        string own = LinkLocal(peer.System.System.Shell("ip -6 addr show dev eth0").Output);
        Assert.Contains("1 received", peer.System.System.Shell($"ping -c 1 -W 60 {linux}%eth0").Output, StringComparison.Ordinal);
        _ = Run("ping", "-6", "-q", "-c", "1", "-W", "60", $"{own}%{peer.Host.Interface}");
    }

    [FactNeeding(Need.NetworkNamespace | Need.Curl)]
    public void Curl_OverIpv6_LoadsTheFile() =>
        Assert.StartsWith(
            peer.System.FileSum, Run("bash", "-c", $"curl -6 -g -sS -m 100 'http://[{NetworkSystem.TapAddressV6}]/numbers' | sha256sum"),
            StringComparison.Ordinal);

    [TheoryNeeding(Need.NetworkNamespace | Need.Iperf3)]
    [InlineData("")]
    [InlineData("-R -Z")]
    public void Iperf3_OverIpv6InEachDirection_EndsWell(string direction)
    {
        string output = Run("bash", "-c", $"iperf3 -6 -c {NetworkSystem.TapAddressV6} -t 1 -P 2 {direction}");
        Assert.Contains("iperf Done.", output, StringComparison.Ordinal);
    }

    /// <summary>A router's advertisement, made by hand: the system gives itself an address of the prefix, and Linux reaches it.</summary>
    [FactNeeding(Need.NetworkNamespace)]
    public void RouterAdvertisement_OfLinux_GivesTheSystemAnAddress()
    {
        const string Advertise = "import socket,struct,time;"
            + "s=socket.socket(socket.AF_INET6,socket.SOCK_RAW,socket.IPPROTO_ICMPV6);"
            + "s.setsockopt(socket.IPPROTO_IPV6,socket.IPV6_MULTICAST_HOPS,255);"
            + "prefix=struct.pack('!BBBBIII',3,4,64,0xc0,3600,1800,0)+socket.inet_pton(socket.AF_INET6,'fd97::');"
            + "s.sendto(struct.pack('!BBHBBHII',134,0,0,64,0,1800,0,0)+prefix,('ff02::1',0,0,socket.if_nametoindex('{0}')))";
        _ = Run("ip", "addr", "add", "fd97::1/64", "dev", peer.Host.Interface, "nodad");
        string made = "";
        for (int attempt = 0; attempt < 300 && made.Length == 0; attempt++)
        {
            _ = peer.Host.Run("python3", "-c", Advertise.Replace("{0}", peer.Host.Interface, StringComparison.Ordinal));
            string addresses = peer.System.System.Shell("sleep 0.1; ip -6 addr show dev eth0").Output;
            made = addresses.Split('\n').FirstOrDefault(line => line.Contains("fd97:", StringComparison.Ordinal)
                && !line.Contains("tentative", StringComparison.Ordinal)) ?? "";
        }

        string address = made.Trim().Split(' ')[1].Split('/')[0];
        _ = Run("ping", "-6", "-q", "-c", "1", "-W", "60", address);
        Assert.Matches("default via fe80:.* proto ra", peer.System.System.Shell("ip -6 route").Output);
    }

    [FactNeeding(Need.NetworkNamespace)]
    public void Nc_TakesWhatLinuxSends()
    {
        Task<(int Status, string Output)> receiving = Task.Run(() => peer.System.System.Shell("nc -l -p 9000 > /in; sha256sum /in"));
        string sum = Run(
            "bash", "-c", $"for try in $(seq 300); do if exec 3<>/dev/tcp/{NetworkSystem.TapAddress}/9000; then break; fi; sleep 0.1; done 2>/dev/null; "
            + "seq 100000 >&3; exec 3>&-; seq 100000 | sha256sum");
        Assert.True(receiving.Wait(TimeSpan.FromMinutes(1)));
        Assert.Contains(sum.Split(' ')[0], receiving.Result.Output, StringComparison.Ordinal);
    }

    [TheoryNeeding(Need.NetworkNamespace | Need.Iperf3)]
    [InlineData("")]
    [InlineData("-R")]
    [InlineData("-R -Z")]
    public void Iperf3_InEachDirection_EndsWell(string direction)
    {
        string output = Run("bash", "-c", $"iperf3 -c {NetworkSystem.TapAddress} -t 1 -P 2 {direction}");
        Assert.Contains("iperf Done.", output, StringComparison.Ordinal);
    }

    [FactNeeding(Need.NetworkNamespace | Need.Wrk)]
    public void Wrk_OnTwentyConnections_SeesNoError()
    {
        _ = peer.System.System.Shell("mkdir -p /srv/small; echo hello > /srv/small/index.html");
        string output = Run("wrk", "-c", "20", "-t", "1", "-d", "2s", "--timeout", "60s", $"http://{NetworkSystem.TapAddress}/small/");
        Assert.Contains("Requests/sec", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Socket errors", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Non-2xx", output, StringComparison.Ordinal);
    }

    /// <summary>Its probes of the system's kind have options, flags and fragments that no connection has.</summary>
    [FactNeeding(Need.NetworkNamespace | Need.Nmap)]
    public void Nmap_WithItsProbes_UpsetsNothing()
    {
        string output = Run(
            "nmap", "-n", "-Pn", "-sV", "--version-light", "-O", "--max-retries", "2", "--host-timeout", "60s", "-p", "7,80,81", NetworkSystem.TapAddress);
        Assert.Matches("80/tcp +open +http", output);
        Assert.Matches("81/tcp +closed", output);
        FloodOfPings_LosesNone();
        Curl_LoadsTheFile();
    }

    /// <summary>Requests that never end hold connections; those that are whole are served.</summary>
    [FactNeeding(Need.NetworkNamespace | Need.Curl)]
    public void Httpd_UnderSlowloris_GoesOnServing()
    {
        List<System.Net.Sockets.Socket> slow = [];
        try
        {
            for (int number = 0; number < 200; number++)
            {
                slow.Add(peer.System.Connect(NetworkSystem.WebPort));
                _ = slow[^1].Send("GET / HTTP/1.1\r\nX-"u8);
            }

            Curl_LoadsTheFile();
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>The address of the link among what ip shows.</summary>
    private static string LinkLocal(string shown) => shown.Split('\n').Select(line => line.Trim().Split(' '))
        .First(words => words[0] == "inet6" && words[1].StartsWith("fe80:", StringComparison.Ordinal))[1].Split('/')[0];

    private string Run(string tool, params string[] arguments)
    {
        (int status, string output) = peer.Host.Run(tool, arguments);
        Assert.True(status == 0, string.Create(CultureInfo.InvariantCulture, $"{tool}: {status}: {output}"));
        return output;
    }
}
