using System.Xml.Linq;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>
/// Who may reference whom. References go one way: Trusted, Contracts, then domains on one side and Kernel, cli on the
/// other; a domain knows neither the kernel nor another domain.
/// </summary>
internal static class ReferenceGraph
{
    /// <summary>By the folder that a project is in: the folders it may reference.</summary>
    private static readonly (string From, string[] To)[] Rules =
    [
        ("kernel/Trusted/", []),
        ("kernel/Contracts/", ["kernel/Trusted/"]),
        ("kernel/Kernel/", ["kernel/Trusted/", "kernel/Contracts/", "machine/"]),
        ("machine/", ["kernel/Trusted/", "machine/"]),
        ("drivers/", ["kernel/Contracts/"]),
        ("domains/", ["kernel/Contracts/"]),
        ("posix/", ["kernel/Contracts/"]),
        ("analyzers/", ["analyzers/"]),
        ("lab/", ["kernel/", "machine/", "lab/"]),
        ("cli/", ["kernel/", "machine/", "lab/"]),
        ("bench/", [""]),
        ("packages/", ["analyzers/"]),
        ("tests/", [""]),
    ];

    /// <summary>Each bad edge as "FROM -> TO: reason".</summary>
    internal static IEnumerable<string> Check(IEnumerable<SourceText> projects) => projects.SelectMany(CheckProject);

    private static IEnumerable<string> CheckProject(SourceText project)
    {
        string[]? allowed = Rules.FirstOrDefault(rule => project.IsUnder(rule.From)).To;
        if (allowed is null)
        {
            yield return $"{project.Path}: its folder belongs to no tier";
            yield break;
        }

        XElement root = XElement.Parse(project.Text);
        foreach (XElement reference in root.Descendants("ProjectReference"))
        {
            string target = Resolve(project.Path, (string)reference.Attribute("Include")!);
            bool isBuildOnly = (string?)reference.Attribute("OutputItemType") == "Analyzer";
            if (!isBuildOnly && !allowed.Any(folder => target.StartsWith(folder, StringComparison.Ordinal)))
            {
                yield return $"{project.Path} -> {target}: {TierOf(project)} may reference only {Describe(allowed)}";
            }
        }

        if (project.IsUnder("drivers/", "domains/", "posix/", "kernel/Trusted/", "kernel/Contracts/"))
        {
            foreach (XElement package in root.Descendants("PackageReference"))
            {
                yield return $"{project.Path} -> package {(string?)package.Attribute("Include")}: this tier uses no packages";
            }
        }
    }

    private static string TierOf(SourceText project) => project.Path[..project.Path.IndexOf('/')];

    private static string Describe(string[] allowed) => allowed.Length == 0 ? "nothing" : string.Join(", ", allowed);

    private static string Resolve(string projectPath, string include)
    {
        string folder = Path.GetDirectoryName("/" + projectPath)!;
        return Path.GetFullPath(Path.Combine(folder, include.Replace('\\', '/')))[1..];
    }
}
