using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Tmpfs;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The programs of the network, over the loopback.</summary>
public sealed class NetworkProgramTests : IDisposable
{
    private const string Site = "mkdir -p /srv/sub; echo hello > /srv/a.txt; echo '<p>' > /srv/sub/index.html; httpd -p 80 /srv & "
        + "until nc -z 127.0.0.1 80; do sleep 0.01; done; ";

    private readonly PosixRig rig = new(
        detectsDeadlock: false, makeRoot: (context, _) => new TmpFileSystem(context, new Space(4 * 1024, 1_000)), hasNetwork: true);

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Ip_OfAFreshSystem_ShowsTheLoopback()
    {
        CommandResult result = rig.Shell("ip addr; ip route; ip neigh");

        const string Expected = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 2000 state UNKNOWN\n"
            + "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
            + "    inet 127.0.0.1/8 scope host lo\n"
            + "    inet6 ::1/128 scope host\n       valid_lft forever preferred_lft forever\n";
        Assert.Equal(new CommandResult(0, Expected, ""), result);
    }

    [Fact]
    public void Ip_ChangesOfAddressesAndRoutes_Show()
    {
        CommandResult result = rig.Shell(
            "ip addr add 10.1.0.2/16 dev lo; ip route add default via 10.1.0.1 metric 7; ip route; ip route get 10.1.0.2; ip route get 8.8.8.8; "
            + "ip route del default; ip addr del 10.1.0.2/16 dev lo; ip route; ip -n nowhere addr; ip link set lo mtu 9999");

        Assert.Equal(
            "10.1.0.0/16 dev lo src 10.1.0.2\ndefault via 10.1.0.1 dev lo metric 7\n10.1.0.2 dev lo src 10.1.0.2\n"
            + "8.8.8.8 via 10.1.0.1 dev lo src 10.1.0.2\n",
            result.Output.Replace("src 127.0.0.1", "src 10.1.0.2"));
        Assert.Equal("ip: nowhere: No such file or directory\nip: RTNETLINK answers: Invalid argument\n", result.Error);
    }

    [Fact]
    public void Ip_LinksOfVlans_AreForEthernetsOnly()
    {
        CommandResult result = rig.Shell(
            "ip link add link lo name lo.5 type vlan id 5; ip link add link eth9 name v type vlan id 5; ip link add link lo name v type bridge; "
            + "ip link del lo; ip link show lo | wc -l");

        Assert.Equal("2\n", result.Output);
        Assert.Contains("RTNETLINK answers: Invalid argument", result.Error, StringComparison.Ordinal);
        Assert.Contains("Cannot find device \"eth9\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("RTNETLINK answers: Operation not supported", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "3008 bytes from 127.0.0.1: icmp_seq=3 ttl=64")]
    [InlineData("localhost", "3008 bytes from ::1: icmp_seq=3 time=")]
    public void Ping_OfTheLoopback_LosesNothing(string host, string line)
    {
        CommandResult result = rig.Shell($"ping -c 3 -i 0.001 -s 3000 {host}");

        Assert.Contains(line, result.Output);
        Assert.Contains("3 packets transmitted, 3 received, 0% packet loss", result.Output);
        Assert.Equal(0, result.Status);
    }

    [Theory]
    [InlineData("fetch http://127.0.0.1/a.txt", "hello\n")]
    [InlineData("fetch http://[::1]/a.txt", "hello\n")]
    [InlineData("fetch -r 1-2 http://localhost/a.txt", "el")]
    [InlineData("fetch -r -3 http://localhost/a.txt", "lo\n")]
    [InlineData("fetch http://localhost/sub/", "<p>\n")]
    [InlineData("fetch -L http://localhost/sub", "<p>\n")]
    [InlineData("fetch http://localhost/%61.txt", "hello\n")]
    [InlineData("fetch http://localhost/none", "404 Not Found\n")]
    [InlineData("fetch http://localhost/../etc", "400 Bad Request\n")]
    [InlineData("fetch -r 99- http://localhost/a.txt", "416 Range Not Satisfiable\n")]
    [InlineData("fetch http://localhost/ | grep href", "<li><a href=\"a.txt\">a.txt</a></li>\n<li><a href=\"sub/\">sub/</a></li>\n")]
    public void Fetch_FromHttpd_GetsWhatIsThere(string command, string expected) =>
        Assert.Equal(new CommandResult(0, expected, ""), rig.Shell($"{Site} {command}; s=$?; kill $!; exit $s"));

    [Theory]
    [InlineData("GET / HTTP/1.1\\r\\n\\r\\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("GET /\\r\\n\\r\\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("GET / HTTP/3.0\\r\\n\\r\\n", "HTTP/1.1 505 HTTP Version Not Supported")]
    [InlineData("PUT / HTTP/1.0\\r\\n\\r\\n", "HTTP/1.1 405 Method Not Allowed")]
    [InlineData("GET / HTTP/1.0\\r\\nContent-Length: 4\\r\\n\\r\\n", "HTTP/1.1 413 Content Too Large")]
    [InlineData("POST / HTTP/1.0\\r\\nContent-Length: 4\\r\\n\\r\\nbody", "HTTP/1.1 405 Method Not Allowed")]
    [InlineData("BREW / HTTP/1.0\\r\\n\\r\\n", "HTTP/1.1 501 Not Implemented")]
    [InlineData("GET /sub?x HTTP/1.0\\r\\n\\r\\n", "HTTP/1.1 301 Moved Permanently")]
    [InlineData("HEAD /a.txt HTTP/1.0\\r\\nRange: bytes=1-2\\r\\n\\r\\n", "HTTP/1.1 200 OK")]
    [InlineData("GET /a.txt HTTP/1.0\\r\\nRange: bytes=1-2\\r\\nIf-Range: \"old\"\\r\\n\\r\\n", "HTTP/1.1 200 OK")]
    [InlineData("GET /a.txt HTTP/1.0\\r\\nIf-None-Match: *\\r\\n\\r\\n", "HTTP/1.1 304 Not Modified")]
    [InlineData("GET /a.txt HTTP/1.0\\r\\nIf-Match: \"old\"\\r\\n\\r\\n", "HTTP/1.1 412 Precondition Failed")]
    [InlineData("GET / HTTP/1.0\\r\\nX : y\\r\\n\\r\\n", "HTTP/1.1 400 Bad Request")]
    public void Httpd_GivenWhatItDoesNotTake_SaysSo(string request, string expected)
    {
        CommandResult result = rig.Shell($"{Site} printf '{request}' | nc 127.0.0.1 80; kill $!");

        Assert.Equal(expected, result.Output.Split("\r\n")[0]);
    }

    [Fact]
    public void Httpd_RequestsOnOneConnection_AnswersAllInOrder()
    {
        const string Request = "GET /a.txt HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nHEAD /a.txt HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
            + "GET /none HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n";
        CommandResult result = rig.Shell($"{Site} printf '{Request}' | nc 127.0.0.1 80; kill $!");

        Assert.Equal(
            ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"],
            result.Output.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.StartsWith("HTTP/", StringComparison.Ordinal))
                .Select(line => line));
        Assert.Equal(2, result.Output.Split("Content-Length: 6\r\n").Length - 1);
    }

    /// <summary>More requests in one segment than one turn answers, and a client that waits for all of them before it ends.</summary>
    [Fact]
    public void Httpd_ManyRequestsAtOnce_AnswersAllWithoutMoreOfThem()
    {
        rig.Loader.Extra["many"] = (context, system) =>
        {
            int socket = system.MakeSocket(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            _ = system.Connect(context, socket, new SocketAddress(IpAddress.FromV4(127, 0, 0, 1), 80));
            _ = system.Send(context, socket, PosixRig.Bytes(string.Concat(Enumerable.Repeat("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", 50))));
            string answers = "";
            byte[] buffer = new byte[4_096];
            while (answers.Split("hello\n").Length <= 50)
            {
                Reply<int, Errno> count = system.Receive(context, socket, buffer);
                if (count.Value == 0)
                {
                    return 1;
                }

                answers += PosixRig.Text(buffer[..count.Value]);
            }

            return 0;
        };

        Assert.Equal(0, rig.Shell($"{Site} many; s=$?; kill $!; exit $s").Status);
    }

    /// <summary>The rest of a long request is still on its way when it is refused.</summary>
    [Fact]
    public void Httpd_RefusingALongRequest_IsHeard()
    {
        CommandResult result = rig.Shell($"{Site} (printf 'GET /'; head -c 500000 /dev/zero) | nc 127.0.0.1 80 | head -n 1; kill $!");

        Assert.Equal("HTTP/1.1 431 Request Header Fields Too Large\r\n", result.Output);
    }

    [Fact]
    public void Httpd_FullOfRequestsThatNeverEnd_StillServes()
    {
        rig.Loader.Extra["slow"] = (context, system) =>
        {
            for (int count = 0; count < 150; count++)
            {
                int socket = system.MakeSocket(context, AddressFamily.InterNetwork, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
                _ = system.Connect(context, socket, new SocketAddress(IpAddress.FromV4(127, 0, 0, 1), 80));
                _ = system.Send(context, socket, "G"u8);
            }

            _ = system.Write(context, 1, "full\n"u8);
            _ = system.Sleep(context, 60_000_000);
            return 0;
        };
        CommandResult result = rig.Shell($"{Site} server=$!; slow > /said & until grep -q full /said; do sleep 0.01; done; "
            + "fetch http://127.0.0.1/a.txt; kill $! $server");

        Assert.Equal("hello\n", result.Output);
    }

    [Fact]
    public void Nc_ListeningAndConnecting_CarriesBothWays()
    {
        CommandResult result = rig.Shell(
            "echo from the server > /answer; nc -l 9000 < /answer > /got & "
            + "until echo from the client | nc 127.0.0.1 9000 2> /dev/null; do sleep 0.01; done; wait; cat /got");

        Assert.Equal(new CommandResult(0, "from the server\nfrom the client\n", ""), result);
    }

    [Fact]
    public void Echod_SendsBackWhatItGets()
    {
        CommandResult result = rig.Shell(
            "echod -p 7 & until nc -z 127.0.0.1 7; do sleep 0.01; done; seq 1 20000 > /in; nc 127.0.0.1 7 < /in > /out; cmp /in /out && echo same; kill $!");

        Assert.Equal("same\n", result.Output);
    }

    [Fact]
    public void Host_AsksServersAndFollowsAliases()
    {
        rig.Loader.Extra["named"] = NameServer.Run;
        CommandResult result = rig.Shell(
            "mkdir /etc; echo '127.0.0.9 here # comment' > /etc/hosts; echo 'nameserver 127.0.0.1' > /etc/resolv.conf; named & "
            + "host -t A here; until host -t A www.example; do sleep 0.01; done > /first; tail -n 1 /first; host none.example; host -t A many.example; kill $!");

        Assert.Equal(
            "here has address 127.0.0.9\nwww.example has address 192.0.2.1\nHost none.example not found: 3(NXDOMAIN)\n"
            + "many.example has address 192.0.2.2\n",
            result.Output);
    }
}
