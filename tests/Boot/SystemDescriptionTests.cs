using RedLeafSharp.Kernel;
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
    public void Default_IsParsed_HasTheWholeStack() =>
        Assert.Equal(
            ["Nvme", "BlockShadow", "Ext4", "Tmpfs", "Personality"], SystemDescription.Default.Domains.Select(domain => domain.Name));

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
