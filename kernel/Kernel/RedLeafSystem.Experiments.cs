using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Processes;

namespace RedLeafSharp.Kernel;

/// <content>What experiments and tests reach into a running system for.</content>
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

    /// <summary>The devices, for experiments.</summary>
    internal Hardware Hardware => hardware;
}
