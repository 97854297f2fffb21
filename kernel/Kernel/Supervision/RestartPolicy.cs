using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// How often a domain may be restarted, and how long to wait before the next try. When the budget is spent the
/// supervisor gives up: there is no restart loop without end.
/// </summary>
internal sealed record RestartPolicy
{
    /// <summary>Restarts allowed within <see cref="WindowSeconds"/>.</summary>
    internal int RestartsMax { get; init; } = 200;

    /// <summary>The span over which restarts are counted, in seconds.</summary>
    internal int WindowSeconds { get; init; } = 10;

    /// <summary>
    /// Wait before restarting a domain whose last generation died young, in microseconds. It doubles with each further early
    /// death, up to <see cref="BackOffMicrosMax"/>. The first early death is not punished.
    /// </summary>
    internal long BackOffMicros { get; init; } = 200;

    internal long BackOffMicrosMax { get; init; } = 1_000_000;

    /// <summary>A generation that lived shorter than this died young, in microseconds.</summary>
    internal long YoungMicros { get; init; } = 1_000;

    /// <summary>Standby generations kept loaded and compiled.</summary>
    internal int StandbyCount { get; init; } = 1;

    internal static RestartPolicy Parse(YamlFields? fields)
    {
        var policy = new RestartPolicy();
        if (fields is null)
        {
            return policy;
        }

        policy = policy with
        {
            RestartsMax = (int)fields.Number("restartsMax", policy.RestartsMax, 0, 1_000_000),
            WindowSeconds = (int)fields.Number("windowSeconds", policy.WindowSeconds, 1, 86_400),
            BackOffMicros = fields.Number("backOffMicros", policy.BackOffMicros, 1, 60_000_000),
            BackOffMicrosMax = fields.Number("backOffMicrosMax", policy.BackOffMicrosMax, 1, 60_000_000),
            YoungMicros = fields.Number("youngMicros", policy.YoungMicros, 0, 60_000_000),
            StandbyCount = (int)fields.Number("standby", policy.StandbyCount, 0, 16),
        };
        fields.RefuseOthers();
        return policy;
    }
}

/// <summary>Applies a <see cref="RestartPolicy"/> to the deaths of one domain.</summary>
internal sealed class RestartBudget
{
    private readonly RestartPolicy policy;
    private readonly Queue<long> restartsMicros = new();
    private int youngDeaths;

    internal RestartBudget(RestartPolicy policy) => this.policy = policy;

    /// <summary>Decides on one more restart.</summary>
    /// <param name="nowMicros">The time.</param>
    /// <param name="livedMicros">How long the dead generation lived.</param>
    /// <param name="waitMicros">How long to wait first.</param>
    /// <returns>False when the budget is spent.</returns>
    internal bool TryRestart(long nowMicros, long livedMicros, out long waitMicros)
    {
        youngDeaths = livedMicros < policy.YoungMicros ? youngDeaths + 1 : 0;
        waitMicros = youngDeaths < 2
            ? 0
            : Math.Min(policy.BackOffMicrosMax, policy.BackOffMicros << Math.Min(youngDeaths - 2, 20));

        long windowStart = nowMicros - (policy.WindowSeconds * 1_000_000L);
        while (restartsMicros.TryPeek(out long oldest) && oldest < windowStart)
        {
            restartsMicros.Dequeue();
        }

        if (restartsMicros.Count >= policy.RestartsMax)
        {
            return false;
        }

        restartsMicros.Enqueue(nowMicros);
        return true;
    }
}
