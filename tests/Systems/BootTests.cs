using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

public sealed class BootTests : IDisposable
{
    private const string Methods = """
        public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) => START;
        public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-boot-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Boot_MemoryDisk_RunsCommandsAndShutsDownClean()
    {
        using var system = new TestSystem();

        Assert.Equal((0, "hello\n"), system.Shell("mkdir /a && echo hello > /a/b && cat /a/b"));
        Assert.Equal(7, system.Shell("exit 7").Status);
        system.System.Shutdown();
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Boot_NewImageOnTheHost_IsCleanForE2fsckAndHasTheFiles()
    {
        string image = Path.Combine(folder, "disk.img");
        using (FileStream file = File.Create(image))
        {
            file.SetLength(32 << 20);
        }

        using (var system = new TestSystem(disk: image, format: true))
        {
            Assert.Equal((0, ""), system.Shell("mkdir /d && seq 5000 > /d/numbers && ln -s numbers /d/link && sync"));
            system.System.Shutdown();
        }

        (int status, string output) = Outside.Run("e2fsck", "-fn", image);
        Assert.True(status == 0, output);
        Assert.StartsWith(
            string.Concat(Enumerable.Range(1, 5000).Select(number => $"{number}\n")),
            Outside.Run("debugfs", "-R", "cat /d/numbers", image).Output,
            StringComparison.Ordinal);

        using (var system = new TestSystem(disk: image))
        {
            Assert.Equal((0, "5000\n"), system.Shell("tail -n 1 /d/link"));
            system.System.Shutdown();
        }
    }

    [Theory]
    [InlineData("throw new InvalidOperationException()", "Test cannot start: its Start faulted (System.InvalidOperationException)")]
    [InlineData("DomainError.BadSetting", "Test cannot start: its Start answered BadSetting")]
    [InlineData("Say(services)", "Test cannot start: the moon is full")]
    public void Boot_DomainThatDoesNotStart_SaysWhy(string start, string expected)
    {
        const string Say = "static Reply<Unit, DomainError> Say(DomainServices s) { s.Report(Severity.Error, \"the moon is full\"); return DomainError.BadData; } ";
        string source = "public sealed class D : IDomain { " + Say + Methods.Replace("START", start) + " }";
        DomainCompiler.WriteFolder(Path.Combine(folder, "Test"), "name: Test\nentry: D\n", source);

        BootException exception = Assert.Throws<BootException>(BootOneDomain);

        Assert.Equal(expected, exception.Message);
    }

    [Fact]
    public void Boot_DomainWhoseConstructorThrows_SaysWhich()
    {
        string source = "public sealed class D : IDomain { public D() => throw new NotSupportedException(); "
            + Methods.Replace("START", "default(Unit)") + " }";
        DomainCompiler.WriteFolder(Path.Combine(folder, "Test"), "name: Test\nentry: D\n", source);

        BootException exception = Assert.Throws<BootException>(BootOneDomain);

        Assert.EndsWith("Domain.dll: the constructor of D threw System.NotSupportedException", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boot_ContractOutsideTheManifest_IsAFaultOfTheDomain()
    {
        string source = "public sealed class D : IDomain { "
            + Methods.Replace("START", "Ask(services)")
            + " static Reply<Unit, DomainError> Ask(DomainServices s) { s.Require<IFileSystem>(); return default(Unit); } }";
        DomainCompiler.WriteFolder(Path.Combine(folder, "Test"), "name: Test\nentry: D\n", source);

        BootException exception = Assert.Throws<BootException>(BootOneDomain);

        Assert.Equal("Test cannot start: its manifest does not require IFileSystem", exception.Message);
    }

    [Fact]
    public void Boot_MissingFolder_NamesIt()
    {
        BootException exception = Assert.Throws<BootException>(BootOneDomain);

        Assert.Equal($"{Path.Combine(folder, "Test")}: there is no such domain folder", exception.Message);
    }

    [Fact]
    public void Boot_MissingImage_NamesIt()
    {
        string image = Path.Combine(folder, "none.img");

        BootException exception = Assert.Throws<BootException>(() => new TestSystem(disk: image));

        Assert.Contains(image, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boot_GarbageImage_SaysThatItIsNoFileSystem()
    {
        string image = Path.Combine(folder, "garbage.img");
        var bytes = new byte[4 << 20];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(image, bytes);

        BootException exception = Assert.Throws<BootException>(() => new TestSystem(disk: image));

        Assert.StartsWith($"{image}: Ext4 cannot start: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.Equal(bytes, File.ReadAllBytes(image));
    }

    private void BootOneDomain() =>
        new TestSystem(SystemDescription.Parse("test.yaml", "domains:\n  - {name: Test}\n"), domainsFolder: folder).Dispose();
}
