using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// Stands before a network driver and lets nobody notice its death. Neighbours: below, the driver through a link that the kernel
/// renews; above, a stack. docs/net-shadow.md says what a death costs those above.
/// </summary>
[CompletesCalls]
public sealed class NetShadowDomain : IDomain
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

        var driver = new ShadowedDriver(services.RequireLinkForLater<INetDevice>(), services, timeoutMicros);
        if (!driver.TryStart(context))
        {
            services.Report(Severity.Error, "the driver does not say what its device is like");
            return DomainError.DependencyFailed;
        }

        var shadow = new ShadowNetDevice(driver);
        services.Provide<INetDevice>(shadow);
        services.Provide<INetShadowStatistics>(shadow);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
}
