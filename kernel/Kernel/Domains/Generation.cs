using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Loading;

namespace RedLeafSharp.Kernel.Domains;

/// <summary>
/// One life of a domain: its code, its gate, its proxies and its rights. After its death everything here is let go by
/// <see cref="Detach"/>, so that the code can be collected.
/// </summary>
internal sealed class Generation
{
    private readonly Dictionary<Type, IProxy> provided = [];
    private DomainLoadContext? context;
    private IProxy? entryProxy;
    private PciFunction? device;
    private Death? death;
    private int isHandedOver;
    private int isBeingFenced;

    private readonly Action<DomainLoadContext> giveBack;

    /// <param name="domainName">Whose generation it is.</param>
    /// <param name="number">Which one.</param>
    /// <param name="gate">Its gate.</param>
    /// <param name="context">Its code.</param>
    /// <param name="giveBack">What becomes of the code; it is unloaded if null.</param>
    internal Generation(
        string domainName, uint number, DomainGate gate, DomainLoadContext context, Action<DomainLoadContext>? giveBack = null)
    {
        this.giveBack = giveBack ?? (code => code.Unload());
        DomainName = domainName;
        Number = number;
        Gate = gate;
        this.context = context;
        gate.Domain = this;
        LoadContext = new WeakReference(context, trackResurrection: true);
    }

    internal string DomainName { get; }

    /// <summary>1 for the first generation.</summary>
    internal uint Number { get; }

    internal DomainGate Gate { get; }

    internal uint Id => Gate.Id;

    /// <summary>
    /// The proxy of the entry object, an IDomain or IProgram; null before <see cref="Adopt"/> and after <see cref="Detach"/>.
    /// </summary>
    internal object? Entry => entryProxy;

    /// <summary>The device rights given to this generation; null without any, and when the device has been fenced.</summary>
    internal PciFunction? Device
    {
        get => Volatile.Read(ref device);
        set => Volatile.Write(ref device, value);
    }

    /// <summary>What it was made of; null for a process.</summary>
    internal DomainImage? Image { get; init; }

    /// <summary>What it may use.</summary>
    internal required DomainLimits Limits { get; init; }

    /// <summary>Whether the supervisor has it reclaimed as soon as it is dead, because nobody asks for a successor.</summary>
    internal bool IsReclaimedAtDeath { get; init; }

    /// <summary>When the generation was started, in microseconds of uptime.</summary>
    internal long StartedMicros { get; set; }

    /// <summary>When its death was noticed; 0 while it lives.</summary>
    internal long DiedMicros => Volatile.Read(ref death)?.Micros ?? 0;

    /// <summary>What killed it: the type of an exception, or why the kernel did.</summary>
    internal string Cause => Volatile.Read(ref death)?.Cause ?? string.Empty;

    /// <summary>Tells whether the code is still in memory.</summary>
    internal WeakReference LoadContext { get; }

    /// <summary>Notes its death. Threads of the host and of executors may try at the same time; one succeeds.</summary>
    internal bool TryDie(long nowMicros, string cause) =>
        Interlocked.CompareExchange(ref death, new Death(Math.Max(1, nowMicros), cause), null) is null;

    /// <summary>The device, for the one who is to fence it, and null for all others.</summary>
    internal PciFunction? TakeDevice() =>
        Device is { } taken && Interlocked.Exchange(ref isBeingFenced, 1) == 0 ? taken : null;

    /// <summary>The device can do nothing for this generation any more: what it held may have the next owner.</summary>
    internal void NoteFenced() => Device = null;

    /// <summary>Whether nobody has handed it to the reclaimer before.</summary>
    internal bool TryHandOver() => Interlocked.Exchange(ref isHandedOver, 1) == 0;

    /// <summary>Takes the entry object, which has been made by a thread of the generation.</summary>
    internal void Adopt(Type contract, object entry) => entryProxy = (IProxy)ContractProxies.Create(contract, entry, Gate);

    /// <summary>Lets the first caller in.</summary>
    internal void Open() => Gate.TryChange(GateState.NotStarted, Gate.HomeExecutorId);

    /// <summary>Publishes an implementation of a contract, once: others may have the proxy of the first already.</summary>
    /// <returns>False when the contract has been provided before.</returns>
    internal bool TryProvide(Type contract, object implementation) =>
        provided.TryAdd(contract, (IProxy)ContractProxies.Create(contract, implementation, Gate));

    /// <summary>The proxy of a provided contract, or null.</summary>
    internal object? FindProvided(Type contract) => provided.GetValueOrDefault(contract);

    /// <summary>Drops every reference to domain objects and starts unloading. Nobody may be inside any more.</summary>
    internal void Detach()
    {
        foreach (IProxy proxy in provided.Values)
        {
            proxy.Detach();
        }

        entryProxy?.Detach();
        entryProxy = null;
        if (context is not null)
        {
            giveBack(context);
            context = null;
        }
    }

    /// <summary>When and why.</summary>
    private sealed record Death(long Micros, string Cause);
}
