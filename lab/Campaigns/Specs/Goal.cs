using RedLeafSharp.Lab.Faults;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Which trials a share is of.</summary>
internal enum Denominator
{
    /// <summary>All trials.</summary>
    Injected,

    /// <summary>Those in which a fault struck.</summary>
    Activated,

    /// <summary>Those in which something came of it.</summary>
    Manifested,
}

/// <summary>What a goal is about.</summary>
internal enum GoalKind
{
    /// <summary>How many trials ended in some outcomes.</summary>
    Count,

    /// <summary>Which share of trials did.</summary>
    Share,

    /// <summary>A quantile of a time, in microseconds.</summary>
    Latency,
}

/// <summary>What a campaign must show, or its exit status is 1.</summary>
internal sealed record Goal
{
    internal required GoalKind Kind { get; init; }

    /// <summary>Of <see cref="GoalKind.Count"/> and <see cref="GoalKind.Share"/>.</summary>
    internal required IReadOnlyList<Outcome> Outcomes { get; init; }

    /// <summary>
    /// The kinds of faults whose trials it is about, each a class or one of its kinds; all if empty. Not of <see cref="GoalKind.Latency"/>.
    /// </summary>
    internal IReadOnlyList<string> Among { get; init; } = [];

    /// <summary>Of <see cref="GoalKind.Share"/>.</summary>
    internal required Denominator Of { get; init; }

    /// <summary>Of <see cref="GoalKind.Latency"/>: which time.</summary>
    internal required string Latency { get; init; }

    internal required double Quantile { get; init; }

    internal required double? AtLeast { get; init; }

    internal required double? AtMost { get; init; }

    /// <summary>Whether trials of a class of faults count.</summary>
    /// <param name="name">As <see cref="JudgedTrial.Class"/> has it: kinds, joined by '+'.</param>
    internal bool IsAbout(string name) => Among.Count == 0
        || name.Split('+').All(kind => Among.Contains(kind) || Among.Contains(FaultNames.ClassOf(kind)));

    /// <exception cref="SpecException">It says nothing, or two things at once.</exception>
    internal static Goal Parse(string file, SpecFields fields)
    {
        string[] kinds = [.. new[] { "count", "share", "latency" }.Where(fields.Node.Fields.ContainsKey)];
        var goal = kinds.Length != 1 ? null : new Goal
        {
            Kind = Enum.Parse<GoalKind>(kinds[0], ignoreCase: true),
            Outcomes = [.. (kinds[0] == "latency" ? [] : fields.Texts(kinds[0])).Select(Campaigns.Outcomes.Parse)],
            Among = fields.Texts("among"),
            Of = Enum.Parse<Denominator>(fields.Text("of"), ignoreCase: true),
            Latency = fields.OptionalText("latency") ?? string.Empty,
            Quantile = fields.Real("quantile"),
            AtLeast = fields.OptionalReal("atLeast"),
            AtMost = fields.OptionalReal("atMost"),
        };
        if (goal is { Kind: GoalKind.Latency, Among.Count: > 0 })
        {
            SpecNode place = fields.Node.Fields["among"];
            throw SpecException.At(file, place.Line, place.Column, "latencies are those of all trials: no 'among' here");
        }

        return goal is { AtLeast: not null } or { AtMost: not null } ? goal : throw SpecException.At(
            file, fields.Node.Line, fields.Node.Column, "a goal has one of count, share and latency, and atLeast or atMost");
    }
}
