using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.Nvme;

/// <summary>
/// A driver for NVMe controllers. Neighbours: below, the PCI function's registers and DMA memory; above, a shadow that
/// speaks <see cref="IBlockDevice"/>. Payload is named by bus address and never seen. docs/nvme-driver.md gives the tour.
/// </summary>
[CompletesCalls]
public sealed class NvmeDomain : IDomain
{
    private NvmeBlockDevice? blockDevice;

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        if (!TryReadSettings(services, out NvmeSettings settings))
        {
            return DomainError.BadSetting;
        }

        PciFunction device = services.Device;
        if (device.ReadConfiguration(NvmeSpec.PciClass) >> 8 != NvmeSpec.PciClassNvme)
        {
            return Unusable(services, "the function is not an NVMe controller");
        }

        PciSetup.Enable(device);
        var registers = new Registers(device.MapBar(0));
        if (!registers.AreUsable)
        {
            return Unusable(services, "the controller's capabilities are not those of an NVMe 1.x controller with 4 KiB pages");
        }

        var controller = new NvmeController(context, device, registers, in settings);
        if (controller.Start(context) is string error)
        {
            return Unusable(services, error);
        }

        blockDevice = new NvmeBlockDevice(context, controller, services, settings.TimeoutMicros);
        services.Provide<IBlockDevice>(blockDevice);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context)
    {
        blockDevice?.ShutDown(context);
        return default(Unit);
    }

    private static bool TryReadSettings(DomainServices services, out NvmeSettings settings)
    {
        settings = default;
        long depth = services.GetNumber("queueDepth", NvmeLimits.QueueDepthDefault);
        long timeoutMicros = services.GetNumber("timeoutMicros", NvmeLimits.CommandTimeoutMicros);
        string completion = services.TryGetText("completion", out string? text) ? text : "interrupt";
        if (depth is < 1 or > NvmeLimits.QueueDepthMax)
        {
            services.Report(Severity.Error, $"queueDepth is {depth}; it must be 1 to {NvmeLimits.QueueDepthMax}");
        }
        else if (timeoutMicros < NvmeLimits.TicksPerTimeout)
        {
            services.Report(Severity.Error, $"timeoutMicros is {timeoutMicros}; it must be {NvmeLimits.TicksPerTimeout} or more");
        }
        else if (completion is not ("interrupt" or "polled"))
        {
            services.Report(Severity.Error, $"completion is '{completion}'; it must be 'interrupt' or 'polled'");
        }
        else
        {
            settings = new NvmeSettings((int)depth, completion == "interrupt", timeoutMicros);
            return true;
        }

        return false;
    }

    private static DomainError Unusable(DomainServices services, string reason)
    {
        services.Report(Severity.Error, reason);
        return DomainError.DeviceUnusable;
    }
}
