using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>A domain between two shadows: the filter of the template, killed and replaced while files are written.</summary>
public sealed class FilterTests : IDisposable
{
    private const string Manifest =
        "name: Filter\nentry: RedLeafDomain1.FilterDomain\nprovides: [IBlockDevice]\nrequires: [IBlockDevice]\n";

    private const string Work = "seq 30000 > /big && cat /big > /copy && sync && cmp /big /copy";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Filter_CrashesAllTheTime_NobodyNotices()
    {
        using TestSystem system = Boot(crashEvery: 15);

        for (int round = 0; round < 20; round++)
        {
            Assert.Equal((0, ""), system.Shell(Work));
        }

        Assert.True(system.System.Restarts.Count(one => one.Domain == "Filter") >= 5, $"{system.System.Restarts.Count} restarts");
        AssertNothingIsLeft(system);
    }

    [Fact]
    public void Reload_WhileFilesAreWritten_LosesNoCall()
    {
        using TestSystem system = Boot(crashEvery: 0);
        using var stop = new ManualResetEventSlim();
        var reloads = new Thread(() =>
        {
            for (int version = 2; !stop.IsSet; version++)
            {
                WriteFilter(Source.Replace("generation {", $"version {version} {{", StringComparison.Ordinal));
                system.System.Reload("Filter");
                system.System.Reload("Nvme");
            }
        });
        reloads.Start();
        for (int round = 0; round < 20; round++)
        {
            Assert.Equal((0, ""), system.Shell(Work));
        }

        stop.Set();
        reloads.Join();
        Assert.Equal((0, ""), system.Shell(Work));
        Assert.Contains(system.Log, line => line.Contains("version ", StringComparison.Ordinal));
        AssertNothingIsLeft(system);
    }

    [Fact]
    public void Reload_NewBinaryDoesNotStart_OldOneGoesOn()
    {
        using TestSystem system = Boot(crashEvery: 0);
        Assert.Equal((0, ""), system.Shell(Work));
        WriteFilter(Source.Replace("Drain(context, below);", "throw new InvalidOperationException();", StringComparison.Ordinal));

        system.System.Reload("Filter");

        Assert.Equal((0, ""), system.Shell(Work));
        Assert.Contains(system.Log, line => line.StartsWith("224 ", StringComparison.Ordinal));
        AssertNothingIsLeft(system);
    }

    /// <summary>The old binary is restarted while the new one is being made, and that must not make the new one's place its own.</summary>
    [Fact]
    public void Reload_NewBinaryCannotBeMadeWhileTheOldOneCrashes_OldOneGoesOn()
    {
        using TestSystem system = Boot(crashEvery: 20);
        using var stop = new ManualResetEventSlim();
        WriteFilter(Source.Replace(
            "FilterDomain : IDomain\n{", "FilterDomain : IDomain { public FilterDomain() => throw new InvalidOperationException();", StringComparison.Ordinal));
        int refused = 0;
        var reloads = new Thread(() =>
        {
            for (; !stop.IsSet; refused++)
            {
                Assert.Throws<BootException>(() => system.System.Reload("Filter"));
            }
        });
        reloads.Start();
        for (int round = 0; round < 10 || Volatile.Read(ref refused) < 5; round++)
        {
            Assert.Equal((0, ""), system.Shell(Work));
        }

        stop.Set();
        reloads.Join();
        Assert.Equal((0, ""), system.Shell(Work));
        AssertNothingIsLeft(system);
    }

    [Theory]
    [InlineData("Ext4", "Ext4 has no shadow")]
    [InlineData("Nobody", "the system has no domain 'Nobody'")]
    public void Reload_OfWhatCannotBeReloaded_SaysWhy(string domain, string expected)
    {
        using TestSystem system = Boot(crashEvery: 0);

        var exception = Assert.Throws<BootException>(() => system.System.Reload(domain));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: F\nentry: X\n", "the manifest is of 'F', the running domain of 'Filter'")]
    [InlineData("name: Filter\nentry: RedLeafDomain1.FilterDomain\nprovides: []\nrequires: [IBlockDevice]\n", "does not provide IBlockDevice")]
    [InlineData("name: Filter\nentry: X\nprovides: [IBlockDevice]\nrequires: [IBlockDevice, IConsole]\n", "requires IConsole")]
    [InlineData("name: Filter\nentry: RedLeafDomain1.None\nprovides: [IBlockDevice]\nrequires: [IBlockDevice]\n", "RedLeafDomain1.None")]
    public void Reload_FolderThatCannotTakeOver_ChangesNothing(string manifest, string expected)
    {
        using TestSystem system = Boot(crashEvery: 0);
        File.WriteAllText(Path.Combine(folder.Path, "Filter", "domain.yaml"), manifest);

        var exception = Assert.Throws<BootException>(() => system.System.Reload("Filter"));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Equal((0, ""), system.Shell(Work));
        Assert.Empty(system.System.Restarts);
    }

    private static string Source { get; } = string.Join(
        '\n',
        new[] { "FilterDomain.cs", "BlockFilter.cs" }
            .SelectMany(file => File.ReadAllLines(Path.Combine(Repository.Root, "packages/Templates/content/redleaf-domain/Block", file)))
            .Where(line => !line.StartsWith("using ", StringComparison.Ordinal))
            .Select(line => line.StartsWith("namespace ", StringComparison.Ordinal) ? "" : line));

    private static void AssertNothingIsLeft(TestSystem system)
    {
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
        Assert.All(system.System.Reclaims, record => Assert.Equal(string.Empty, record.Detail));
        system.System.Shutdown();
    }

    private TestSystem Boot(int crashEvery)
    {
        WriteFilter(Source);
        string file = folder.Write("system.yaml", "");
        return new TestSystem(SystemDescription.Parse(file, $$$"""
            devices:
              - {name: disk0, model: nvme, completion: deferred}
            domains:
              - {name: Nvme, device: disk0}
              - {name: DriverShadow, folder: BlockShadow, shadows: Nvme}
              - name: Filter
                folder: ./Filter
                use: {IBlockDevice: DriverShadow}
                settings: {crashEvery: "{{{crashEvery}}}"}
                restart: {restartsMax: 100000, youngMicros: 0}
              - {name: FilterShadow, folder: BlockShadow, shadows: Filter}
              - {name: Ext4, use: {IBlockDevice: FilterShadow}}
              - {name: Personality, use: {IFileSystem: Ext4}}
            programs: [Programs]
            """));
    }

    private void WriteFilter(string source) => DomainCompiler.WriteFolder(
        Path.Combine(folder.Path, "Filter"), Manifest, $"namespace RedLeafDomain1 {{ {source} }}");
}
