namespace RedLeafSharp.Tests.Tidy;

/// <summary>A text file, by its path from the root of the repository with '/' between the parts.</summary>
internal sealed record SourceText(string Path, string Text)
{
    internal string[] Lines => Text.Split('\n');

    internal bool IsUnder(params string[] folders) => folders.Any(folder => Path.StartsWith(folder, StringComparison.Ordinal));
}

/// <summary>The files of this repository, without what a build or git makes.</summary>
internal static class Repository
{
    private static readonly string[] MadeFolders = ["artifacts", "bin", "obj", "BenchmarkDotNet.Artifacts", "TestResults"];

    internal static string Root { get; } = FindRoot();

    internal static IReadOnlyList<SourceText> CSharp { get; } = Read("*.cs");

    internal static IReadOnlyList<SourceText> Markdown { get; } = Read("*.md");

    internal static IReadOnlyList<SourceText> Projects { get; } = Read("*.csproj");

    internal static IReadOnlyList<SourceText> BuildFiles { get; } = [.. Read("*.props"), .. Read("*.targets"), .. Projects];

    /// <summary>Everything a person writes here.</summary>
    internal static IReadOnlyList<SourceText> All { get; } =
    [
        .. CSharp, .. Markdown, .. BuildFiles, .. Read("*.yaml"), .. Read("*.c"), .. Read("*.sh"), .. Read("dev"), .. Read("run"),
    ];

    private static SourceText[] Read(string pattern) =>
    [
        .. Enumerate(Root).SelectMany(folder => Directory.EnumerateFiles(folder, pattern))
            .Select(path => new SourceText(Path.GetRelativePath(Root, path), File.ReadAllText(path)))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Enumerate(string folder)
    {
        yield return folder;
        foreach (string child in Directory.EnumerateDirectories(folder))
        {
            string name = Path.GetFileName(child);
            bool isHidden = name.StartsWith('.') && name != ".ci";
            if (!isHidden && !MadeFolders.Contains(name))
            {
                foreach (string descendant in Enumerate(child))
                {
                    yield return descendant;
                }
            }
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RedLeafSharp.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no RedLeafSharp.sln above {AppContext.BaseDirectory}");
    }
}
