using System.Collections.Concurrent;
using RedLeafSharp.Devices;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Kernel.Domains;

/// <summary>A domain of the system file: a name that outlives its generations.</summary>
internal sealed class Domain
{
    private bool isRetired;

    internal Domain(DomainDescription description, DomainImage image)
    {
        Description = description;
        Image = image;
        Budget = new RestartBudget(description.Restart);
    }

    internal DomainDescription Description { get; }

    internal string Name => Description.Name;

    internal DomainImage Image { get; }

    internal RestartBudget Budget { get; }

    /// <summary>The generation that serves, or the last one that did.</summary>
    internal Generation? Current { get; set; }

    /// <summary>Generations that are loaded, compiled and constructed, but not started.</summary>
    internal ConcurrentQueue<Generation> Standbys { get; } = new();

    /// <summary>Whether no generation will be needed any more; read by the thread that builds standbys.</summary>
    internal bool IsRetired
    {
        get => Volatile.Read(ref isRetired);
        set => Volatile.Write(ref isRetired, value);
    }

    /// <summary>How many generations have been made so far.</summary>
    internal uint GenerationCount { get; set; }

    /// <summary>Whether the supervisor has given up on the domain.</summary>
    internal bool HasGivenUp { get; set; }

    /// <summary>Whether a shadow's request for the next generation is under way.</summary>
    internal bool IsRecovering { get; set; }

    /// <summary>The last error line of the domain, for the message of a failed start.</summary>
    internal string? LastError { get; set; }

    /// <summary>The last injected fault that has been reported.</summary>
    internal FaultFiring? LastFiring { get; set; }

    /// <summary>The image with fault sites, once there is one: finding it by its hash takes as long as a recovery.</summary>
    internal RewrittenImage? PlantedImage { get; set; }

    /// <summary>The names of its sites, made once: a recovery names the site that struck and has no time to spare.</summary>
    internal string[]? SiteNames { get; set; }

    /// <summary>The device it drives.</summary>
    internal IPciFunctionBackend? Device { get; set; }

    /// <summary>The IOMMU table of that device.</summary>
    internal DmaWindow? Window { get; set; }

    /// <summary>The domain whose driver this one shadows.</summary>
    internal Domain? Shadowed { get; set; }

    /// <summary>Whether another domain shadows this one, and so can ask for its next generation.</summary>
    internal bool HasShadow { get; set; }
}
