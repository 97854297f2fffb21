using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>The verdict on a trial.</summary>
/// <param name="Outcome">The worst that applies.</param>
/// <param name="Detector">Who noticed first; empty when nobody did.</param>
/// <param name="Detail">For people: what decided it; empty if nothing had to be decided.</param>
internal sealed record Judgement(Outcome Outcome, string Detector, string Detail)
{
    /// <summary>Judges a trial by what the same trial showed without faults.</summary>
    internal static Judgement Of(TrialResult golden, TrialResult faulty)
    {
        if (WhyUnusable(golden) is { } reason)
        {
            return new Judgement(Outcome.HarnessError, golden.Detector, $"without faults: {reason}");
        }

        (Outcome outcome, string detail) = Findings(golden, faulty).MaxBy(finding => finding.Outcome);
        return new Judgement(outcome, faulty.Detector, detail);
    }

    /// <summary>Why a trial without faults is no measure of one with faults; null if it is one.</summary>
    private static string? WhyUnusable(TrialResult golden)
    {
        foreach (RoundResult round in Rounds(golden))
        {
            if (round.Violations.Count > 0)
            {
                return Describe(round.Violations[0]);
            }

            if (round.End != RoundEnd.Completed)
            {
                return $"the workload ended with {round.End}";
            }
        }

        return golden.Deaths.Count > 0 ? $"{golden.Deaths[0].Domain} died: {golden.Deaths[0].Cause}" : null;
    }

    /// <summary>Everything that can be said of a trial; the worst of it is its outcome.</summary>
    private static IEnumerable<(Outcome Outcome, string Detail)> Findings(TrialResult golden, TrialResult faulty)
    {
        yield return (LeastOutcome(faulty), string.Empty);
        bool hasFailed = false;
        foreach ((RoundResult round, RoundResult expected) in Rounds(faulty).Zip(Rounds(golden)))
        {
            foreach (Violation violation in round.Violations)
            {
                yield return (OutcomeOf(violation.Kind), Describe(violation));
            }

            if (FindEnd(round, faulty) is { } end)
            {
                yield return end;
            }

            // An operation that failed may rightly leave another state behind, for later rounds too; where none failed, there is no excuse.
            hasFailed |= round.Failed > 0;
            if (round.End == RoundEnd.Completed && !hasFailed && round.Digest != expected.Digest)
            {
                yield return (Outcome.Sdc, "the clients saw, or the end state has, something else than without faults");
            }
        }

        foreach (string left in LeftBehind(golden.Census, faulty.Census))
        {
            yield return (Outcome.Propagated, left);
        }
    }

    private static Outcome LeastOutcome(TrialResult result)
    {
        bool hasStruck = result.Faults.Any(fault => fault.Activated > 0);
        bool isNoticed = result.Detector.Length > 0 || result.Deaths.Count > 0 || result.Times.Retried > 0;
        return !hasStruck ? Outcome.NotReached : isNoticed ? Outcome.Transparent : Outcome.Masked;
    }

    private static (Outcome Outcome, string Detail)? FindEnd(RoundResult round, TrialResult result) => round.End switch
    {
        RoundEnd.Hung => (Outcome.Hang, "requests were never answered"),
        RoundEnd.Unjudged => (Outcome.HarnessError, "an oracle came to no verdict within its bounds"),
        RoundEnd.Completed when round.Failed > 0 => (Outcome.Degraded, $"operations that failed: {round.Failed}"),
        RoundEnd.Completed => null,

        // Down, and told so by somebody who noticed, is an answer; down and unnoticed needs a person.
        _ when result.Detector.Length == 0 && result.Deaths.Count == 0 =>
            (Outcome.UndetectedFail, $"the workload ended with {round.End}, and nothing noticed why"),
        _ => (Outcome.Degraded, $"the workload ended with {round.End}"),
    };

    private static Outcome OutcomeOf(ViolationKind kind) => kind switch
    {
        ViolationKind.WrongError => Outcome.WrongError,
        ViolationKind.DataLoss => Outcome.DataLoss,
        ViolationKind.SilentCorruption => Outcome.Sdc,
        _ => Outcome.Propagated,
    };

    private static IEnumerable<string> LeftBehind(TrialCensus golden, TrialCensus faulty)
    {
        (string What, long Left, long Expected)[] counted =
        [
            ("exchange heap bytes that nobody alive holds", faulty.UnattributedBytes, golden.UnattributedBytes),
            ("exchange heap bytes that domains hold which had no fault", faulty.BystanderBytes, golden.BystanderBytes),
            ("pages that a device still reaches", faulty.MappedPages, golden.MappedPages),
            ("threads", faulty.Threads, golden.Threads),
            ("load contexts in use", faulty.Contexts, golden.Contexts),
            ("dead generations that could not be reclaimed", faulty.Unreclaimed, golden.Unreclaimed),
        ];
        return counted.Where(one => one.Left > one.Expected)
            .Select(one => $"census: {one.What}: {one.Left}, without faults {one.Expected}");
    }

    private static IEnumerable<RoundResult> Rounds(TrialResult result) =>
        result.SecondRound is null ? [result.Round] : [result.Round, result.SecondRound];

    private static string Describe(Violation violation) => $"{violation.Oracle}: {violation.Detail}";
}
