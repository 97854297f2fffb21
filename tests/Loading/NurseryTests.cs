using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Scheduling;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Loading;

/// <summary>Where the first code of a domain runs, and what becomes of one that fails there.</summary>
public sealed class NurseryTests : IDisposable
{
    private const string Methods = """
        public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) => default(Unit);
        public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-nursery-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Run_Body_HasTheDomainAtItsBottomAndAnAlignedStack()
    {
        using var system = new Executors.TestSystem();
        using var nursery = new Nursery(system.Group);
        DomainGate gate = system.AddDomain("domain").Gate;
        (byte[] assembly, byte[] symbols) = DomainCompiler.Compile("public sealed class D : IDomain { " + Methods + " }");
        LoadedDomain loaded = DomainLoader.Load(assembly, symbols, typeof(IDomain), "D", "test.dll");
        (uint Domain, bool IsOnAlignedStack) seen = default;

        nursery.Run(
            gate,
            new Initialization(loaded),
            () => seen = (KernelThread.Current!.Context.CurrentDomain, AlignedStack.RemainingBytes > AlignedStack.SizeBytes / 2),
            TimeSpan.FromSeconds(60));

        Assert.Equal((gate.Id, true), seen);
        loaded.Context.Unload();
    }

    [Theory]
    [InlineData("public D() => throw new InvalidOperationException();", "the constructor of D threw System.InvalidOperationException")]
    [InlineData("static readonly int X = int.Parse(\"x\");", "the static constructor of D threw System.FormatException")]
    public void Boot_ConstructorThatThrows_FailsWithItsNameAndIsReclaimed(string member, string expected)
    {
        Write("Test", "public sealed class D : IDomain { " + member + Methods + " }");

        BootException exception = Assert.Throws<BootException>(() => Boot());

        Assert.EndsWith($"Domain.dll: {expected}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public D() => Spin.Forever();", "the constructor of D")]
    [InlineData("static readonly int X = Spin.Forever();", "the static constructor of D")]
    public void Boot_ConstructorThatDoesNotEnd_FailsWithItsName(string member, string expected)
    {
        const string Spin = """
            static class Spin {
                public static int Forever() {
                    while (true) { }
                }
            }
            """;
        Write("Test", Spin + "public sealed class D : IDomain { " + member + Methods + " }");

        BootException exception = Assert.Throws<BootException>(() => Boot(TimeSpan.FromSeconds(4)));

        Assert.Equal($"Test: {expected} did not end within 4 s", exception.Message);
    }

    [Theory]
    [InlineData("public D() => Hoarder.Run();", "the constructor of D")]
    [InlineData("static readonly int X = Hoarder.Run();", "the static constructor of D")]
    public void Boot_ConstructorThatAllocatesWithoutEnd_IsKilledForItsLimit(string member, string expected)
    {
        const string Hoarder = """
            static class Hoarder {
                public static int Run() {
                    var kept = new object[1];
                    while (true) kept[0] = new byte[1000];
                }
            }
            """;
        const string Limits = "limits: {allocatedMebibytesPerSecond: 1, allocatedBurstMebibytes: 8}\n";
        Write("Test", Hoarder + "public sealed class D : IDomain { " + member + Methods + " }", Limits);

        BootException exception = Assert.Throws<BootException>(() => Boot());

        Assert.EndsWith(
            $"{expected} was broken off: it has allocated more than 1 MiB a second and 8 MiB saved up", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boot_ConstructorsWithinTheirLimit_AreNotChargedForWhatTheKernelAllocates()
    {
        string types = string.Concat(Enumerable.Range(0, 300).Select(number => $$"""
            public static class C{{number}} {
                static readonly int X = Math.Abs({{number}});
                static int A() => X; static int B() => X + 1; static int C() => X + 2;
            }
            """));
        Write("Test", types + "public sealed class D : IDomain { " + Methods + " }", "limits: {allocatedMebibytesPerSecond: 1}\n");

        using TestSystem system = Boot();

        Assert.DoesNotContain(system.Log, line => line.StartsWith("202 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Standby_RehearsalThatNeverEnds_IsKilledAndTheNextDoesWithout()
    {
        const string Driver = """
            public sealed class D : IDomain {
                public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                    KernelEvent never = KernelEvent.Create(context);
                    while (services.Generation == 0) never.Wait(context, 1);
                    return default(Unit);
                }
                public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            }
            """;
        DomainCompiler.WriteFolder(Path.Combine(folder, "Test"), "name: Test\nentry: D\ndevice: pci\n", Driver);
        Write("Shadow", "public sealed class D : IDomain { " + Methods + " }");
        using TestSystem system = Boot(
            TimeSpan.FromSeconds(4),
            """
            devices:
              - {name: disk0, model: nvme}
            domains:
              - {name: Test, device: disk0, restart: {standby: 2}}
              - {name: Shadow, shadows: Test}
            """);

        bool HasFailed() => system.Log.Contains("223 \"Test\": no standby: \"Test: its rehearsal did not end within 4 s\"");
        Assert.True(SpinWait.SpinUntil(HasFailed, TimeSpan.FromSeconds(60)), string.Join('\n', system.Log));
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
        ReclaimRecord failed = Assert.Single(system.System.Reclaims);
        Assert.Equal(("Test", 2u, true, string.Empty), (failed.Domain, failed.Generation, failed.IsCollected, failed.Detail));
        system.System.Shutdown();
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
        Assert.Contains(system.System.Reclaims, record => record is { Domain: "Test", Generation: 4, IsCollected: true });
    }

    private void Write(string name, string source, string limits = "") =>
        DomainCompiler.WriteFolder(Path.Combine(folder, name), $"name: {name}\nentry: D\n{limits}", source);

    private TestSystem Boot(TimeSpan? patience = null, string description = "domains:\n  - {name: Test}\n") =>
        new(SystemDescription.Parse("test.yaml", description), domainsFolder: folder, constructorPatience: patience);
}
