using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// One trial as a campaign runs it: without faults, with faults and no recovery, with the same faults and recovery, each with the
/// same seed; the last one followed by a round without faults.
/// </summary>
internal sealed class TrialSeries(ITrialEngine engine)
{
    /// <summary>Runs a trial of an experiment.</summary>
    /// <param name="planner">Of the experiment.</param>
    /// <param name="trial">Its number.</param>
    /// <param name="comparesRecoveryOff">Whether it is also run without recovery.</param>
    /// <param name="onPlanned">Is told the plan before the faults strike, because afterwards may be too late.</param>
    internal JudgedTrial Run(TrialPlanner planner, long trial, bool comparesRecoveryOff, Action<TrialPlan> onPlanned)
    {
        TrialPlan goldenPlan = planner.PlanGolden(trial);
        onPlanned(goldenPlan);
        TrialResult golden = engine.Run(goldenPlan);
        TrialPlan plan = planner.PlanFaults(goldenPlan, golden);
        onPlanned(plan);
        return Run(plan, golden, comparesRecoveryOff);
    }

    /// <summary>Runs a plan again, or one made from it.</summary>
    internal JudgedTrial Run(TrialPlan plan, bool comparesRecoveryOff) =>
        Run(plan, engine.Run(plan with { Faults = [], HasRecovery = true }), comparesRecoveryOff);

    private JudgedTrial Run(TrialPlan plan, TrialResult golden, bool comparesRecoveryOff)
    {
        TrialResult? unrecovered = comparesRecoveryOff ? engine.Run(plan with { HasRecovery = false, HasSecondRound = false }) : null;
        TrialResult result = engine.Run(plan);
        Judgement judgement = Judgement.Of(golden, result);
        return new JudgedTrial
        {
            Trial = (long)plan.Trial,
            Class = JudgedTrial.ClassOf(plan),
            Outcome = judgement.Outcome,
            Detector = judgement.Detector,
            Detail = judgement.Detail,
            WithoutRecovery = unrecovered is null ? null : Judgement.Of(golden, unrecovered).Outcome,
            Plan = plan,
            Result = result with { RealMicros = 0 },
            Golden = golden.Round.End == RoundEnd.NotBooted ? null : RunBrief.Of(golden),
            Unrecovered = unrecovered is null ? null : RunBrief.Of(unrecovered),
        };
    }
}
