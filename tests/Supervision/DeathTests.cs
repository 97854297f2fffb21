using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Serilog.Events;
using Xunit;

namespace RedLeafSharp.Tests.Supervision;

/// <summary>Deaths in a booted system: who is blamed, what is taken back, what the log says.</summary>
public sealed class DeathTests : IDisposable
{
    /// <summary>
    /// Enables the controller with an admin submission queue where the domain owns nothing, and waits for CSTS.CFS (NVMe 1.4, 3.1.6).
    /// </summary>
    private const string HostileDriver = """
        public sealed class D : IDomain {
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                PciFunction device = services.Device;
                device.WriteConfiguration(4, device.ReadConfiguration(4) | 6);
                MmioRegion registers = device.MapBar(0);
                registers.Write32(0x24, 0x000f000f);
                registers.Write64(0x28, TARGET);
                registers.Write64(0x30, TARGET + 4096);
                registers.Write32(0x14, 0x00460001);
                for (int round = 0; round < 1000 && (registers.Read32(0x1c) & 3) == 0; round++)
                    KernelEvent.Create(context).Wait(context, 100);
                registers.Write32(0x1000, 1);
                for (int round = 0; round < 1000 && (registers.Read32(0x1c) & 2) == 0; round++)
                    KernelEvent.Create(context).Wait(context, 100);
                return default(Unit);
            }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-death-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("0x200000UL")]
    [InlineData("0xffffffffff000UL")]
    public void Driver_ProgramsAnAddressOutsideItsLoans_IsRefusedAndNamed(string target)
    {
        DomainCompiler.WriteFolder(
            Path.Combine(folder, "Hostile"), "name: Hostile\nentry: D\ndevice: pci\n", HostileDriver.Replace("TARGET", target));
        using var system = new TestSystem(
            SystemDescription.Parse("test.yaml", """
                devices:
                  - {name: disk0, model: nvme}
                domains:
                  - {name: Hostile, device: disk0}
                """),
            domainsFolder: folder);

        LogEvent line = Assert.Single(system.Events, one => IdOf(one) == 211);

        Assert.Equal("\"Hostile\"", line.Properties["Domain"].ToString());
        Assert.Equal("1", line.Properties["Generation"].ToString());
        Assert.Equal(0, system.System.Census().TotalBytes);
        system.System.Shutdown();
    }

    [Fact]
    public void Kill_FromTheHostWhileTheDriverWorks_LosesNothing()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(100_000, extraDevice: ", completion: deferred"));
        bool isOver = false;
        var killer = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                int seen = system.System.Restarts.Count;
                system.System.Kill("Nvme");
                SpinWait.SpinUntil(() => system.System.Restarts.Count > seen || Volatile.Read(ref isOver));
            }
        });
        killer.Start();
        (int status, string output) = system.Shell(
            "seq 20000 > /a && for n in 1 2 3; do cp /a /b && sync && cmp /a /b && rm /b; done");
        Volatile.Write(ref isOver, true);
        killer.Join();

        Assert.Equal((0, ""), (status, output));
        Assert.NotEmpty(system.System.Restarts);
        Assert.Contains(system.System.Restarts, restart => restart.Cause == "killed from outside");
        system.System.Shutdown();
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(30)));
        Assert.All(system.System.Reclaims, record => Assert.Equal(string.Empty, record.Detail));
    }

    [Fact]
    public void Kill_OfADomainWithoutShadow_ReclaimsIt()
    {
        using var system = new TestSystem();
        Assert.Equal((0, ""), system.Shell("seq 20000 > /a"));

        system.System.Kill("Ext4");

        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(20)));
        ReclaimRecord record = Assert.Single(system.System.Reclaims, one => one.Domain == "Ext4");
        Assert.True(record.ExchangeBytesReclaimed > 0);
        Assert.Equal((true, 0L, string.Empty), (record.IsCollected, record.ExchangeBytesLeft, record.Detail));
        BootException exception = Assert.Throws<BootException>(() => system.Shell("cat /a"));
        Assert.Equal("the personality's Adopt answered Error(InputOutput)", exception.Message);
    }

    [Fact]
    public void Budget_Spent_StandbysAreReclaimed()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(restartsMax: 0, standbyCount: 2));
        system.System.Kill("Nvme");
        Assert.NotEqual(0, system.Shell("seq 20000 > /a && sync").Status);

        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(20)));
        Assert.All(system.System.Reclaims, record => Assert.True(record.IsCollected, record.ToString()));
        Assert.Contains(system.Log, line => line.StartsWith("222 ", StringComparison.Ordinal));
        Assert.True(
            SpinWait.SpinUntil(() => system.System.Reclaims.Count(record => record.Domain == "Nvme") >= 2, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Log_EveryLineOfADomain_NamesItAndItsGeneration()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(100), crashSites: true);
        system.System.Crashes("Nvme").ArmAfter(0);
        Assert.Equal((0, ""), system.Shell("seq 2000 > /a && sync"));
        system.System.Kill("Nvme");
        Assert.Equal((0, ""), system.Shell("rm /a && sync"));
        system.System.Shutdown();
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(20)));

        int[] ids = [.. system.Events.Select(IdOf).Distinct().Order()];
        Assert.Empty(new[] { 100, 101, 110, 111, 200, 201, 210, 220, 230 }.Except(ids));
        Assert.DoesNotContain(-1, ids);
        Assert.All(
            system.Events.Where(one => IdOf(one) > 101),
            one => Assert.True(
                one.Properties.ContainsKey("Domain") && one.Properties.ContainsKey("Generation"), one.RenderMessage()));
    }

    [Theory]
    [InlineData("provides: [IBlockDevice]\n", "Test has not provided IBlockDevice")]
    [InlineData("", "no domain listed before it provides IBlockDevice")]
    public void Boot_ProviderThatDoesNotProvide_IsNamed(string provides, string expected)
    {
        const string Source = """
            public sealed class D : IDomain {
                public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                    if (services.TryGetText("asks", out _)) services.Require<IBlockDevice>();
                    return default(Unit);
                }
                public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            }
            """;
        DomainCompiler.WriteFolder(Path.Combine(folder, "Test"), $"name: Test\nentry: D\n{provides}", Source);
        DomainCompiler.WriteFolder(Path.Combine(folder, "User"), "name: User\nentry: D\nrequires: [IBlockDevice]\n", Source);

        BootException exception = Assert.Throws<BootException>(() => new TestSystem(
            SystemDescription.Parse("test.yaml", "domains:\n  - {name: Test}\n  - {name: User, settings: {asks: x}}\n"),
            domainsFolder: folder));

        Assert.Equal($"User cannot start: {expected}", exception.Message);
    }

    [Theory]
    [InlineData("{name: A, device: d}, {name: B, device: d}", "domain 'A': another one has the same 'device' or 'shadows'")]
    [InlineData("{name: A, device: d}, {name: B, shadows: A, executor: 1}", "domain 'B' must be on the executor of 'A', which it shadows")]
    public void Parse_DevicesThatWouldBeShared_AreRefused(string domains, string expected)
    {
        BootException exception = Assert.Throws<BootException>(() => SystemDescription.Parse(
            "test.yaml", $"executors: 2\ndevices: [{{name: d, model: nvme}}]\ndomains: [{domains}]\n"));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static int IdOf(LogEvent one) =>
        one.Properties.TryGetValue("EventId", out LogEventPropertyValue? value) && value is ScalarValue { Value: int id } ? id : -1;
}
