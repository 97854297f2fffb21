using System.Collections.Concurrent;
using RedLeafSharp.Devices;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;

namespace RedLeafSharp.Kernel.Domains;

/// <summary>A domain of the system file: a name that outlives its generations.</summary>
internal sealed class Domain
{
    private bool isRetired;
    private bool hasGivenUp;
    private int isReloading;
    private int isLoaded;
    private int isLoading;
    private uint loadCount;
    private KernelEvent? loadSignal;
    private uint generationCount;

    /// <param name="description">What the system file says of it.</param>
    /// <param name="image">What it is made of; null for one that is loaded later.</param>
    internal Domain(DomainDescription description, DomainImage? image)
    {
        Description = description;
        Image = image;
        loadCount = image is null ? 0U : 1;
        isLoaded = image is null ? 0 : 1;
        Budget = new RestartBudget(description.Restart);
    }

    internal DomainDescription Description { get; }

    internal string Name => Description.Name;

    /// <summary>
    /// What its next generation is made of; changes when a newer binary is put in its place. Null before a first one is loaded.
    /// </summary>
    internal DomainImage? Image { get; private set; }

    /// <summary>The image before a reload, until a generation of the new one has started.</summary>
    internal DomainImage? PreviousImage { get; private set; }

    /// <summary>Restarts that are left; with a load it begins anew.</summary>
    internal RestartBudget Budget { get; private set; }

    /// <summary>The generation that serves, or the last one that did.</summary>
    internal Generation? Current { get; set; }

    /// <summary>Generations that are loaded, compiled and constructed, but not started.</summary>
    internal ConcurrentQueue<Generation> Standbys { get; } = new();

    /// <summary>Held while the image is being changed, so that reloads come one after the other.</summary>
    internal Lock ReloadLock { get; } = new();

    /// <summary>Whether no generation will be needed any more; read by the thread that builds standbys.</summary>
    internal bool IsRetired
    {
        get => Volatile.Read(ref isRetired);
        set => Volatile.Write(ref isRetired, value);
    }

    /// <summary>How many generations have been begun so far.</summary>
    internal uint GenerationCount => Volatile.Read(ref generationCount);

    /// <summary>The number of the next generation; shadows' threads and the builder of standbys may ask at the same time.</summary>
    internal uint NextNumber() => Interlocked.Increment(ref generationCount);

    /// <summary>Whether the supervisor has given up on the domain.</summary>
    internal bool HasGivenUp
    {
        get => Volatile.Read(ref hasGivenUp);
        set => Volatile.Write(ref hasGivenUp, value);
    }

    /// <summary>Whether a shadow's request for the next generation is under way.</summary>
    internal bool IsRecovering { get; set; }

    /// <summary>The last error line of the domain, for the message of a failed start.</summary>
    internal string? LastError { get; set; }

    /// <summary>The last injected fault that has been reported.</summary>
    internal FaultFiring? LastFiring { get; set; }

    /// <summary>The names of its sites, made once: a recovery names the site that struck and has no time to spare.</summary>
    internal string[]? SiteNames { get; set; }

    /// <summary>How deep it may go into a stack, see <see cref="StackBudget"/>.</summary>
    internal int StackSteps { get; set; } = StackBudget.StepsOfPrograms;

    /// <summary>The device it drives.</summary>
    internal IPciFunctionBackend? Device { get; set; }

    /// <summary>The IOMMU table of that device.</summary>
    internal DmaWindow? Window { get; set; }

    /// <summary>The domain whose driver this one shadows.</summary>
    internal Domain? Shadowed { get; set; }

    /// <summary>Whether another domain shadows this one, and so can ask for its next generation.</summary>
    internal bool HasShadow { get; set; }

    /// <summary>How long a call into it may take.</summary>
    internal long CallDeadlineMicros =>
        Description.CallDeadlineMicros ?? (HasShadow ? CallDeadline.ShadowedMicros : CallDeadline.OthersMicros);

    /// <summary>Whether there is to be a generation of it: not before it has been loaded, nor after it has been taken away.</summary>
    internal bool IsLoaded => Volatile.Read(ref isLoaded) != 0;

    /// <summary>How often it has been loaded.</summary>
    internal uint LoadCount => Volatile.Read(ref loadCount);

    /// <summary>The event of a shadow that can do without it; null when it has none.</summary>
    internal KernelEvent? LoadSignal
    {
        get => Volatile.Read(ref loadSignal);
        set => Volatile.Write(ref loadSignal, value);
    }

    /// <summary>Whether it provides a contract, as far as is known: of what is loaded later it is not.</summary>
    internal bool MayProvide(string contract) => Image is not { } image || image.Manifest.Provides.Contains(contract);

    /// <summary>Whether its shadow can do without it.</summary>
    internal bool MayBeAbsent { get; set; }

    /// <summary>It is there from now on, once its shadow has brought it up.</summary>
    internal void MarkLoaded()
    {
        Budget = new RestartBudget(Description.Restart);
        HasGivenUp = false;
        IsRetired = false;
        Volatile.Write(ref isLoading, 1);
        Volatile.Write(ref isLoaded, 1);
        Interlocked.Increment(ref loadCount);
    }

    /// <summary>Whether what is brought up has just been loaded; true once.</summary>
    internal bool TakeLoad() => Interlocked.Exchange(ref isLoading, 0) != 0;

    /// <summary>
    /// It is not to be brought up again until it is loaded. Exchanged: whoever brings one up meanwhile either sees this, or has made it
    /// the present generation, which is killed next.
    /// </summary>
    internal void MarkUnloaded() => Interlocked.Exchange(ref isLoaded, 0);

    /// <summary>The next recovery is a reload, which is no restart to be counted.</summary>
    internal void MarkReload() => Volatile.Write(ref isReloading, 1);

    /// <summary>Whether the recovery under way is a reload; true once.</summary>
    internal bool TakeReload() => Interlocked.Exchange(ref isReloading, 0) != 0;

    /// <summary>Puts another image in the place of the present one, which is kept until <see cref="ConfirmImage"/>.</summary>
    internal void ChangeImage(DomainImage image)
    {
        (PreviousImage, Image) = (Image, image);
        ForgetSites();
    }

    /// <summary>A generation of the present image has started: there is no way back to the one before.</summary>
    internal void ConfirmImage() => PreviousImage = null;

    /// <summary>Goes back to the image before a reload.</summary>
    /// <returns>False when there is none.</returns>
    internal bool TryRestoreImage()
    {
        if (PreviousImage is not { } previous)
        {
            return false;
        }

        (Image, PreviousImage) = (previous, null);
        ForgetSites();
        return true;
    }

    private void ForgetSites() => SiteNames = null;
}
