using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Processes;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Kernel;

/// <content>What experiments and tests see of a system beside its public face.</content>
public sealed partial class RedLeafSystem
{
    /// <summary>The proxy of a contract that a domain provides now.</summary>
    internal T Provided<T>(string domain)
        where T : class => (T)registry.Find(domain).Current!.FindProvided(typeof(T))!;

    /// <summary>The proxy of a contract that some domain provides now; null when none does.</summary>
    internal T? Provided<T>()
        where T : class => registry.Domains
        .Select(domain => domain.Current?.FindProvided(typeof(T))).OfType<T>().FirstOrDefault();

    /// <summary>Lets processes of the host wait for a descriptor of the host.</summary>
    internal HostDescriptorWait WaitFor(int descriptor) => new(executors, executors.Executors[0], descriptor);

    /// <summary>Makes a further folder of programs known to a running system; for experiments with programs made on the way.</summary>
    /// <exception cref="BootException">The folder is wrong, or a program of the name is there already.</exception>
    internal void AddPrograms(string folder) => RunInKernel("programs", _ => processes.AddPrograms(DomainImage.Read(folder)));

    /// <summary>Kills the processes of a name from outside, as <see cref="Kill"/> does a domain. Any thread may call it.</summary>
    /// <returns>How many there were.</returns>
    internal int KillProcesses(string name) => processes.KillFromOutside(name);

    /// <summary>Whether a domain is being replaced just now.</summary>
    internal bool IsRecovering => registry.Domains.Any(domain => domain.IsRecovering);

    /// <summary>How many standbys of a domain are ready.</summary>
    internal int StandbyCountOf(string domainName) => registry.Find(domainName).Standbys.Count;

    /// <summary>The domains whose code has fault sites.</summary>
    internal IEnumerable<string> DomainsWithSites => options.CrashSites
        ? registry.Domains.Where(domain => domain.HasShadow || domain.Image is { Manifest.NeedsDevice: true }).Select(domain => domain.Name)
        : [];

    /// <summary>The fault sites of a domain.</summary>
    internal IReadOnlyList<FaultSite> SitesOf(string domainName) => factory.SitesOf(registry.Find(domainName));

    /// <summary>What the sites of all generations of a domain obey.</summary>
    internal FaultTrigger TriggerOf(string domainName) => factory.TriggerOf(domainName);

    /// <summary>Dead generations that have not been reclaimed.</summary>
    internal int UnreclaimedCount
    {
        get
        {
            if (options.Simulation is not null)
            {
                reclaimer.MakeRound();
            }

            return reclaimer.WaitingCount;
        }
    }

    /// <summary>Threads of the executors.</summary>
    internal int ThreadCount => executors.ThreadCount;

    /// <summary>The devices.</summary>
    internal Hardware Hardware => hardware;
}
