using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.BlockShadow;

/// <summary>
/// Stands before a block driver and lets nobody notice its death. Neighbours: below, the driver through a link that the
/// kernel renews; above, whoever uses the disk. docs/block-shadow.md argues why a replay is harmless.
/// </summary>
[CompletesCalls]
public sealed class BlockShadowDomain : IDomain
{
    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        long timeoutMicros = services.GetNumber("timeoutMicros", ShadowLimits.TimeoutMicros);
        if (timeoutMicros <= 0)
        {
            services.Report(Severity.Error, $"timeoutMicros is {timeoutMicros}; it must be positive");
            return DomainError.BadSetting;
        }

        var driver = new ShadowedDriver(services.RequireLink<IBlockDevice>(), services, timeoutMicros);
        if (!driver.TryStart(context, out BlockGeometry geometry))
        {
            services.Report(Severity.Error, "the driver does not say what its device is like");
            return DomainError.DependencyFailed;
        }

        var ledger = new Ledger(in geometry, services.Loans);
        driver.Attach(ledger);
        var shadow = new ShadowBlockDevice(context, in geometry, ledger, driver);
        services.Provide<IBlockDevice>(shadow);
        services.Provide<IShadowStatistics>(shadow);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
}
