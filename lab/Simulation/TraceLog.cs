using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Targets;
using RedLeafSharp.Lab.Trials;
using Serilog.Core;
using Serilog.Events;

namespace RedLeafSharp.Lab.Simulation;

/// <summary>
/// Reads the log of a simulated system: the deaths, and who noticed first that something was wrong. Each line goes into the trace, but
/// for the hashes of images, which differ between builds.
/// </summary>
/// <param name="simulation">The time and the trace.</param>
/// <param name="targets">The drivers of the system.</param>
internal sealed class TraceLog(Kernel.Executors.Simulation simulation, IReadOnlyList<DriverTarget> targets) : ILogEventSink
{
    /// <summary>Kept for people who ask why; a trial that writes more repeats itself.</summary>
    private const int LinesMax = 200;

    private readonly List<DeathRecord> deaths = [];
    private readonly List<string> lines = [];
    private readonly List<(int Deaths, long Micros)> takeovers = [];

    internal IReadOnlyList<DeathRecord> Deaths => deaths;

    internal IReadOnlyList<string> Lines => lines;

    /// <summary>Nothing is noticed before a fault has struck.</summary>
    internal bool IsWatching { get; set; }

    /// <summary>Who noticed first; empty while nobody has.</summary>
    internal string Detector { get; private set; } = string.Empty;

    internal long DetectedMicros { get; private set; } = -1;

    /// <summary>When the first generation took over after that.</summary>
    internal long TakenOverMicros { get; private set; } = -1;

    public void Emit(LogEvent logEvent)
    {
        int id = Number(logEvent, "EventId") is { } value ? (int)value : 0;
        string text = id == EventIds.DomainStarted ? Text(logEvent, "Domain") : logEvent.RenderMessage(null);
        simulation.Note(TraceEvent.Logged, (ulong)id, Mixing.Chain((ulong)id, text));
        if (lines.Count < LinesMax && logEvent.Level >= LogEventLevel.Information)
        {
            lines.Add($"{simulation.NowMicros} us: {text}");
        }

        if (id is EventIds.DomainFaulted or EventIds.DomainKilled or EventIds.LimitExceeded or EventIds.CallLate)
        {
            deaths.Add(new DeathRecord(
                Text(logEvent, "Domain"), Number(logEvent, "Generation") ?? 0, Text(logEvent, "Cause"), simulation.NowMicros));
        }

        if (IsWatching && DetectorOf(id, logEvent) is { } detector)
        {
            Notice(detector);
        }

        if (id == EventIds.Recovered)
        {
            takeovers.Add((deaths.Count, simulation.NowMicros));
        }

        if (IsWatching && id == EventIds.Recovered && TakenOverMicros < 0)
        {
            TakenOverMicros = simulation.NowMicros;
        }
    }

    /// <summary>Something was noticed, here or by others.</summary>
    internal void Notice(string detector)
    {
        if (Detector.Length == 0)
        {
            (Detector, DetectedMicros) = (detector, simulation.NowMicros);
        }
    }

    /// <summary>Each death with the takeover that followed it, counted from a moment.</summary>
    internal IEnumerable<RecoverySpan> Recoveries(long fromMicros) => deaths.Select((death, index) => new RecoverySpan(
        death.Micros - fromMicros,
        takeovers.Where(one => one.Deaths > index).Select(one => one.Micros - fromMicros).DefaultIfEmpty(-1).First()));

    private string? DetectorOf(int id, LogEvent logEvent) => id switch
    {
        EventIds.DomainFaulted => Text(logEvent, "Cause").Contains("InsufficientExecutionStack") ? "stack" : "exception",
        EventIds.LimitExceeded => "limit",
        EventIds.CallLate => "deadline",
        EventIds.Deadlock => "deadlock",
        EventIds.DmaFault => "iommu",
        EventIds.RecoveryFailed or EventIds.StandbyFailed => "supervisor",
        EventIds.DomainSaid when logEvent.Level >= LogEventLevel.Warning => RoleOf(Text(logEvent, "Domain")),
        _ => null,
    };

    private string RoleOf(string domain) => targets.Any(target => target.Domain == domain) ? "driver"
        : targets.Any(target => target.Shadow == domain) ? "shadow" : domain.ToLowerInvariant();

    private static string Text(LogEvent logEvent, string name) =>
        logEvent.Properties.TryGetValue(name, out LogEventPropertyValue? value) && value is ScalarValue { Value: { } scalar }
            ? scalar.ToString()! : string.Empty;

    private static long? Number(LogEvent logEvent, string name) =>
        logEvent.Properties.TryGetValue(name, out LogEventPropertyValue? value) && value is ScalarValue { Value: IConvertible scalar }
            ? scalar.ToInt64(null) : null;
}
