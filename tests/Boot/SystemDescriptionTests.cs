using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using Xunit;

namespace RedLeafSharp.Tests.Boot;

public sealed class SystemDescriptionTests
{
    private const string Minimal = """
        devices:
          - {name: disk0, model: nvme}
        domains:
          - {name: Nvme, device: disk0}
          - name: BlockShadow
            shadows: Nvme
            restart: {restartsMax: 7, windowSeconds: 3, standby: 2}
            settings: {timeoutMicros: 5000}
        programs: [Programs]
        """;

    [Fact]
    public void Parse_CompleteFile_HasEveryField()
    {
        SystemDescription description = SystemDescription.Parse("s.yaml", Minimal);

        Assert.Equal(["Nvme", "BlockShadow"], description.Domains.Select(domain => domain.Name));
        Assert.Equal("Nvme", description.Domains[1].Shadows);
        Assert.Equal(7, description.Domains[1].Restart.RestartsMax);
        Assert.Equal(2, description.Domains[1].Restart.StandbyCount);
        Assert.Equal("5000", description.Domains[1].Settings["timeoutMicros"]);
        Assert.Equal(["Programs"], description.ProgramFolders);
    }

    [Fact]
    public void Parse_NetworkController_HasItsLink()
    {
        SystemDescription description = SystemDescription.Parse("s.yaml", """
            devices:
              - {name: d, model: nvme}
              - {name: n, model: e1000e, link: user, publish: ["8080:80", "0.0.0.0:2:3"], reach: [all], pcap: x.pcap, address: "02:00:00:00:00:09"}
            """);
        LinkDescription link = description.Devices[1].Link!;
        Assert.Equal(["127.0.0.1 8080 80", "0.0.0.0 2 3"], link.Published.Select(one => $"{one.HostAddress} {one.HostPort} {one.GuestPort}"));
        Assert.Null(link.Reachable);
        Assert.Equal("x.pcap", link.CapturePath);
        Assert.Equal(0x020000000009ul, description.Devices[1].Station);
    }

    [Fact]
    public void WithNetwork_PutsDriverAndShadowBeforeTheStack()
    {
        var network = new NetworkDescription { Link = LinkDescription.TryParse("user")! };
        SystemDescription description = SystemDescription.Default.WithNetwork(network);
        List<string> names = [.. description.Domains.Select(domain => domain.Name)];
        int driver = names.IndexOf("E1000e");
        Assert.Equal(["E1000e", "NetShadow", "TcpStack"], names[driver..(driver + 3)]);
        Assert.True(names.IndexOf("Personality") > driver);
        DomainDescription stack = description.Domains[driver + 2];
        Assert.Equal("eth0=10.0.2.15/24", stack.Settings["addresses"]);
        Assert.Equal("default=10.0.2.2", stack.Settings["routes"]);
        Assert.Throws<BootException>(() => description.WithNetwork(network));
    }

    [Fact]
    public void Default_IsParsed_HasTheWholeStack() =>
        Assert.Equal(
            ["Nvme", "BlockShadow", "Ext4", "Tmpfs", "TcpStack", "Personality"], SystemDescription.Default.Domains.Select(domain => domain.Name));

    [Theory]
    [InlineData("", null)]
    [InlineData(", callDeadlineMilliseconds: 750", 750_000L)]
    [InlineData(", callDeadlineMilliseconds: none", CallDeadline.None)]
    public void Parse_CallDeadline_IsTaken(string field, long? expectedMicros) => Assert.Equal(
        expectedMicros, Assert.Single(SystemDescription.Parse("s.yaml", $"domains:\n  - {{name: A{field}}}").Domains).CallDeadlineMicros);

    [Theory]
    [InlineData("domains: [", "s.yaml:")]
    [InlineData("- a", "expected one mapping")]
    [InlineData("", "expected one mapping")]
    [InlineData("colour: red", "s.yaml:1:1: unknown field 'colour'")]
    [InlineData("executors: many", "s.yaml:1:12: the field 'executors' must be a whole number from 1 to 64")]
    [InlineData("executors: 0", "must be a whole number from 1 to 64")]
    [InlineData("domains: {a: b}", "the field 'domains' must be a list of mappings")]
    [InlineData("domains:\n  - {folder: X}", "s.yaml:2:5: the field 'name' is missing")]
    [InlineData("domains:\n  - {name: A, shadows: B}", "names 'B', which is not a domain listed before it")]
    [InlineData("domains:\n  - {name: A, device: d}", "names the device 'd', which is not listed")]
    [InlineData("domains:\n  - {name: A}\n  - {name: A}", "two domains are named 'A'")]
    [InlineData("domains:\n  - {name: A, use: {IFoo: A}}", "'IFoo', which is no contract; known: ")]
    [InlineData("devices:\n  - {name: d, model: ide}", "the model 'ide' is unknown; known: nvme")]
    [InlineData("devices:\n  - {name: d, model: nvme, blockBytes: 1024}", "'blockBytes' must be 512 or 4096")]
    [InlineData("devices:\n  - {name: n, model: e1000e, link: wifi}", "'wifi' is no link; write none, user, tap:INTERFACE")]
    [InlineData("devices:\n  - {name: n, model: e1000e, link: 'tap:'}", "'tap:' is no link")]
    [InlineData("devices:\n  - {name: n, model: e1000e, publish: ['8080:80']}", "'publish' and 'reach' need 'link: user'")]
    [InlineData("devices:\n  - {name: n, model: e1000e, link: user, publish: ['80']}", "'80' publishes no port")]
    [InlineData("devices:\n  - {name: n, model: e1000e, link: user, reach: ['0']}", "'reach' lists ports")]
    [InlineData("devices:\n  - {name: n, model: e1000e, address: '01:00:00:00:00:01'}", "is no address of a station")]
    [InlineData("devices:\n  - {name: n, model: e1000e, blockBytes: 512}", "unknown field 'blockBytes'")]
    [InlineData("devices:\n  - {name: d, model: nvme, link: user}", "unknown field 'link'")]
    [InlineData("domains:\n  - {name: A, callDeadlineMilliseconds: 10}", "'callDeadlineMilliseconds' must be a whole number from 500 to 86400000")]
    [InlineData("domains:\n  - {name: A, callDeadlineMilliseconds: never}", "'callDeadlineMilliseconds' must be a whole number from 500")]
    [InlineData("programs: {a: b}", "the field 'programs' must be a list of texts")]
    [InlineData("domains:\n  - {name: A, restart: {standby: 99}}", "'standby' must be a whole number from 0 to 16")]
    public void Parse_WrongFile_SaysWhereAndWhat(string yaml, string expected)
    {
        BootException exception = Assert.Throws<BootException>(() => SystemDescription.Parse("s.yaml", yaml));

        Assert.StartsWith("s.yaml", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Parse_MutatedFiles_GiveAnAnswerOrOneLine()
    {
        var random = new Random(1);
        for (int round = 0; round < 20_000; round++)
        {
            char[] text = Minimal.ToCharArray();
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                text[random.Next(text.Length)] = (char)random.Next(1, 128);
            }

            try
            {
                SystemDescription.Parse("s.yaml", new string(text));
            }
            catch (BootException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
    }
}
