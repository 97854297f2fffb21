using System.Xml.Linq;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>Every package has one exact version, in Directory.Packages.props, and every project a lock file.</summary>
internal static class PackagePins
{
    internal static IEnumerable<string> Check(IEnumerable<SourceText> buildFiles, Func<string, bool> exists)
    {
        var pinned = new HashSet<string>();
        foreach (SourceText file in buildFiles)
        {
            foreach (XElement version in XElement.Parse(file.Text).Descendants("PackageVersion"))
            {
                pinned.Add((string)version.Attribute("Include")!);
                string text = (string?)version.Attribute("Version") ?? "";
                if (!text.StartsWith('[') || !text.EndsWith(']') || text.Contains(','))
                {
                    yield return $"{file.Path}: {(string?)version.Attribute("Include")} {text} is not exact, write [x.y.z]";
                }
            }
        }

        foreach (SourceText project in buildFiles.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            foreach (string violation in CheckProject(project, pinned, exists))
            {
                yield return violation;
            }
        }
    }

    private static IEnumerable<string> CheckProject(SourceText project, HashSet<string> pinned, Func<string, bool> exists)
    {
        foreach (XElement package in XElement.Parse(project.Text).Descendants("PackageReference"))
        {
            string name = (string)package.Attribute("Include")!;
            if (package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null)
            {
                yield return $"{project.Path}: {name} has a version of its own; versions are in Directory.Packages.props";
            }
            else if (!pinned.Contains(name))
            {
                yield return $"{project.Path}: {name} is not in Directory.Packages.props";
            }
        }

        string lockFile = Path.Combine(Path.GetDirectoryName(project.Path)!, "packages.lock.json");
        if (!exists(lockFile))
        {
            yield return $"{project.Path}: {lockFile} is missing";
        }
    }
}
