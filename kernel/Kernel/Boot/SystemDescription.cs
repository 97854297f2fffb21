using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Packages;

namespace RedLeafSharp.Kernel;

/// <summary>
/// What a system is made of: the system file. docs/system-file.md explains every field.
/// </summary>
public sealed class SystemDescription
{
    private const string DefaultYaml = """
        devices:
          - {name: disk0, model: nvme}
        domains:
          - {name: Nvme, device: disk0, restart: {standby: 4}}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}}
          - {name: Tmpfs}
          - {name: TcpStack}
          - name: Personality
            use: {IFileSystem: [Ext4, Tmpfs], ISocketStack: [TcpStack], INetConfiguration: [TcpStack]}
            settings: {mounts: "Tmpfs:tmpfs:/tmp", stacks: TcpStack}
        programs: [Programs]
        """;

    private const int ExecutorsMax = 64;
    private const long MebibytesMax = (64 * 1024) - 1;

    /// <summary>As of a manifest.</summary>
    private const long BytesMax = 1 << 20;

    private SystemDescription(string fileName) => FileName = fileName;

    /// <summary>The system that <c>redleaf run</c> boots when no file is given.</summary>
    public static SystemDescription Default { get; } = Parse("(built-in system)", DefaultYaml);

    /// <summary>Where the description comes from, for messages.</summary>
    public string FileName { get; }

    internal int ExecutorCount { get; private init; }

    internal long ExchangeHeapMebibytes { get; private init; }

    /// <summary>Files with the public keys whose packages are trusted, beside the system file if they are relative.</summary>
    internal IReadOnlyList<string> TrustedKeyFiles { get; private init; } = [];

    /// <summary>Whether only signed packages are loaded.</summary>
    internal bool IsSignatureRequired { get; private init; }

    internal IReadOnlyList<DeviceDescription> Devices { get; private init; } = [];

    internal IReadOnlyList<DomainDescription> Domains { get; private init; } = [];

    internal IReadOnlyList<string> ProgramFolders { get; private init; } = [];

    /// <summary>Reads a system file.</summary>
    /// <param name="path">The file, as messages name it.</param>
    /// <exception cref="BootException">It cannot be read, or a field is wrong, missing or unknown.</exception>
    public static SystemDescription Read(string path)
    {
        try
        {
            using var text = new StreamReader(new MemoryStream(BoundedFile.Read(path, BytesMax)));
            return Parse(path, text.ReadToEnd());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BootException($"{path}: the system file cannot be read: {exception.Message}");
        }
    }

    /// <summary>Parses a system file.</summary>
    /// <exception cref="BootException">A field is wrong, missing or unknown; the message has line and column.</exception>
    public static SystemDescription Parse(string fileName, string yaml)
    {
        YamlFields fields = YamlFields.Parse(fileName, yaml);
        var description = new SystemDescription(fileName)
        {
            ExecutorCount = (int)fields.Number("executors", 1, 1, ExecutorsMax),
            ExchangeHeapMebibytes = fields.Number("exchangeHeapMebibytes", 1024, 16, MebibytesMax),
            TrustedKeyFiles = [.. fields.Texts("trust").Select(one => Path.Combine(Path.GetDirectoryName(fileName) ?? string.Empty, one))],
            IsSignatureRequired = ParsePolicy(fields),
            Devices = [.. fields.List("devices").Select(DeviceDescription.Parse)],
            Domains = [.. fields.List("domains").Select(DomainDescription.Parse)],
            ProgramFolders = fields.Texts("programs"),
        };
        fields.RefuseOthers();
        description.CheckNames(fields);
        if (description.TrustedKeyFiles.Count > PackageSpec.KeysMax)
        {
            throw fields.Error($"'trust' names more than {PackageSpec.KeysMax} keys");
        }

        return description;
    }

    /// <summary>The same system with other restart limits for one domain.</summary>
    internal SystemDescription WithRestartPolicy(string domain, RestartPolicy policy) =>
        With(Devices, [.. Domains.Select(one => one.Name == domain ? one with { Restart = policy } : one)]);

    /// <summary>The same system with each of its disks behind QEMU's controller.</summary>
    internal SystemDescription OnQemu() => With([.. Devices.Select(device => device.OnQemu())], Domains);

    /// <summary>
    /// The same system with a network controller at a link, its driver, its shadow, and a stack that uses it. A stack that is there
    /// already is given the link.
    /// </summary>
    /// <exception cref="BootException">The system describes a network controller of its own.</exception>
    internal SystemDescription WithNetwork(NetworkDescription network)
    {
        if (Devices.Any(device => device.IsNetwork))
        {
            throw new BootException($"{FileName} describes a network controller itself; leave the options of the network out");
        }

        return With([.. Devices, network.Device], network.AddTo(Domains));
    }

    private SystemDescription With(IReadOnlyList<DeviceDescription> devices, IReadOnlyList<DomainDescription> domains) => new(FileName)
    {
        ExecutorCount = ExecutorCount,
        ExchangeHeapMebibytes = ExchangeHeapMebibytes,
        TrustedKeyFiles = TrustedKeyFiles,
        IsSignatureRequired = IsSignatureRequired,
        Devices = devices,
        Domains = domains,
        ProgramFolders = ProgramFolders,
    };

    private static bool ParsePolicy(YamlFields fields) => fields.OptionalText("policy") switch
    {
        null => false,
        "signed" => true,
        _ => throw fields.Error("the field 'policy' can only be 'signed'"),
    };

    private static bool Same(string? one, string? other) => one is not null && one == other;

    private void CheckNames(YamlFields fields)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (DomainDescription domain in Domains)
        {
            foreach (string other in domain.Uses.Values.SelectMany(names => names).Append(domain.Shadows).OfType<string>())
            {
                if (!seen.Contains(other))
                {
                    throw fields.Error($"domain '{domain.Name}' names '{other}', which is not a domain listed before it");
                }
            }

            if (domain.Shadows is { } shadowed && Domains.First(one => one.Name == shadowed).ExecutorIndex != domain.ExecutorIndex)
            {
                throw fields.Error($"domain '{domain.Name}' must be on the executor of '{shadowed}', which it shadows");
            }

            if (Domains.Any(one => one != domain && (Same(one.Device, domain.Device) || Same(one.Shadows, domain.Shadows))))
            {
                throw fields.Error($"domain '{domain.Name}': another one has the same 'device' or 'shadows'");
            }

            if (domain.IsLoadedLater && Domains.All(one => one.Shadows != domain.Name))
            {
                throw fields.Error($"domain '{domain.Name}' starts later, and no domain shadows it that could do without it until then");
            }

            if (domain.Device is not null && Devices.All(device => device.Name != domain.Device))
            {
                throw fields.Error($"domain '{domain.Name}' names the device '{domain.Device}', which is not listed in 'devices'");
            }

            if (!seen.Add(domain.Name))
            {
                throw fields.Error($"two domains are named '{domain.Name}'");
            }
        }
    }
}

/// <summary>A domain of the system.</summary>
internal sealed record DomainDescription
{
    internal required string Name { get; init; }

    /// <summary>Folder below the domains' folder.</summary>
    internal required string Folder { get; init; }

    /// <summary>The device it drives, if any.</summary>
    internal required string? Device { get; init; }

    /// <summary>The driver it shadows, if any.</summary>
    internal required string? Shadows { get; init; }

    /// <summary>Which domains provide a required contract: the first one unless the domain asks for another by its name.</summary>
    internal required IReadOnlyDictionary<string, IReadOnlyList<string>> Uses { get; init; }

    internal required IReadOnlyDictionary<string, string> Settings { get; init; }

    internal required RestartPolicy Restart { get; init; }

    internal required int ExecutorIndex { get; init; }

    /// <summary>Whether it is not there at the start: it is loaded while the system runs.</summary>
    internal bool IsLoadedLater { get; init; }

    /// <summary>How long a call into it may take; null for what is usual, see <see cref="CallDeadline"/>.</summary>
    internal long? CallDeadlineMicros { get; init; }

    internal static DomainDescription Parse(YamlFields fields)
    {
        string name = fields.Text("name");
        var domain = new DomainDescription
        {
            Name = name,
            Folder = fields.OptionalText("folder") ?? name,
            Device = fields.OptionalText("device"),
            Shadows = fields.OptionalText("shadows"),
            Uses = fields.TextListsByName("use"),
            Settings = fields.TextsByName("settings"),
            Restart = RestartPolicy.Parse(fields.OptionalFields("restart")),
            ExecutorIndex = (int)fields.Number("executor", 0, 0, 63),
            CallDeadlineMicros = CallDeadline.Parse(fields),
            IsLoadedLater = ParseStart(fields),
        };
        fields.RefuseOthers();
        foreach (string contract in domain.Uses.Keys)
        {
            _ = ContractCatalog.Find(contract)
                ?? throw fields.Error($"domain '{name}' uses '{contract}', which is no contract; known: {ContractCatalog.Names}");
        }

        return domain;
    }

    private static bool ParseStart(YamlFields fields) => fields.OptionalText("start") switch
    {
        null => false,
        "later" => true,
        _ => throw fields.Error("the field 'start' can only be 'later'"),
    };
}
