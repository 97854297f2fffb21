using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Supervision;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>A whole system that attacks run in, with its log and with an ear on what programs say.</summary>
internal sealed class HostileSystem : IDisposable
{
    private readonly Ear ear = new();
    private readonly Lines lines = new();

    internal HostileSystem(long memoryDiskBytes = 64L << 20)
    {
        SystemDescription description = SystemDescription.Default.WithRestartPolicy(
            "Nvme", new RestartPolicy { RestartsMax = 1_000_000, StandbyCount = 4 });
        System = RedLeafSystem.Boot(description, new BootOptions
        {
            DomainsFolder = Path.Combine(AppContext.BaseDirectory, "domains"),
            MemoryDiskBytes = memoryDiskBytes,
            Console = ear,
            Log = new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(lines).CreateLogger(),
            Seed = 1,
        });
    }

    internal RedLeafSystem System { get; }

    /// <summary>Set when a program says that it is inside.</summary>
    internal ManualResetEventSlim Inside => ear.Inside;

    /// <summary>The lines of the log about a domain since the last call: event and text.</summary>
    internal IReadOnlyList<(int Event, string Text)> TakeLines(string domain) => lines.Take(domain);

    /// <summary>Starts a program and waits for its end, as a process of its own.</summary>
    /// <returns>The answer of Spawn, and the exit status if it answered with a process.</returns>
    internal (Reply<int, Errno> Child, int Status) Start(string program)
    {
        Reply<int, Errno> child = default;
        int status = System.Run("hostile", (context, system) =>
        {
            child = system.Spawn(context, Encoding.UTF8.GetBytes(program + "\0"), 0, 1, 2);
            return child.IsOk ? system.WaitForChild(context, child.Value).Value.Status : 0;
        });
        return (child, status);
    }

    /// <summary>Runs a command of the shell.</summary>
    internal int Shell(string command) => System.Run("workload", (context, system) =>
    {
        Reply<int, Errno> child = system.Spawn(context, Encoding.UTF8.GetBytes($"sh\0-c\0{command}\0"), 0, 1, 2);
        return child.IsOk ? system.WaitForChild(context, child.Value).Value.Status : 1;
    });

    public void Dispose()
    {
        System.Dispose();
        ear.Inside.Dispose();
    }

    private sealed class Ear : IHostConsole
    {
        internal ManualResetEventSlim Inside { get; } = new();

        public int Read(Span<byte> buffer) => 0;

        public Errno Write(int stream, ReadOnlySpan<byte> data)
        {
            if (data.IndexOf(Encoding.UTF8.GetBytes(Guest.Inside)) >= 0)
            {
                Inside.Set();
            }

            return Errno.None;
        }

        public bool IsTerminal(int stream) => false;
    }

    /// <summary>Keeps the newest lines only: a hundred thousand deaths write as many.</summary>
    private sealed class Lines : ILogEventSink
    {
        private const int CountMax = 4096;
        private readonly Queue<(int Event, string Domain, string Text)> lines = new();

        public void Emit(LogEvent logEvent)
        {
            int number = logEvent.Properties.TryGetValue("EventId",
                out LogEventPropertyValue? id) && id is ScalarValue { Value: int value } ? value : -1;
            string domain = logEvent.Properties.TryGetValue("Domain",
                out LogEventPropertyValue? name) && name is ScalarValue { Value: string text }
                ? text : string.Empty;
            lock (lines)
            {
                lines.Enqueue((number, domain, logEvent.RenderMessage()));
                if (lines.Count > CountMax)
                {
                    lines.Dequeue();
                }
            }
        }

        internal IReadOnlyList<(int Event, string Text)> Take(string domain)
        {
            lock (lines)
            {
                return [.. lines.Where(one => one.Domain == domain).Select(one => (one.Event, one.Text))];
            }
        }
    }
}
