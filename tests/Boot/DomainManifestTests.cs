using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using Xunit;

namespace RedLeafSharp.Tests.Boot;

public sealed class DomainManifestTests
{
    [Fact]
    public void Parse_Driver_HasEveryField()
    {
        DomainManifest manifest = DomainManifest.Parse(
            "domain.yaml", "name: N\nentry: A.B\nassembly: n.dll\nprovides: [IBlockDevice]\nrequires: [IFileSystem]\ndevice: pci\n");

        Assert.Equal("N", manifest.Name);
        Assert.Equal("A.B", manifest.Entry);
        Assert.Equal("n.dll", manifest.Assembly);
        Assert.Equal(["IBlockDevice"], manifest.Provides);
        Assert.Equal(["IFileSystem"], manifest.Requires);
        Assert.True(manifest.NeedsDevice);
    }

    [Fact]
    public void Parse_Limits_ReplaceTheDefaultsOfDomainsAndOfPrograms()
    {
        const string Limits = "limits: {callMilliseconds: 5, cpuPercent: 20, cpuBurstMilliseconds: 7, allocatedMebibytesPerSecond: 3, exchangeBlocks: 9}";
        DomainLimits domain = DomainManifest.Parse("domain.yaml", $"name: N\nentry: A\n{Limits}\n").Limits;
        DomainLimits program = DomainManifest.Parse("domain.yaml", "name: N\nprograms: {sh: S}\nlimits: {exchangeMebibytes: 2}\n").Limits;

        Assert.Equal((5_000, 20, 7_000), (domain.CallMicros, domain.ProcessorPercent, domain.ProcessorBurstMicros));
        Assert.Equal((3L << 20, 3L << 20), (domain.AllocatedBytesPerSecond, domain.AllocatedBurstBytes));
        Assert.Equal((DomainLimits.None, 9), (domain.ExchangeBytes, domain.ExchangeBlocks));
        Assert.Equal((DomainLimits.None, 2L << 20, 16_384), (program.CallMicros, program.ExchangeBytes, program.ExchangeBlocks));
        Assert.Equal(10_000_000, DomainManifest.Parse("domain.yaml", "name: N\nentry: A\n").Limits.CallMicros);
    }

    [Theory]
    [InlineData("entry: A", "the field 'name' is missing")]
    [InlineData("name: N", "either an 'entry' or 'programs'")]
    [InlineData("name: N\nentry: A\nprograms: {sh: S}", "either an 'entry' or 'programs'")]
    [InlineData("name: N\nentry: A\ndevice: usb", "the field 'device' can only be 'pci'")]
    [InlineData("name: N\nentry: A\nprovides: [INothing]", "'INothing' is no contract; known: ")]
    [InlineData("name: N\nentry: A\nprovides: [IDomain]", "'IDomain' is called by the kernel only")]
    [InlineData("name: N\nentry: A\nrequires: [IProgram]", "'IProgram' is called by the kernel only")]
    [InlineData("name: N\nentry: A\nlimit: 3", "domain.yaml:3:1: unknown field 'limit'")]
    [InlineData("name: N\nentry: A\nlimits: 3", "domain.yaml:3:9: the field 'limits' must be a mapping")]
    [InlineData("name: N\nentry: A\nlimits: {threads: 1}", "unknown field 'threads'; known here: allocatedBurstMebibytes")]
    [InlineData("name: N\nentry: A\nlimits: {cpuPercent: 101}", "'cpuPercent' must be a whole number from 1 to 100")]
    [InlineData("name: N\nentry: A\nlimits: {exchangeMebibytes: 0}", "'exchangeMebibytes' must be a whole number from 1 to 65536")]
    [InlineData("name: [N]\nentry: A", "domain.yaml:1:7: the field 'name' must be a text")]
    public void Parse_WrongManifest_SaysWhereAndWhat(string yaml, string expected)
    {
        BootException exception = Assert.Throws<BootException>(() => DomainManifest.Parse("domain.yaml", yaml));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FolderWithoutManifest_NamesTheFile()
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-manifest-").FullName;
        try
        {
            BootException exception = Assert.Throws<BootException>(() => DomainManifest.Read(folder));

            Assert.Contains(Path.Combine(folder, "domain.yaml"), exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
