namespace RedLeafSharp.Contracts;

/// <summary>
/// The entry class of a domain. Its constructor takes no argument and may only prepare memory: a standby generation is
/// constructed long before it is started.
/// </summary>
/// <remarks>
/// A controller states how long it may take to become ready, mostly seconds (NVMe 1.4 section 3.1.1, CAP.TO), and a file system may
/// have a journal to replay.
/// </remarks>
[DomainContract]
[MayTake(30)]
[States("constructed", "started", "stopped")]
public interface IDomain
{
    /// <summary>
    /// Takes up work: asks for what the domain requires, sets up its device, provides its contracts. Called once for each
    /// object. A driver's may be called on another object of the same assembly before, in a rehearsal (docs/supervision.md).
    /// </summary>
    /// <param name="context">The kernel calls.</param>
    /// <param name="services">The domain's rights; to be kept in a field.</param>
    /// <returns>An error when the domain cannot work; it says why with <see cref="DomainServices.Report"/>.</returns>
    [LeadsTo("started")]
    Reply<Unit, DomainError> Start(CallContext context, DomainServices services);

    /// <summary>
    /// Ends orderly: flushes, leaves its device quiet. Not called on a domain that has faulted.
    /// </summary>
    /// <param name="context">The kernel calls.</param>
    [LegalIn("constructed", "started")]
    [LeadsTo("stopped")]
    Reply<Unit, DomainError> Stop(CallContext context);
}

/// <summary>Why a domain cannot start or stop.</summary>
public enum DomainError
{
    /// <summary>Success; not an error.</summary>
    None = 0,

    /// <summary>A setting of the system file has a wrong value.</summary>
    BadSetting = 1,

    /// <summary>The device does not answer as its specification says, or lacks what the driver needs.</summary>
    DeviceUnusable = 2,

    /// <summary>What the domain works on (a disk image, say) is damaged or of an unknown format.</summary>
    BadData = 3,

    /// <summary>A domain that this one depends on does not answer.</summary>
    DependencyFailed = 4,

    /// <summary>Memory or another bounded resource is used up.</summary>
    OutOfResources = 5,

    /// <summary>The domain has not been loaded, or has been taken away; another may come.</summary>
    NotLoaded = 6,
}
