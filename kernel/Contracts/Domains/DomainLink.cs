namespace RedLeafSharp.Contracts;

/// <summary>
/// A shadow's view of the driver it shadows: the proxy of the present generation, and the way to the next one.
/// </summary>
/// <typeparam name="T">The contract.</typeparam>
[Capability]
public sealed class DomainLink<T>
    where T : class
{
    private readonly IDomainLinkBackend backend;
    private object target;

    internal DomainLink(IDomainLinkBackend backend)
    {
        this.backend = backend;
        target = backend.Target;
    }

    /// <summary>
    /// How often a provider has been loaded: 1 for one that started with the system, one more whenever one is put where there was
    /// none. At 0 there is no <see cref="Target"/>.
    /// </summary>
    public uint LoadCount => backend.LoadCount;

    /// <summary>The proxy of the present generation. Calls through it may fault; then <see cref="Recover"/>.</summary>
    public T Target => System.Runtime.CompilerServices.Unsafe.As<T>(target);

    /// <summary>The generation behind <see cref="Target"/>, counted from 1.</summary>
    public uint Generation => backend.Generation;

    /// <summary>
    /// Brings up the next generation, on this thread: the device is fenced, which ends all grants, and a standby is started, or
    /// a generation that is made now. After success <see cref="Target"/> is the new generation and every grant has to be made
    /// again.
    /// </summary>
    /// <returns>
    /// The new generation, or the fault <see cref="Fault.GaveUp"/> when the restart budget is spent: then the driver stays
    /// dead, and the shadow must answer with legal errors. <see cref="Fault.Busy"/> when another call of it is under way.
    /// <see cref="DomainError.NotLoaded"/> when the provider has been taken away: with a greater <see cref="LoadCount"/> there is
    /// another one to be brought up.
    /// </returns>
    public Reply<uint, DomainError> Recover(CallContext context)
    {
        Reply<uint, DomainError> reply = backend.Recover(context);
        target = backend.Target;
        return reply;
    }

    /// <summary>The event that is signaled when a provider has been loaded or taken away. It replaces the last one.</summary>
    public void SetSignal(KernelEvent signal) => backend.SetSignal(signal);
}

/// <summary>The kernel's side of <see cref="DomainLink{T}"/>.</summary>
internal interface IDomainLinkBackend
{
    object Target { get; }

    uint Generation { get; }

    uint LoadCount => 1;

    Reply<uint, DomainError> Recover(CallContext context);

    void SetSignal(KernelEvent signal)
    {
    }
}
