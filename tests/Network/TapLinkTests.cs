using System.Diagnostics;
using System.Globalization;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>Linux's own stack at the other end of the wire.</summary>
public sealed class TapLinkTests
{
    private const string Ours = "10.99.0.2";
    private static readonly IpAddress OurAddress = IpAddress.FromV4(10, 99, 0, 2);

    [FactNeeding(Need.NetworkNamespace)]
    public void FloodOfPings_LosesNone()
    {
        using var host = new HostNetwork("10.99.0.1/24");
        using var stack = new WiredStack(_ => host.Open(), OurAddress, 24);
        Task<(int ExitStatus, string Output)> ping = host.Start("ping", "-q", "-f", "-c", "5000", "-s", "1400", Ours);
        stack.Until(() => ping.IsCompleted, "ping");
        Assert.Contains(" 0% packet loss", ping.Result.Output, StringComparison.Ordinal);
        Assert.Equal(0, ping.Result.ExitStatus);
    }

    [FactNeeding(Need.NetworkNamespace)]
    public void Stream_EchoedToLinux_ComesBackWithEveryByte()
    {
        using var host = new HostNetwork("10.99.0.1/24");
        using var stack = new WiredStack(_ => host.Open(), OurAddress, 24);
        Assert.Equal(Sum(4_000_000), Echo(host, stack, 4_000_000));
        Assert.Empty(stack.Errors);
    }

    [TheoryNeeding(Need.NetworkNamespace)]
    [InlineData(false)]
    [InlineData(true)]
    public void Stream_WhoseDriverDiesAtItsRings_ComesBackWithEveryByte(bool isAfter)
    {
        using var host = new HostNetwork("10.99.0.1/24");
        var faults = new CrashAtRing { IsAfter = isAfter };
        using var stack = new WiredStack(_ => host.Open(), OurAddress, 24, faults: faults);
        faults.Every = 31;
        Assert.Equal(Sum(1_000_000), Echo(host, stack, 1_000_000));
        Assert.True(stack.Recoveries >= 3, $"{stack.Recoveries} recoveries");
        Assert.Empty(stack.Errors);
    }

    /// <summary>A VLAN's link, with Linux behind an access port of that VLAN; cuts, checksums and tags are the device's.</summary>
    [FactNeeding(Need.NetworkNamespace)]
    public void StreamAndPings_OverAVlan_LoseNothing()
    {
        using var host = new HostNetwork("10.99.0.1/24");
        AccessPort? port = null;
        using var stack = new WiredStack(_ => port = new AccessPort(host.Open(), 5), IpAddress.FromV4(192, 0, 2, 1), 24);
        Assert.Equal(SocketError.None, stack.Stack.AddVlan(stack.Stack.Interface(1), "eth0.5", 5, out VlanInterface? vlan));
        vlan!.IsTakenUp = true;
        Assert.True(stack.Stack.TryAddAddress(vlan, OurAddress, 24, isTentative: false));
        Task<(int ExitStatus, string Output)> ping = host.Start("ping", "-q", "-f", "-c", "500", "-s", "1472", "-M", "do", Ours);
        stack.Until(() => ping.IsCompleted, "ping");
        Assert.Contains(" 0% packet loss", ping.Result.Output, StringComparison.Ordinal);
        Assert.Equal(Sum(2_000_000), Echo(host, stack, 2_000_000));
        Assert.Empty(stack.Errors);
        Assert.True(vlan.CutBytesMax > 0, "nothing is left to the device");
        Assert.InRange(port!.ForeignCount, 1, 50); // the link below tells of its own address
    }

    /// <summary>Of data Linux makes the checksums itself, when it hands the segments to another machine.</summary>
    [FactNeeding(Need.NetworkNamespace)]
    public void Checksums_OfSegmentsWithoutData_AreRight()
    {
        using var host = new HostNetwork("10.99.0.1/24");
        using var stack = new WiredStack(_ => host.Open(), OurAddress, 24);
        using Process dump = host.Launch("tcpdump", "-i", host.Interface, "-n", "-vv", "-Q", "in", "--immediate-mode", "-l", "tcp and ip[2:2] <= 60");
        var lines = new List<string>();
        dump.OutputDataReceived += (_, line) =>
        {
            lock (lines)
            {
                lines.Add(line.Data ?? string.Empty);
            }
        };
        dump.BeginOutputReadLine();
        Task<string?> listening = Task.Run(dump.StandardError.ReadLine);
        stack.Until(() => listening.IsCompleted, "tcpdump");
        _ = Echo(host, stack, 200_000);
        stack.Until(() => Count(lines, "(correct)") > 4, "lines of tcpdump");
        dump.Kill();
        Assert.Equal(0, Count(lines, "incorrect"));
        Assert.Equal(0, Count(lines, "bad cksum"));
    }

    [FactNeeding(Need.NetworkNamespace)]
    public void Interface_InUse_IsSaid()
    {
        using TapLink first = TapLink.Open("rltest0");
        Assert.Contains("another program", Assert.Throws<IOException>(() => TapLink.Open("rltest0")).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => TapLink.Open("a name that is much too long"));
    }

    private static int Count(List<string> lines, string part)
    {
        lock (lines)
        {
            return lines.Count(line => line.Contains(part, StringComparison.Ordinal));
        }
    }

    /// <summary>What seq writes, cut off.</summary>
    private static string Sum(int lengthBytes) =>
        Outside.Run("bash", "-c", $"seq 10000000 | head -c {lengthBytes.ToString(CultureInfo.InvariantCulture)} | sha256sum").Output;

    private static string Echo(HostNetwork host, WiredStack stack, int lengthBytes)
    {
        string script = string.Create(CultureInfo.InvariantCulture, $"""
            exec 3<>/dev/tcp/{Ours}/{WiredStack.EchoPort}
            seq 10000000 | head -c {lengthBytes} >&3 &
            head -c {lengthBytes} <&3 | sha256sum
            """);
        Task<(int ExitStatus, string Output)> run = host.Start("bash", "-c", script);
        stack.Until(() => run.IsCompleted, "the echo");
        return run.Result.Output;
    }
}
