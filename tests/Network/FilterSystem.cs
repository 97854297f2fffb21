using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using RedLeafSharp.Tests.Tidy;

namespace RedLeafSharp.Tests.Network;

/// <summary>The system of the template for network filters, with a filter that was made of the template.</summary>
internal static class FilterSystem
{
    /// <summary>The filter's domain.</summary>
    internal const string Filter = "Counter";

    private const string Template = "packages/Templates/content/redleaf-domain/Net";

    /// <param name="folder">Where the filter is compiled to.</param>
    /// <param name="port">The port that the user link publishes.</param>
    /// <param name="crashEvery">After how many batches the filter crashes; never when it is 0.</param>
    internal static TestSystem Boot(TemporaryFolder folder, int port, int crashEvery = 0)
    {
        string source = string.Join('\n', new[] { "NetFilterDomain.cs", "NetFilter.cs" }
            .SelectMany(file => File.ReadAllLines(Path.Combine(Repository.Root, Template, file)))
            .Where(line => !line.StartsWith("using ", StringComparison.Ordinal) && !line.StartsWith("namespace ", StringComparison.Ordinal)));
        DomainCompiler.WriteFolder(
            Path.Combine(folder.Path, "bin", "domain"), TextOf("domain.yaml"), $"namespace RedLeafDomain1 {{ {source} }}");
        string yaml = TextOf("system.yaml")
            .Replace("8080:80", $"0:{port}", StringComparison.Ordinal)
            .Replace("crashEvery: \"0\"", $"crashEvery: \"{crashEvery}\"", StringComparison.Ordinal)
            .Replace("restart: {standby: 2}}", "restart: {restartsMax: 100000, youngMicros: 0}}", StringComparison.Ordinal);
        return new TestSystem(SystemDescription.Parse(folder.Write("system.yaml", yaml), yaml));
    }

    /// <summary>The template's own name is the name of the class's namespace, too; only the domain's is changed.</summary>
    private static string TextOf(string file) => File.ReadAllText(Path.Combine(Repository.Root, Template, file))
        .Replace("name: RedLeafDomain1", $"name: {Filter}", StringComparison.Ordinal)
        .Replace("shadows: RedLeafDomain1", $"shadows: {Filter}", StringComparison.Ordinal);
}
