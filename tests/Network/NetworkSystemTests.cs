using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>Whole systems at links: programs of the system and of Linux talk to each other.</summary>
public sealed class NetworkSystemTests
{
    [FactNeeding(Need.Curl)]
    public void Curl_ThroughAPublishedPort_LoadsTheFile()
    {
        using var system = new NetworkSystem();
        (int status, string output) = Outside.Run(
            "bash", "-c", string.Create(CultureInfo.InvariantCulture, $"curl -sS -m 100 --retry 50 --retry-delay 1 --retry-all-errors http://127.0.0.1:{system.Ports[0]}/numbers | sha256sum"));
        Assert.Equal(0, status);
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(system.File)), output, StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_FromAPortOfTheHost_LoadsWhatTheHostHas()
    {
        using var listener = new HttpListener();
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://*:{port}/"));
        listener.Start();
        byte[] data = RandomNumberGenerator.GetBytes(1 << 20);
        Task serving = Task.Run(() =>
        {
            HttpListenerResponse response = listener.GetContext().Response;
            response.ContentLength64 = data.Length;
            response.Close(data, willBlock: true);
        });
        using var system = new NetworkSystem();
        (int status, string output) = system.System.Shell($"fetch -o /got http://10.0.2.2:{port}/x && sha256sum /got");
        Assert.True(status == 0, output);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(data)), output, StringComparison.Ordinal);
        Assert.True(serving.IsCompleted);
    }

    [FactNeeding(Need.NetworkNamespace | Need.Curl)]
    public void Linux_OverTap_PingsLoadsAndSends()
    {
        using var host = new HostNetwork("10.98.0.1/24");
        using var system = new NetworkSystem($"tap:{host.Interface}", "10.98.0.2/24", host.Attach);
        (int status, string output) = host.Run("ping", "-q", "-f", "-c", "1000", "10.98.0.2");
        Assert.Contains(" 0% packet loss", output, StringComparison.Ordinal);
        (status, output) = host.Run(
            "bash", "-c", "curl -sS -m 100 --retry 50 --retry-delay 1 --retry-all-errors http://10.98.0.2/numbers | sha256sum");
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(system.File)), output, StringComparison.Ordinal);
        Task<(int Status, string Output)> receiving = Task.Run(() => system.System.Shell("nc -l -p 9000 > /in; sha256sum /in"));
        (status, output) = host.Run(
            "bash", "-c", "for try in $(seq 300); do if exec 3<>/dev/tcp/10.98.0.2/9000; then break; fi; sleep 0.1; done 2>/dev/null; seq 100000 >&3; exec 3>&-; seq 100000 | sha256sum");
        Assert.True(receiving.Wait(TimeSpan.FromMinutes(1)));
        Assert.Contains(output.Split(' ')[0], receiving.Result.Output, StringComparison.Ordinal);
    }
}
