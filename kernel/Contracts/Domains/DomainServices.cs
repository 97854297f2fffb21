using System.Diagnostics.CodeAnalysis;

namespace RedLeafSharp.Contracts;

/// <summary>
/// The rights of one generation of a domain, as its manifest and the system file grant them.
/// </summary>
[Capability]
public sealed class DomainServices
{
    private readonly IDomainServicesBackend backend;

    internal DomainServices(IDomainServicesBackend backend) => this.backend = backend;

    /// <summary>
    /// The generation of the domain: 1 for the first, one more for each that is made after it; 0 in a rehearsal.
    /// </summary>
    public uint Generation => backend.Generation;

    /// <summary>The contract of another domain, as a proxy that stays bound to the generation that is alive now.</summary>
    /// <typeparam name="T">A contract that the manifest requires.</typeparam>
    /// <exception cref="InvalidOperationException">The manifest does not require the contract, or nobody provides it.</exception>
    public T Require<T>()
        where T : class => (T)backend.Require(typeof(T));

    /// <summary>The contract of one of several domains that the system file lets this one use.</summary>
    /// <typeparam name="T">A contract that the manifest requires.</typeparam>
    /// <param name="provider">The domain's name in the system file.</param>
    /// <exception cref="InvalidOperationException">The system file does not name that provider, or it provides nothing.</exception>
    public T Require<T>(string provider)
        where T : class => (T)backend.Require(typeof(T), provider);

    /// <summary>A restartable provider of a contract, for a shadow.</summary>
    /// <typeparam name="T">A contract that the manifest requires.</typeparam>
    /// <exception cref="InvalidOperationException">The manifest does not require the contract, or nobody provides it.</exception>
    public DomainLink<T> RequireLink<T>()
        where T : class => new(backend.RequireLink(typeof(T)));

    /// <summary>As <see cref="RequireLink{T}"/>, for a shadow that can do without a provider: one may be loaded later, or taken away.</summary>
    /// <typeparam name="T">A contract that the manifest requires.</typeparam>
    /// <exception cref="InvalidOperationException">The manifest does not require the contract, or the system file names nobody.</exception>
    public DomainLink<T> RequireLinkForLater<T>()
        where T : class => new(backend.RequireLinkForLater(typeof(T)));

    /// <summary>Publishes an implementation of a contract; other domains reach it through a proxy only.</summary>
    /// <typeparam name="T">A contract that the manifest provides.</typeparam>
    /// <exception cref="InvalidOperationException">The manifest does not provide the contract.</exception>
    public void Provide<T>(T implementation)
        where T : class => backend.Provide(typeof(T), implementation);

    /// <summary>The PCI function of the domain.</summary>
    /// <exception cref="InvalidOperationException">The system file gives the domain no device.</exception>
    public PciFunction Device => backend.Device;

    /// <summary>A shadow's right to grant loans to the device of the driver that it shadows.</summary>
    /// <exception cref="InvalidOperationException">The domain shadows no driver.</exception>
    public DeviceLoans Loans => backend.Loans;

    /// <summary>A number from the domain's settings in the system file.</summary>
    /// <exception cref="InvalidOperationException">The setting is there but is no number.</exception>
    public long GetNumber(string name, long defaultValue) => backend.GetNumber(name, defaultValue);

    /// <summary>A text from the domain's settings in the system file.</summary>
    public bool TryGetText(string name, [NotNullWhen(true)] out string? text) => backend.TryGetText(name, out text);

    /// <summary>
    /// Writes one line to the system's log, with the domain's name and generation. The last line of severity
    /// <see cref="Severity.Error"/> before a failed start is what the user is told.
    /// </summary>
    public void Report(Severity severity, string message) => backend.Report(severity, message);
}

/// <summary>How much a line of the log matters.</summary>
public enum Severity
{
    /// <summary>Detail for whoever debugs the domain.</summary>
    Debug,

    /// <summary>Something that happens in normal work and is worth knowing.</summary>
    Information,

    /// <summary>Something was wrong and has been dealt with.</summary>
    Warning,

    /// <summary>Something was wrong and could not be dealt with.</summary>
    Error,
}

/// <summary>The kernel's side of <see cref="DomainServices"/>.</summary>
internal interface IDomainServicesBackend
{
    uint Generation { get; }

    PciFunction Device { get; }

    DeviceLoans Loans { get; }

    object Require(Type contract);

    object Require(Type contract, string provider) => throw new InvalidOperationException($"{provider} is not granted");

    IDomainLinkBackend RequireLink(Type contract);

    IDomainLinkBackend RequireLinkForLater(Type contract) => RequireLink(contract);

    void Provide(Type contract, object implementation);

    long GetNumber(string name, long defaultValue);

    bool TryGetText(string name, [NotNullWhen(true)] out string? text);

    void Report(Severity severity, string message);
}
