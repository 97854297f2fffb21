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
                host = new HostNetwork(NetworkSystem.TapPeer);
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

    private string Run(string tool, params string[] arguments)
    {
        (int status, string output) = peer.Host.Run(tool, arguments);
        Assert.True(status == 0, string.Create(CultureInfo.InvariantCulture, $"{tool}: {status}: {output}"));
        return output;
    }
}
