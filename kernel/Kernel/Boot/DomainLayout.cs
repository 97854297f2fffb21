using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Processes;
using RedLeafSharp.Packages;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>
/// Reads the domains of a system file from their folders and ties them together: devices, shadows, programs, settings. Nothing
/// is started here.
/// </summary>
internal sealed class DomainLayout
{
    private readonly SystemDescription description;
    private readonly BootOptions options;

    internal DomainLayout(SystemDescription description, BootOptions options)
    {
        this.description = description;
        this.options = options;
    }

    /// <exception cref="BootException">A folder is wrong, or contradicts the system file.</exception>
    internal void Load(DomainRegistry registry, Hardware hardware, ProcessLoader processes)
    {
        using TrustedKeys keys = TrustedKeys.Read(description.TrustedKeyFiles, description.IsSignatureRequired);
        foreach (DomainDescription one in description.Domains)
        {
            Domain domain = Read(one, keys);
            hardware.Attach(domain);
            if (one.Shadows is { } driver)
            {
                domain.Shadowed = registry.Find(driver);
                domain.Shadowed.HasShadow = true;
            }

            registry.Add(domain);
        }

        // A domain comes after those it calls, and must not be able to use up their stack.
        int steps = StackBudget.StepsOfPrograms;
        foreach (Domain domain in registry.Domains.Reverse())
        {
            domain.StackSteps = ++steps;
        }

        foreach (string folder in description.ProgramFolders)
        {
            processes.AddPrograms(ReadImage(folder, keys));
        }

        ApplyOptions(registry);
    }

    /// <summary>Reads a domain's folder once more, with the signature that the system asks for.</summary>
    /// <exception cref="BootException">The folder is wrong.</exception>
    internal DomainImage ReadAgain(DomainDescription one)
    {
        using TrustedKeys keys = TrustedKeys.Read(description.TrustedKeyFiles, description.IsSignatureRequired);
        DomainImage image = DomainImage.Read(FolderOf(one.Folder), keys);
        Check(one, image);
        return image;
    }

    /// <summary>A name is looked up in the domains' folder; a path that starts with a dot is relative to the system file.</summary>
    private string FolderOf(string folder) => folder.StartsWith('.')
        ? Path.GetFullPath(folder, Path.GetDirectoryName(Path.GetFullPath(description.FileName))!)
        : Path.Combine(options.DomainsFolder, folder);

    private DomainImage ReadImage(string folder, TrustedKeys keys) =>
        options.Simulation?.Code.Read(FolderOf(folder)) ?? DomainImage.Read(FolderOf(folder), keys);

    private Domain Read(DomainDescription one, TrustedKeys keys)
    {
        var domain = new Domain(one, one.IsLoadedLater ? null : ReadImage(one.Folder, keys));
        if (one.ExecutorIndex >= description.ExecutorCount)
        {
            throw new BootException(
                $"{description.FileName}: domain '{one.Name}' is on executor {one.ExecutorIndex} of {description.ExecutorCount}");
        }

        if (domain.Image is { } image)
        {
            Check(one, image);
        }

        return domain;
    }

    private void Check(DomainDescription one, DomainImage image)
    {
        if (image.Manifest.Entry is null)
        {
            throw new BootException($"{image.Path}: a folder of programs cannot be the domain '{one.Name}'");
        }

        if (image.Manifest.NeedsDevice != (one.Device is not null))
        {
            string contradiction = one.Device is null ? "needs a device and has none" : "has a device and needs none";
            throw new BootException($"{description.FileName}: domain '{one.Name}' {contradiction}");
        }
    }

    /// <summary>What the command line says of a disk becomes settings of the file system on it.</summary>
    private void ApplyOptions(DomainRegistry registry)
    {
        if (!options.Format && options.DiskPath is not null)
        {
            return;
        }

        foreach (Domain domain in registry.Domains.Where(one => one.Image is not null && one.MayProvide(nameof(IFileSystem))))
        {
            registry.Override(domain.Name, "format", "true");
            if (options.Label is { } label)
            {
                registry.Override(domain.Name, "label", label);
            }
        }
    }
}
