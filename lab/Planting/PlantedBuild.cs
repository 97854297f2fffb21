namespace RedLeafSharp.Lab.Planting;

/// <summary>A copy of a build with a bug in it.</summary>
internal static class PlantedBuild
{
    private const string Domains = "domains";

    /// <summary>Makes it. What no bug is planted into is linked to where it is.</summary>
    /// <param name="build">The folder of the build.</param>
    /// <param name="bug">The bug; null for a copy without.</param>
    /// <param name="folder">Where it goes; made if it is not there.</param>
    /// <exception cref="PlantingException">The build has not the code that the bug is made for.</exception>
    internal static void Make(string build, PlantedBug? bug, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string path in Directory.EnumerateFiles(build))
        {
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
        }

        foreach (string path in Directory.EnumerateDirectories(build).Where(path => Path.GetFileName(path) != Domains))
        {
            Link(path, Path.Combine(folder, Path.GetFileName(path)));
        }

        foreach (string path in Directory.EnumerateDirectories(Path.Combine(build, Domains)))
        {
            string domain = Path.Combine(folder, Domains, Path.GetFileName(path));
            Directory.CreateDirectory(domain);
            foreach (string file in Directory.EnumerateFiles(path))
            {
                File.Copy(file, Path.Combine(domain, Path.GetFileName(file)), overwrite: true);
            }
        }

        if (bug is not null)
        {
            string assembly = Path.Combine(folder, bug.Assembly);
            string symbols = Path.ChangeExtension(assembly, ".pdb");
            (byte[] planted, byte[] plantedSymbols) = bug.PlantInto(File.ReadAllBytes(assembly), File.ReadAllBytes(symbols), build);
            File.WriteAllBytes(assembly, planted);
            File.WriteAllBytes(symbols, plantedSymbols);
        }
    }

    private static void Link(string path, string link)
    {
        if (!Directory.Exists(link))
        {
            Directory.CreateSymbolicLink(link, Path.GetFullPath(path));
        }
    }
}
