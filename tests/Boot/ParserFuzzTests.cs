using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Packages;
using RedLeafSharp.Tests.Hostile;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Boot;

/// <summary>A sample of the fuzzer's files, and what it has found.</summary>
public sealed class ParserFuzzTests : IDisposable
{
    private const int FileCount = 4_000;
    private const int Seed = 7;

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-parser-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Parsers_DamagedFiles_AreReadOrRefusedInOneLine()
    {
        var (status, output, error) = ChildProcess.Run("parsers", $"{FileCount}", $"{Seed}");

        Assert.True(status == 0, string.Join('\n', output.Concat(error)));
    }

    [Fact]
    public void Seeds_AsTheyAre_AreRead()
    {
        Assert.All(FuzzSeeds.SystemFiles, text => SystemDescription.Parse("system.yaml", text));
        Assert.All(FuzzSeeds.Manifests(Systems.TestSystem.DomainsFolder), text => DomainManifest.Parse("domain.yaml", text));
    }

    [Theory]
    [InlineData("\"a\\nb\": 1")]
    [InlineData("\"a\\e[2Jb\": 1")]
    [InlineData("\"a\\u2028b\": 1")]
    [InlineData("name: \"a\\nb\"\nentry: D\nprovides: [\"x\\ny\"]")]
    public void Message_OfHostileText_HasNoControlCharacters(string yaml)
    {
        BootException exception = Assert.Throws<BootException>(() => DomainManifest.Parse("domain.yaml", yaml));

        Assert.DoesNotContain(exception.Message, letter => char.IsControl(letter) || letter is '\u2028' or '\u2029');
    }

    [Fact]
    public void Message_OfALongName_IsShort()
    {
        BootException exception = Assert.Throws<BootException>(() => DomainManifest.Parse("domain.yaml", new string('x', 100_000) + ": 1"));

        Assert.InRange(exception.Message.Length, 1, 1_000);
    }

    /// <summary>A device that never ends.</summary>
    [Fact]
    public void Signature_ThatIsADevice_IsRefused()
    {
        DomainCompiler.WriteFolder(folder, "name: T\nentry: D\n", "public sealed class D { }");
        File.CreateSymbolicLink(Path.Combine(folder, PackageSpec.FileName), "/dev/zero");

        BootException exception = Assert.Throws<BootException>(() => DomainImage.Read(folder));

        Assert.Contains("domain.sig is no regular file", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>One bit of the curve's identifier is wrong.</summary>
    [Fact]
    public void Key_OnACurveThatIsNone_IsRefused()
    {
        const string Pem = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzr0DAQcDQgAEDpRTm433iC3/2wgCJVbVkAK6Uo0a
            x1e89bSNrmb2nGlm9srrQnAhrFRdXurnmkTj0zl5w0edAmaenPtReKij6w==
            -----END PUBLIC KEY-----
            """;
        string path = Path.Combine(folder, "key.pem");
        File.WriteAllText(path, Pem);

        Assert.Throws<BootException>(() => TrustedKeys.ReadKey(path));
    }

    [Fact]
    public void Key_ThatIsADevice_IsRefused()
    {
        string path = Path.Combine(folder, "key.pem");
        File.CreateSymbolicLink(path, "/dev/zero");

        BootException exception = Assert.Throws<BootException>(() => TrustedKeys.ReadKey(path));

        Assert.Contains("key.pem is no regular file", exception.Message, StringComparison.Ordinal);
    }
}
