using System.Numerics;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>
/// A driver for 82574L Ethernet controllers. Neighbours: below, the PCI function's registers and DMA memory; above, a shadow that
/// speaks <see cref="INetDevice"/>. Frames are named by bus address and never seen. docs/e1000e.md gives the tour.
/// </summary>
[CompletesCalls]
public sealed class E1000eDomain : IDomain
{
    private E1000eNetDevice? netDevice;

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        if (!TryReadSettings(services, out E1000eSettings settings, out long timeoutMicros))
        {
            return DomainError.BadSetting;
        }

        PciFunction device = services.Device;
        if (device.ReadConfiguration(E1000eSpec.PciIdentity) != E1000eSpec.Identity82574)
        {
            return Unusable(services, "the function is not an 82574L");
        }

        PciSetup.Enable(device);
        var registers = new Registers(device.MapBar(0));
        if (!registers.AreUsable)
        {
            return Unusable(services, "the controller's registers do not answer");
        }

        var controller = new E1000eController(context, device, registers, in settings);
        if (controller.Start(context) is string error)
        {
            return Unusable(services, error);
        }

        netDevice = new E1000eNetDevice(context, controller, services, timeoutMicros);
        services.Provide<INetDevice>(netDevice);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context)
    {
        netDevice?.ShutDown(context);
        return default(Unit);
    }

    private static bool TryReadSettings(DomainServices services, out E1000eSettings settings, out long timeoutMicros)
    {
        settings = default;
        long receive = services.GetNumber("receiveEntries", E1000eLimits.RingEntriesDefault);
        long transmit = services.GetNumber("transmitEntries", E1000eLimits.RingEntriesDefault);
        long mtu = services.GetNumber("mtuBytes", 1500);
        long interruptMicros = services.GetNumber("interruptMicros", 0);
        timeoutMicros = services.GetNumber("timeoutMicros", E1000eLimits.SendTimeoutMicros);
        string completion = services.TryGetText("completion", out string? text) ? text : "interrupt";
        string? wrong =
            !IsRingSize(receive) || !IsRingSize(transmit)
                ? $"receiveEntries and transmitEntries must be powers of two, {E1000eLimits.RingEntriesMin} to {E1000eLimits.RingEntriesMax}"
            : mtu is < E1000eLimits.MtuMin or > E1000eLimits.MtuMax
                ? $"mtuBytes is {mtu}; it must be {E1000eLimits.MtuMin} to {E1000eLimits.MtuMax}"
            : interruptMicros is < 0 or > 16_000 ? $"interruptMicros is {interruptMicros}; it must be 0 to 16000"
            : timeoutMicros <= 0 ? $"timeoutMicros is {timeoutMicros}; it must be positive"
            : completion is not ("interrupt" or "polled") ? $"completion is '{completion}'; it must be 'interrupt' or 'polled'"
            : null;
        if (wrong is not null)
        {
            services.Report(Severity.Error, wrong);
            return false;
        }

        settings = new E1000eSettings((int)receive, (int)transmit, (int)mtu, completion == "interrupt", (int)interruptMicros);
        return true;
    }

    private static bool IsRingSize(long entries) =>
        entries is >= E1000eLimits.RingEntriesMin and <= E1000eLimits.RingEntriesMax && BitOperations.IsPow2(entries);

    private static DomainError Unusable(DomainServices services, string reason)
    {
        services.Report(Severity.Error, reason);
        return DomainError.DeviceUnusable;
    }
}
