using System.CommandLine;
using System.Globalization;
using RedLeafSharp.Cli.Campaigns;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf lab replay</c>, <c>shrink</c>, <c>compare</c>: single trials of a run again, and two runs side by side.</summary>
internal static class ReplayCommands
{
    private const int ChangesShown = 20;
    private const int ShrinkSecondsDefault = 50;

    internal static IEnumerable<Command> Create(TextWriter output) => [Replay(output), Shrink(output), Compare(output)];

    private static Argument<string> TrialArgument()
    {
        var argument = new Argument<string>("RUN#TRIAL") { Description = "The folder of a run and the number of a trial, such as runs/smoke-1#17." };
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !TrySplit(result.Tokens[0].Value, out _, out _))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no trial; write RUN#NUMBER");
            }
        });
        return argument;
    }

    private static bool TrySplit(string text, out string run, out long trial)
    {
        int hash = text.LastIndexOf('#');
        run = hash > 0 ? text[..hash] : string.Empty;
        trial = 0;
        return hash > 0 && long.TryParse(text[(hash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out trial);
    }

    /// <summary>The trial as its run's log has it.</summary>
    private static (RunFolder Run, JudgedTrial Trial) Find(string text)
    {
        _ = TrySplit(text, out string path, out long number);
        RunFolder run = RunFolder.Open(path);
        JudgedTrial trial = run.ReadTrials().FirstOrDefault(one => one.Trial == number)
            ?? throw new RunException($"{run.LogPath}: no trial {number} in it");
        return trial.Plan is null
            ? throw new RunException($"{run.LogPath}: trial {number} has no plan: its worker was lost without faults")
            : (run, trial);
    }

    private static WorkerTrialRunner StartRunner(RunFolder run) => new(
        LabEngine.Command, run.Experiment, run.Manifest.Identity, new IncidentLog(run.IncidentsPath), CampaignLimits.TrialPatience);

    private static void SayBuild(TextWriter output, RunFolder run)
    {
        if (run.Manifest.Identity.Build != LabEngine.Build)
        {
            output.WriteLine($"the run was made by build {run.Manifest.Identity.Build}, this is {LabEngine.Build}");
        }
    }

    private static Command Replay(TextWriter output)
    {
        Argument<string> which = TrialArgument();
        var trace = new Option<bool>("--trace") { Description = "Prints each event of the trial." };
        var command = new Command("replay", "Runs a trial of a run again; exit status 1 if it does not end as it did.") { which, trace };
        command.SetAction(parsed => CampaignCommands.Guard(() =>
        {
            (RunFolder run, JudgedTrial before) = Find(parsed.GetRequiredValue(which));
            SayBuild(output, run);
            if (parsed.GetValue(trace))
            {
                LabEngine.WriteTrace(before.Plan!, output);
            }

            using WorkerTrialRunner runner = StartRunner(run);
            JudgedTrial now = runner.Run(before.Plan!, before.WithoutRecovery is not null);
            output.WriteLine($"trial {now.Trial}: {now.Class}");
            foreach (FaultPlan fault in now.Plan?.Faults ?? [])
            {
                output.WriteLine($"  {fault.Kind} in {fault.Target}, site {fault.Site}, occurrence {fault.Occurrence}, {fault.Mode}");
            }

            bool isSame = Say(output, "outcome", before.Outcome.Name(), now.Outcome.Name())
                & Say(output, "detector", before.Detector, now.Detector)
                & Say(output, "trace hash", Hash(before), Hash(now));
            output.WriteLine(now.Detail.Length > 0 ? $"  {now.Detail}" : "  the workload noticed nothing");
            return isSame ? ExitCode.Pass : ExitCode.RunFailure;
        }));
        return command;
    }

    private static bool Say(TextWriter output, string name, string before, string now)
    {
        output.WriteLine(before == now ? $"  {name,-12} {now}" : $"  {name,-12} {now}, but it was {before}");
        return before == now;
    }

    private static string Hash(JudgedTrial trial) => trial.Result is { } result ? result.TraceHash.ToString("x16") : "(none)";

    private static Command Shrink(TextWriter output)
    {
        Argument<string> which = TrialArgument();
        var file = new Option<FileInfo>("--output") { Description = "Where the test in C# goes [RUN/trial-N.cs].", HelpName = "FILE" };
        Option<int> seconds = Inputs.Number("--seconds", "How long to look for a smaller one.", ShrinkSecondsDefault, 1, 86_400);
        var command = new Command(
            "shrink", "Looks for the smallest trial that ends the same way and is noticed by the same detector, and writes a test of it.")
        {
            which, file, seconds,
        };
        command.SetAction(parsed => CampaignCommands.Guard(() =>
        {
            (RunFolder run, JudgedTrial before) = Find(parsed.GetRequiredValue(which));
            SayBuild(output, run);
            (WorkerProcess worker, CampaignPlan plan) = WorkerTrialRunner.Open(LabEngine.Command, run.Experiment);
            worker.Dispose();
            using WorkerTrialRunner runner = StartRunner(run);
            JudgedTrial now = runner.Run(before.Plan!, comparesRecoveryOff: false);
            if (now.Outcome != before.Outcome || now.Detector != before.Detector)
            {
                output.WriteLine($"trial {now.Trial} does not end as it did: {now.Outcome.Name()}, not {before.Outcome.Name()}");
                return ExitCode.RunFailure;
            }

            long deadline = TimeProvider.System.GetTimestamp() + (parsed.GetValue(seconds) * TimeProvider.System.TimestampFrequency);
            int runs = 0;
            JudgedTrial smallest = Shrinking.Shrink(
                now with { Plan = before.Plan },
                plan.Workloads.First(info => info.Name == before.Plan!.Workload).Options,
                candidate =>
                {
                    runs++;
                    return runner.Run(candidate, comparesRecoveryOff: false);
                },
                () => TimeProvider.System.GetTimestamp() < deadline);
            string path = parsed.GetValue(file)?.FullName ?? run.In($"trial-{now.Trial}.cs");
            File.WriteAllText(path, RegressionTest.Write(smallest));
            output.WriteLine($"{before.Outcome.Name()}: {smallest.Detail}");
            SaySize(output, "was", now);
            SaySize(output, "is", smallest);
            output.WriteLine($"  after {runs} trials: {path}");
            return ExitCode.Pass;
        }));
        return command;
    }

    private static void SaySize(TextWriter output, string when, JudgedTrial trial)
    {
        long operations = trial.Result is { } result ? result.Round.Done + result.Round.Failed + (result.SecondRound?.Done ?? 0) : 0;
        string options = string.Join(", ", (trial.Plan?.Options ?? new Dictionary<string, long>()).Select(pair => $"{pair.Key} {pair.Value}"));
        output.WriteLine($"  {when,-4} {trial.Plan?.Faults.Count} faults, {operations} operations, {trial.Result?.TraceEvents} events; {options}");
    }

    private static Command Compare(TextWriter output)
    {
        Argument<string> first = CampaignCommands.RunArgument("A");
        Argument<string> second = CampaignCommands.RunArgument("B");
        var command = new Command("compare", "Compares two runs; exit status 1 if the second is worse for some kind of fault.") { first, second };
        command.SetAction(parsed => CampaignCommands.Guard(() =>
        {
            RunFolder one = RunFolder.Open(parsed.GetRequiredValue(first));
            RunFolder other = RunFolder.Open(parsed.GetRequiredValue(second));
            return Print(output, RunComparison.Of(one, other));
        }));
        return command;
    }

    private static int Print(TextWriter output, RunComparison comparison)
    {
        output.WriteLine(comparison.IsPaired ? "the same trials in both runs" : "other trials: shares only");
        foreach (ComparedClass one in comparison.Classes)
        {
            output.WriteLine(one.Name);
            output.WriteLine($"  A {Rates.Text(one.First.Share(Outcomes.IsUnnoticed, Denominator.Activated))} unnoticed of activated");
            output.WriteLine($"  B {Rates.Text(one.Second.Share(Outcomes.IsUnnoticed, Denominator.Activated))}");
            if (comparison.IsPaired)
            {
                output.WriteLine($"  only A {one.Pairs.OnlyFirst}, only B {one.Pairs.OnlySecond}, p {one.Pairs.ExactPValue():0.0e+0}");
            }
        }

        foreach ((JudgedTrial before, JudgedTrial after) in comparison.Changed.Take(ChangesShown))
        {
            output.WriteLine($"#{before.Trial} {before.Class}: {before.Outcome.Name()} -> {after.Outcome.Name()} {after.Detail}");
        }

        IReadOnlyList<string> worse = comparison.Worse();
        output.WriteLine(worse.Count == 0 ? "B is not shown to be worse" : $"B is worse: {string.Join(", ", worse)}");
        return worse.Count == 0 ? ExitCode.Pass : ExitCode.RunFailure;
    }
}
