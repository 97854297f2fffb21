using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>A booted system with a captured console and log.</summary>
internal sealed class TestSystem : IDisposable
{
    private readonly CapturedConsole console = new();
    private readonly LogLines log = new();

    internal TestSystem(
        SystemDescription? description = null,
        string? disk = null,
        bool format = false,
        bool crashSites = false,
        long memoryDiskBytes = 64L << 20,
        string? domainsFolder = null,
        TimeSpan? endPatience = null,
        TimeSpan? constructorPatience = null,
        bool compilesAhead = true)
    {
        var options = new BootOptions
        {
            DomainsFolder = domainsFolder ?? DomainsFolder,
            DiskPath = disk,
            Format = format,
            MemoryDiskBytes = memoryDiskBytes,
            CrashSites = crashSites,
            Console = console,
            Log = new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(log).CreateLogger(),
            Seed = 1,
            ConstructorPatience = constructorPatience ?? TimeSpan.FromSeconds(30),
            EndPatience = endPatience ?? TimeSpan.FromSeconds(10),
            CompilesAhead = compilesAhead,
        };
        System = RedLeafSystem.Boot(description ?? SystemDescription.Default, options);
    }

    internal static string DomainsFolder { get; } = Path.Combine(AppContext.BaseDirectory, "domains");

    internal RedLeafSystem System { get; }

    /// <summary>Lines of the log as "EventId message".</summary>
    internal IReadOnlyList<string> Log => log.Lines;

    /// <summary>The events of the log, with their properties.</summary>
    internal IReadOnlyList<LogEvent> Events => log.Events;

    /// <summary>The built-in system with restart limits for its driver, and a standby count.</summary>
    internal static SystemDescription WithRestarts(int restartsMax, int standbyCount = 2, string extraDevice = "") =>
        SystemDescription.Parse("test.yaml", $$$"""
            devices:
              - {name: disk0, model: nvme{{{extraDevice}}} }
            domains:
              - {name: Nvme, device: disk0, restart: {restartsMax: {{{restartsMax}}}, windowSeconds: 3600, youngMicros: 0, standby: {{{standbyCount}}} } }
              - {name: BlockShadow, shadows: Nvme}
              - {name: Ext4, use: {IBlockDevice: BlockShadow}}
              - {name: Personality, use: {IFileSystem: Ext4}}
            programs: [Programs]
            """);

    /// <summary>Runs a shell command; its standard output and error come back as one text.</summary>
    internal (int Status, string Output) Shell(string command)
    {
        console.Clear();
        int status = System.Run("test", (context, system) =>
        {
            byte[] arguments = Encoding.UTF8.GetBytes($"sh\0-c\0{command}\0");
            Reply<int, Errno> child = system.Spawn(context, arguments, 0, 1, 2);
            Reply<ExitStatus, Errno> end = child.IsOk
                ? system.WaitForChild(context, child.Value)
                : throw new InvalidOperationException($"spawn: {child}");
            return end.IsOk ? end.Value.Status : throw new InvalidOperationException($"wait: {end}");
        });
        return (status, console.Text);
    }

    /// <summary>Waits until a text has been written to the console.</summary>
    internal void WaitForOutput(string text) =>
        Assert.True(SpinWait.SpinUntil(() => console.Text.Contains(text, StringComparison.Ordinal), TimeSpan.FromMinutes(1)));

    public void Dispose() => System.Dispose();

    private sealed class CapturedConsole : IHostConsole
    {
        private readonly MemoryStream output = new();

        internal string Text
        {
            get
            {
                lock (output)
                {
                    return Encoding.UTF8.GetString(output.ToArray());
                }
            }
        }

        public int Read(Span<byte> buffer) => 0;

        public Errno Write(int stream, ReadOnlySpan<byte> data)
        {
            lock (output)
            {
                output.Write(data);
            }

            return Errno.None;
        }

        public bool IsTerminal(int stream) => false;

        internal void Clear()
        {
            lock (output)
            {
                output.SetLength(0);
            }
        }
    }

    private sealed class LogLines : ILogEventSink
    {
        private readonly List<LogEvent> events = [];

        internal IReadOnlyList<LogEvent> Events
        {
            get
            {
                lock (events)
                {
                    return [.. events];
                }
            }
        }

        internal IReadOnlyList<string> Lines =>
            [.. Events.Select(one => $"{one.Properties.GetValueOrDefault("EventId")} {one.RenderMessage()}")];

        public void Emit(LogEvent logEvent)
        {
            lock (events)
            {
                events.Add(logEvent);
            }
        }
    }
}
