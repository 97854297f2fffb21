using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Tmpfs;
using RedLeafSharp.Posix.Programs.Network.Tcpdump;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>tcpdump over the loopback, with tcpdump of Linux for a judge.</summary>
public sealed class TcpdumpTests
{
    private const string Listening = "until grep -q listening /said; do sleep 0.01; done; ";

    [FactNeeding(Need.Tcpdump)]
    public void File_OfPacketsOfAllKinds_ReadsTheSameAsToLinux()
    {
        using PosixRig rig = NewRig();
        CommandResult result = rig.Shell(
            "echod -p 7 & server=$!; until nc -z 127.0.0.1 7; do sleep 0.01; done; tcpdump -i lo -c 14 -w /cap 2> /said & dump=$!; " + Listening
            + "ping -q -c 2 -i 0.01 127.0.0.1 > /dev/null; echo x | nc -u 127.0.0.1 9; seq 2000 > /in; nc 127.0.0.1 7 < /in > /out; wait $dump; kill $server; "
            + "tcpdump -n -r /cap; tcpdump -n -S -t -r /cap");
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, ReadFile(rig, "/cap"));
            (int status, string output) = Outside.Run("env", "TZ=UTC", "bash", "-c", $"tcpdump -n -r {path} 2>/dev/null; tcpdump -n -S -t -r {path} 2>/dev/null");
            Assert.Equal(0, status);
            Assert.Equal(28, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.Equal(output, result.Output);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Filter_LetsThroughWhatItNames()
    {
        using PosixRig rig = NewRig();
        CommandResult result = rig.Shell(
            "tcpdump -t -i lo -c 2 'udp and dst port 9' > /shown 2> /said & dump=$!; " + Listening
            + "ping -q -c 1 127.0.0.1 > /dev/null; echo one | nc -u 127.0.0.1 8; echo two | nc -u 127.0.0.1 9; echo three | nc -u 127.0.0.1 9; wait $dump; "
            + "cat /shown");

        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^IP 127\.0\.0\.1\.\d+ > 127\.0\.0\.1\.9: UDP, length 4$", lines[0]);
        Assert.EndsWith("length 6", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp", true)]
    [InlineData("udp", false)]
    [InlineData("not udp", true)]
    [InlineData("ip6 or arp", false)]
    [InlineData("tcp port 80", true)]
    [InlineData("src port 80", false)]
    [InlineData("dst port 80 and src host 10.0.0.1", true)]
    [InlineData("host 10.0.0.2", true)]
    [InlineData("src 10.0.0.2", false)]
    [InlineData("dst net 10.0.0.0/8", true)]
    [InlineData("net 11.0.0.0/8", false)]
    [InlineData("udp or (tcp and not port 81)", true)]
    [InlineData("!(tcp)", false)]
    [InlineData("tcp or udp and port 53", false)]
    [InlineData("udp and port 53 or tcp", true)]
    public void Filter_OfAPacket_Decides(string expression, bool expected)
    {
        byte[] frame = new byte[54];
        (frame[12], frame[14], frame[17], frame[23]) = (8, 0x45, 40, 6);
        new byte[] { 10, 0, 0, 1, 10, 0, 0, 2, 156, 64, 0, 80 }.CopyTo(frame, 26);
        frame[46] = 0x50;
        Func<PacketView, bool>? filter = PacketFilter.Parse([.. expression.Split(' ')], out string? error);
        Assert.Null(error);
        Assert.Equal(expected, filter!(new PacketView(frame, frame.Length)));
    }

    [Theory]
    [InlineData("port")]
    [InlineData("port x")]
    [InlineData("tcp and")]
    [InlineData("(tcp")]
    [InlineData("tcp)")]
    [InlineData("host 1.2.3")]
    [InlineData("frame")]
    public void Filter_ThatIsNone_IsRefused(string expression)
    {
        Assert.Null(PacketFilter.Parse([.. expression.Split(' ')], out string? error));
        Assert.NotNull(error);
    }

    [Fact]
    public void Frames_OfRandomBytes_AreDescribedWithoutHarm()
    {
        var random = new Random(5);
        var printer = new PacketText(isAbsolute: false);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] frame = new byte[random.Next(120)];
            random.NextBytes(frame);
            if (frame.Length > 23)
            {
                (frame[12], frame[13], frame[14], frame[23]) = (8, (byte)(random.Next(4) * 2), 0x45, (byte)random.Next(18));
            }

            Assert.NotEmpty(printer.Describe(new PacketView(frame, frame.Length)));
        }
    }

    private static PosixRig NewRig() => new(
        detectsDeadlock: false, makeRoot: (context, _) => new TmpFileSystem(context, new Space(4 * 1024, 1_000)), hasNetwork: true);

    private static byte[] ReadFile(PosixRig rig, string path)
    {
        byte[] buffer = new byte[1 << 20];
        int length = 0;
        rig.Run(context =>
        {
            int file = rig.System.Open(context, PosixRig.Bytes(path), OpenFlags.ReadOnly, 0).Value;
            int read;
            do
            {
                read = rig.System.Read(context, file, buffer.AsSpan(length)).Value;
                length += read;
            }
            while (read > 0);
        });
        return buffer[..length];
    }
}
