using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Authors;

/// <summary>
/// What the template makes, compiled and booted with its own manifest and system file. The kinds block and net are tried at length in
/// FilterTests and NetFilterTests.
/// </summary>
public sealed class TemplateTests : IDisposable
{
    private const string Templates = "packages/Templates/content/redleaf-domain";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Block", "seq 1000 > /f; sync; cat /f | sha256sum", "67d4ff71d43921d5739f387da09746f405e425b07d727e4c69d029461d1f051f")]
    [InlineData("Net", "ip addr", "10.0.2.15")]
    [InlineData("FileSystem", "cat /hello", "hello from a domain")]
    [InlineData("Program", "hello", "hello from process ")]
    public void Kind_AsItIsMade_BootsAndWorks(string kind, string command, string expected)
    {
        string home = Path.Combine(Repository.Root, Templates, kind);
        string[] lines = [.. Directory.GetFiles(home, "*.cs").SelectMany(File.ReadAllLines)];
        string usings = string.Join('\n', lines.Where(IsUsing).Distinct());
        string code = string.Join('\n', lines.Where(line => !IsUsing(line) && !line.StartsWith("namespace ", StringComparison.Ordinal)));
        DomainCompiler.WriteFolder(
            Path.Combine(folder.Path, "bin", "domain"), Text(home, "domain.yaml"), $"{usings}\nnamespace RedLeafDomain1 {{ {code} }}");
        string yaml = Text(home, "system.yaml").Replace("8080:80", "0:80", StringComparison.Ordinal);
        using var system = new TestSystem(SystemDescription.Parse(folder.Write("system.yaml", yaml), yaml));

        (int status, string output) = system.Shell(command);

        Assert.True(status == 0, output);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        system.System.Shutdown();
    }

    private static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal);

    private static string Text(string home, string file) => File.ReadAllText(Path.Combine(home, file));
}
