using RedLeafSharp.Contracts;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>
/// What a domain says of itself: the domain.yaml beside its assembly. docs/domains.md explains every field.
/// </summary>
internal sealed record DomainManifest
{
    internal const string FileName = "domain.yaml";

    /// <summary>A folder of a thousand programs needs a tenth of it.</summary>
    private const long BytesMax = 1 << 20;

    /// <summary>
    /// What the author calls the domain. The system file may give it another name, or run it twice; but a reload must bring a
    /// binary of the same one.
    /// </summary>
    internal required string Name { get; init; }

    /// <summary>Full name of the class that implements IDomain; null for a folder of programs.</summary>
    internal required string? Entry { get; init; }

    /// <summary>Name of the assembly file.</summary>
    internal required string Assembly { get; init; }

    /// <summary>Contracts that the domain provides.</summary>
    internal required IReadOnlyList<string> Provides { get; init; }

    /// <summary>Contracts that the domain asks for.</summary>
    internal required IReadOnlyList<string> Requires { get; init; }

    /// <summary>Whether the domain drives a PCI function.</summary>
    internal required bool NeedsDevice { get; init; }

    /// <summary>Programs by name, with the full names of their entry classes.</summary>
    internal required IReadOnlyDictionary<string, string> Programs { get; init; }

    /// <summary>What one generation, or one process, may use.</summary>
    internal required DomainLimits Limits { get; init; }

    /// <summary>The file as it was read, for its signature.</summary>
    internal byte[] Content { get; init; } = [];

    /// <summary>Reads the manifest of a domain folder.</summary>
    /// <exception cref="BootException">The file is missing or wrong.</exception>
    internal static DomainManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        byte[] content;
        try
        {
            content = BoundedFile.Read(path, BytesMax);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BootException($"{path}: a domain folder must hold a readable {FileName}: {exception.Message}");
        }

        using var text = new StreamReader(new MemoryStream(content));
        DomainManifest manifest = Parse(path, text.ReadToEnd()) with { Content = content };
        if (manifest.Assembly.Length == 0)
        {
            string[] assemblies = Directory.GetFiles(folder, "*.dll");
            manifest = assemblies.Length == 1
                ? manifest with { Assembly = Path.GetFileName(assemblies[0]) }
                : throw new BootException($"{path}: the field 'assembly' is needed: the folder holds {assemblies.Length} .dll files");
        }

        return manifest;
    }

    /// <summary>Parses a manifest; <see cref="Assembly"/> is empty when the file does not name it.</summary>
    /// <exception cref="BootException">A field is wrong, missing or unknown.</exception>
    internal static DomainManifest Parse(string path, string yaml)
    {
        YamlFields fields = YamlFields.Parse(path, yaml);
        string? device = fields.OptionalText("device");
        IReadOnlyDictionary<string, string> programs = fields.TextsByName("programs");
        var manifest = new DomainManifest
        {
            Name = fields.Text("name"),
            Entry = fields.OptionalText("entry"),
            Assembly = fields.OptionalText("assembly") ?? string.Empty,
            Provides = fields.Texts("provides"),
            Requires = fields.Texts("requires"),
            NeedsDevice = device is not null,
            Programs = programs,
            Limits = DomainLimits.Parse(
                fields.OptionalFields("limits"), programs.Count > 0 ? DomainLimits.OfPrograms : DomainLimits.OfDomains),
        };
        fields.RefuseOthers();

        if (Path.GetFileName(manifest.Assembly) != manifest.Assembly || manifest.Assembly is "." or "..")
        {
            throw fields.Error("the field 'assembly' must be the name of a file in the domain's folder");
        }

        if (device is not (null or "pci"))
        {
            throw fields.Error("the field 'device' can only be 'pci'");
        }

        if ((manifest.Entry is null) == (manifest.Programs.Count == 0))
        {
            throw fields.Error("a manifest has either an 'entry' or 'programs'");
        }

        foreach (string contract in manifest.Provides.Concat(manifest.Requires))
        {
            // Whoever could call another domain's Start would hand it its own rights: a way around the graph of the system file.
            if (contract is nameof(IDomain) or nameof(IProgram))
            {
                throw fields.Error($"'{contract}' is called by the kernel only");
            }

            _ = ContractCatalog.Find(contract) ?? throw fields.Error($"'{contract}' is no contract; known: {ContractCatalog.Names}");
        }

        return manifest;
    }
}
