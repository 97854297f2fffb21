using System.Security.Cryptography;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Packages;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Packages;

/// <summary>Signed domain folders: what is signed loads, what has been altered in any way does not.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Manifest = "name: T\nentry: D\n";

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-package-").FullName;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public PackageTests()
    {
        DomainCompiler.WriteFolder(Package, Manifest, "public sealed class D { }");
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportECPrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "key.pub.pem"), key.ExportSubjectPublicKeyInfoPem());
    }

    private string Package => Path.Combine(folder, "Package");

    private string SignatureFile => Path.Combine(Package, "domain.sig");

    public void Dispose()
    {
        key.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Read_SignedPackage_IsRead()
    {
        Sign();

        Assert.Equal("T", Read().Manifest.Name);
    }

    [Fact]
    public void Read_UnsignedPackage_IsRefusedUnderThePolicyOnly()
    {
        Assert.Contains("RL0408 the package is not signed", Refusal(), StringComparison.Ordinal);
        Assert.Equal("T", DomainImage.Read(Package).Manifest.Name);
    }

    [Theory]
    [InlineData("Domain.dll")]
    [InlineData("Domain.pdb")]
    [InlineData("domain.yaml")]
    public void Read_AlteredFile_IsRefusedByName(string file)
    {
        Sign();
        File.AppendAllText(Path.Combine(Package, file), "\n");

        Assert.Contains($"{file}: RL0408 the file has been altered", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileThatWasNotSigned_IsRefusedByName()
    {
        string symbols = Path.Combine(Package, "Domain.pdb");
        byte[] content = File.ReadAllBytes(symbols);
        File.Delete(symbols);
        Sign();
        File.WriteAllBytes(symbols, content);

        Assert.Contains("Domain.pdb: RL0408 the file is not among the signed files", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ListAlteredWithTheFile_IsRefused()
    {
        Sign();
        string dll = Path.Combine(Package, "Domain.dll");
        string before = PackageSignature.HashOf(File.ReadAllBytes(dll));
        File.AppendAllText(dll, "\n");
        string after = PackageSignature.HashOf(File.ReadAllBytes(dll));
        File.WriteAllText(SignatureFile, File.ReadAllText(SignatureFile).Replace(before, after, StringComparison.Ordinal));

        Assert.Contains("RL0408 the signature is wrong", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SignedWithAnotherKey_IsRefused()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(SignatureFile, PackageSignature.Sign(DomainImage.Read(Package).Files, other));

        Assert.Contains("which the system does not trust", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnySignatureFileWithOneByteChanged_IsRefused()
    {
        Sign();
        string text = File.ReadAllText(SignatureFile);
        using TrustedKeys keys = Keys();
        IReadOnlyDictionary<string, byte[]> files = DomainImage.Read(Package).Files;
        for (int index = 0; index < text.Length; index++)
        {
            char changed = text[index] == 'a' ? 'b' : 'a';
            string altered = text[..index] + changed + text[(index + 1)..];
            Assert.Throws<BootException>(() => keys.Check(Package, altered, files));
        }
    }

    [Fact]
    public void Parse_Noise_IsRefused()
    {
        var random = new Random(5);
        string[] parts = ["redleaf-package: 1\n", "key: ", "files:\n", "  ", "signature: ", "AAAA", "\n", new string('a', 64), ": ", "\0", "/"];
        for (int round = 0; round < 2_000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
            using TrustedKeys keys = Keys();
            Assert.Throws<BootException>(() => keys.Check(Package, text, new Dictionary<string, byte[]> { ["a"] = [] }));
        }
    }

    [Theory]
    [InlineData("no key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    public void ReadKey_NoKey_IsRefusedWithOneLine(string pem)
    {
        string path = Path.Combine(folder, "bad.pem");
        File.WriteAllText(path, pem);

        BootException exception = Assert.Throws<BootException>(() => TrustedKeys.ReadKey(path));
        Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [FactNeeding(Need.OpenSsl)]
    public void Pack_KeyOfOpenSsl_IsTrusted()
    {
        string secret = Path.Combine(folder, "openssl.pem");
        string open = Path.Combine(folder, "openssl.pub.pem");
        Assert.Equal(0, Outside.Run("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", secret).ExitStatus);
        Assert.Equal(0, Outside.Run("openssl", "ec", "-in", secret, "-pubout", "-out", open).ExitStatus);

        Assert.Equal(0, RedLeafCommand.Invoke(["pack", Package, "-k", secret], TextWriter.Null, TextWriter.Null));
        using TrustedKeys keys = TrustedKeys.Read([open], isRequired: true);
        Assert.Equal("T", DomainImage.Read(Package, keys).Manifest.Name);
    }

    private void Sign() =>
        Assert.Equal(0, RedLeafCommand.Invoke(["pack", Package, "-k", Path.Combine(folder, "key.pem")], TextWriter.Null, TextWriter.Null));

    private TrustedKeys Keys() => TrustedKeys.Read([Path.Combine(folder, "key.pub.pem")], isRequired: true);

    private DomainImage Read()
    {
        using TrustedKeys keys = Keys();
        return DomainImage.Read(Package, keys);
    }

    private string Refusal() => Assert.Throws<BootException>(Read).Message;
}
