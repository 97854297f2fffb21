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
    [Fact]
    public void Connections_WhileTheDriverDies_LoseNothing()
    {
        using var run = new NetworkDeaths(seed: 7);
        run.Run(deaths: 20, TimeSpan.Zero);
        Assert.True(run.Deaths >= 20, $"{run.Deaths} deaths");
    }

    [Fact]
    public void Connections_WhileTheDriverIsReloaded_LoseNothing()
    {
        using var run = new NetworkDeaths(seed: 9);
        _ = run.Run(deaths: 3, TimeSpan.Zero, isReload: true);
        Assert.Equal(3, run.Deaths);
    }

    [FactNeeding(Need.NetworkNamespace | Need.Iperf3)]
    public void Linux_OverTapWhileTheDriverDies_LosesNothing()
    {
        using var host = new HostNetwork(NetworkSystem.TapPeer);
        using var run = new NetworkDeaths(seed: 8, host);
        run.Run(deaths: 20, TimeSpan.Zero);
        Assert.True(run.Deaths >= 20, $"{run.Deaths} deaths");
    }

    [FactNeeding(Need.Curl)]
    public void Curl_ThroughAPublishedPort_LoadsTheFile()
    {
        using var system = new NetworkSystem();
        (int status, string output) = Outside.Run(
            "bash", "-c", string.Create(CultureInfo.InvariantCulture, $"curl -sS -m 100 http://127.0.0.1:{system.PublishedWebPort}/numbers | sha256sum"));
        Assert.Equal(0, status);
        Assert.StartsWith(system.FileSum, output, StringComparison.Ordinal);
    }

    /// <summary>
    /// The file lies in ext4's cache, and the card has pages mapped that are not the stack's: as many as a peer that does not read leaves
    /// unacknowledged. It reads them after the file has gone and other files have come.
    /// </summary>
    [Fact]
    public void File_ToAPeerThatDoesNotRead_IsMappedByTheCardWhereItLiesUntilItIsRead()
    {
        using var system = new NetworkSystem();
        int before = GrantedPages(system);
        using Socket peer = system.Connect(NetworkSystem.WebPort);
        peer.Send("GET /numbers HTTP/1.0\r\n\r\n"u8);
        Assert.True(SpinWait.SpinUntil(() => GrantedPages(system) >= before + 64, TimeSpan.FromSeconds(30)), $"{GrantedPages(system)} pages, {before} before");
        Assert.Equal(0, system.System.Shell("rm /srv/numbers; cp /one /two; cp /one /three; sync").Status);

        using var body = new MemoryStream();
        byte[] buffer = new byte[65_536];
        for (int count = peer.Receive(buffer); count > 0; count = peer.Receive(buffer))
        {
            body.Write(buffer, 0, count);
        }

        int start = (int)(body.Length - system.FileBytes);
        Assert.Equal(system.FileSum, Convert.ToHexStringLower(SHA256.HashData(body.GetBuffer().AsSpan(start, (int)system.FileBytes))));
        Assert.True(SpinWait.SpinUntil(() => GrantedPages(system) <= before, TimeSpan.FromSeconds(30)), $"{GrantedPages(system)} pages, {before} before");
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

    private static int GrantedPages(NetworkSystem system) => system.System.System.Hardware.Windows.Sum(window => window.CountGranted());
}
