using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>How a system ends: in order, with somebody computing on, twice, or before it has begun.</summary>
public sealed class EndTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-end-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Dispose_Twice_DoesNothingTheSecondTime()
    {
        var system = new TestSystem();
        system.Dispose();
        system.Dispose();
    }

    [Fact]
    public void Boot_LastDomainDoesNotStart_StopsTheOthers()
    {
        WriteDomain("Early", "default(Unit)");
        WriteDomain("Late", "throw new InvalidOperationException()");
        using var log = new StringWriter();

        BootException exception = Assert.Throws<BootException>(() => RedLeafSystem.Boot(
            SystemDescription.Parse("test.yaml", "domains:\n  - {name: Early}\n  - {name: Late}\n"),
            new BootOptions
            {
                DomainsFolder = folder,
                Log = new LoggerConfiguration().WriteTo.Sink(new TextSink(log)).CreateLogger(),
            }));

        Assert.Equal("Late cannot start: its Start faulted (System.InvalidOperationException)", exception.Message);
        Assert.Contains("I have been stopped", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Shutdown_ProcessThatComputesOn_GivesUpWithItsName()
    {
        var system = new TestSystem(endPatience: TimeSpan.FromMilliseconds(300));
        bool mayEnd = false;
        using var started = new ManualResetEventSlim();
        var host = new Thread(() => system.System.Run("spinner", (context, posix) =>
        {
            started.Set();
            while (!Volatile.Read(ref mayEnd))
            {
            }

            return 0;
        }));
        host.Start();
        started.Wait();

        BootException exception = Assert.Throws<BootException>(system.System.Shutdown);

        Assert.Contains("the process spinner computes", exception.Message, StringComparison.Ordinal);
        Volatile.Write(ref mayEnd, true);
        host.Join();
        system.Dispose();
    }

    [Fact]
    public void RunProgram_PersonalityDiesUnderIt_IsAFailureThatSaysSo()
    {
        using var system = new TestSystem();
        CommandFailure? failure = null;
        var host = new Thread(() => failure = Assert.Throws<CommandFailure>(
            () => _ = HostProcess.RunProgram(system.System, "sh", "-c", "echo started; sleep 1000")));
        host.Start();
        system.WaitForOutput("started");

        system.System.Kill("Personality");
        host.Join();

        Assert.Equal("sh: the system does not answer any more", failure?.Message);
    }

    [Fact]
    public void Shutdown_ProcessesThatWait_EndsAndReportsThem()
    {
        using var system = new TestSystem();
        int status = -1;
        using var started = new ManualResetEventSlim();
        var host = new Thread(() => status = system.System.Run("sleeper", (context, posix) =>
        {
            Reply<int, Errno> child = posix.Spawn(context, "sleep\01000\0"u8, 0, 1, 2);
            started.Set();
            return posix.WaitForChild(context, child.Value).Value.Status;
        }));
        host.Start();
        started.Wait();

        system.System.Shutdown();
        host.Join();

        Assert.Equal(137, status);
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(20)));
        Assert.All(system.System.Reclaims, record => Assert.Equal(string.Empty, record.Detail));
        Assert.Equal(0, system.System.Census().TotalBytes);
    }

    [Fact]
    public void Shutdown_Standbys_AreReclaimedToo()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(100, standbyCount: 2));

        system.System.Shutdown();

        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(20)));
        Assert.All(system.System.Reclaims, record => Assert.True(record.IsCollected, record.ToString()));
        Assert.Contains(system.System.Reclaims, record => record is { Domain: "Nvme", Generation: 1 });
        Assert.Equal(4, system.Log.Count(line => line.StartsWith("111 ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Boot_TwoSystemsInOneProcess_DoNotMeet()
    {
        using var one = new TestSystem();
        using var other = new TestSystem();
        Assert.Equal((0, ""), one.Shell("echo one > /name"));
        Assert.Equal((0, ""), other.Shell("echo other > /name"));
        one.System.Shutdown();
        one.Dispose();

        Assert.Equal((0, "other\n"), other.Shell("cat /name"));
        other.System.Shutdown();
    }

    private void WriteDomain(string name, string start) => DomainCompiler.WriteFolder(
        Path.Combine(folder, name), $"name: {name}\nentry: D\n", $$"""
            public sealed class D : IDomain {
                DomainServices services;
                public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) { this.services = services; return Go(); }
                Reply<Unit, DomainError> Go() => {{start}};
                public Reply<Unit, DomainError> Stop(CallContext context) {
                    services.Report(Severity.Information, "I have been stopped");
                    return default(Unit);
                }
            }
            """);

    private sealed class TextSink(StringWriter text) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => text.WriteLine(logEvent.RenderMessage());
    }
}
