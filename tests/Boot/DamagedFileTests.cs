using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using Xunit;

namespace RedLeafSharp.Tests.Boot;

/// <summary>System file and manifest, damaged in seeded ways: each is read, or refused in one line.</summary>
public sealed class DamagedFileTests
{
    private const string SystemFile = """
        executors: 2
        trust: [key.pub.pem]
        devices:
          - {name: disk0, model: nvme, blockBytes: 4096}
        domains:
          - {name: Nvme, device: disk0, restart: {standby: 4}, settings: {depth: "8"}}
          - {name: BlockShadow, shadows: Nvme}
        programs: [Programs]
        """;

    private const string Manifest = """
        name: Nvme
        entry: RedLeafSharp.Drivers.Nvme.NvmeDomain
        provides: [IBlockDevice]
        requires: []
        device: pci
        limits: {exchangeMebibytes: 16}
        """;

    private const string Characters = "{}[]:,-&*!|>'\"%@`#?\n \t\0a1\u2028\ud800";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void SystemFile_Damaged_IsReadOrRefusedInOneLine(int seed) =>
        ParseDamaged(seed, SystemFile, text => SystemDescription.Parse("system.yaml", text));

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Manifest_Damaged_IsReadOrRefusedInOneLine(int seed) =>
        ParseDamaged(seed, Manifest, text => DomainManifest.Parse("domain.yaml", text));

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void SystemFile_NestedDeeply_IsRefused(string opening) => Assert.Throws<BootException>(
        () => SystemDescription.Parse("system.yaml", string.Concat(Enumerable.Repeat(opening, 50_000))));

    [Theory]
    [InlineData("domains: &a [*a]")]
    [InlineData("a: &a {b: 1}\ndomains: [*a, *a]")]
    [InlineData("trust: 7x\npolicy: unsigned")]
    [InlineData("policy: [signed]")]
    public void SystemFile_AnchorsOrUnknownPolicy_AreRefused(string text) =>
        Assert.Throws<BootException>(() => SystemDescription.Parse("system.yaml", text));

    private static void ParseDamaged(int seed, string text, Action<string> parse)
    {
        var random = new Random(seed);
        for (int round = 0; round < 1_000; round++)
        {
            char[] damaged = text.ToCharArray();
            for (int edit = random.Next(1, 6); edit > 0; edit--)
            {
                damaged[random.Next(damaged.Length)] = Characters[random.Next(Characters.Length)];
            }

            try
            {
                parse(new string(damaged, 0, random.Next(2) == 0 ? damaged.Length : random.Next(damaged.Length)));
            }
            catch (BootException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
    }
}
