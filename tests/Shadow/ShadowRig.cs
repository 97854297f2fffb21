using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.BlockShadow;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Shadow;

/// <summary>A shadow over a link of the test's choice, started as the kernel would.</summary>
internal static class ShadowRig
{
    internal static TestServices Start(
        TestThread thread, IDomainLinkBackend link, DeviceLoans loans, long timeoutMicros = 1_000_000)
    {
        var services = new TestServices { Link = link, Loans = loans };
        services.Settings["timeoutMicros"] = timeoutMicros;
        Reply<Unit, DomainError> started = new BlockShadowDomain().Start(thread.Context, new DomainServices(services));
        Assert.True(started.IsOk, string.Join("; ", services.Reports));
        return services;
    }

    internal static BlockDeviceRig Client(TestThread thread, CrashingDriver driver) =>
        new(thread, (IBlockDevice)Start(thread, driver, new DeviceLoans(driver.Window)).Provided[typeof(IBlockDevice)]);

    internal static ShadowStatistics Statistics(this BlockDeviceRig rig) =>
        ((IShadowStatistics)rig.Device).GetStatistics(rig.Context).Value;
}
