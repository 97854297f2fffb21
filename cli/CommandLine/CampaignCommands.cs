using System.CommandLine;
using System.CommandLine.Parsing;
using RedLeafSharp.Cli.Campaigns;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Reports;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf lab run</c>, <c>plan</c>, <c>merge</c>, <c>watch</c>, <c>report</c>: campaigns and what they write.</summary>
internal static class CampaignCommands
{
    private const string RunsFolder = "runs";

    /// <summary>Beside the results, and no part of them.</summary>
    private const string SpeedFile = "speed.json";
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    internal static IEnumerable<Command> Create(TextWriter output) =>
        [Run(output), Plan(output), Merge(output), Watch(output), Report(output), Worker()];

    /// <summary>A failure of a campaign as what the user gets to see; exit status 2 for the file, 3 for the harness.</summary>
    internal static int Guard(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (SpecException exception)
        {
            throw new CommandFailure(exception.Message, ExitCode.Usage);
        }
        catch (RunException exception)
        {
            throw new CommandFailure(exception.Message, ExitCode.Usage);
        }
        catch (HarnessException exception)
        {
            throw new CommandFailure(exception.Message, ExitCode.Harness);
        }
    }

    internal static Argument<string> RunArgument(string name = "RUN") => new(name) { Description = "The folder of a run." };

    private static Command Run(TextWriter output)
    {
        Argument<FileInfo> file = SpecArgument();
        Option<ulong> seed = SeedOption();
        Option<Shard> shard = ShardOption();
        Option<DirectoryInfo> folder = OutputOption();
        Option<int> jobs = Inputs.Number(
            "--jobs", "Worker processes at once [one for each processor].", Environment.ProcessorCount, 1, CampaignLimits.JobsMax);
        var resume = new Option<bool>("--resume") { Description = "Goes on with the run that is in the folder." };
        var dry = new Option<bool>("--dry-run") { Description = "Checks the experiment and says what it would do." };
        var command = new Command("run", "Runs an experiment; exit status 1 if a goal is missed, 2 for its file, 3 if trials could not be run.")
        {
            file, jobs, resume, dry, seed, shard, folder,
        };
        command.SetAction(parsed => Guard(() =>
        {
            ExperimentText experiment = Read(parsed.GetRequiredValue(file), SeedOf(parsed, seed));
            if (parsed.GetValue(dry))
            {
                return Explain(output, experiment);
            }

            CampaignSpec spec = experiment.Parse();
            Shard part = parsed.GetResult(shard) is null ? Shard.Whole : parsed.GetValue(shard);
            string path = parsed.GetValue(folder)?.ToString() ?? DefaultFolder(spec, part);
            var manifest = new RunManifest(RunManifest.CurrentFormat, IdentityOf(spec, experiment), part);
            RunFolder run = parsed.GetValue(resume) && RunFolder.Exists(path)
                ? Resume(path, manifest)
                : RunFolder.Create(path, manifest, experiment.Text);
            return Execute(output, run, parsed.GetValue(jobs));
        }));
        return command;
    }

    private static int Execute(TextWriter output, RunFolder run, int jobs)
    {
        // A file that names what this build has not is told before anything is written.
        WorkerTrialRunner.Open(LabEngine.Command, run.Experiment).Worker.Dispose();
        var display = new CampaignDisplay(output, TimeProvider.System);
        var campaign = new Campaign(run, run.Experiment.Parse());
        long trials = run.Manifest.Shard.LengthOf(run.Manifest.Identity.Trials);
        using var interrupt = new CancellationTokenSource();
        void Cancel(object? sender, ConsoleCancelEventArgs arguments)
        {
            arguments.Cancel = true;
            interrupt.Cancel();
        }

        Console.CancelKeyPress += Cancel;
        CampaignEnd end;
        try
        {
            end = campaign.Run(
                LabEngine.Command, jobs, CampaignLimits.TrialPatience, _ => display.Update(campaign.Tally, trials), interrupt.Token);
        }
        finally
        {
            Console.CancelKeyPress -= Cancel;
        }

        display.Finish(campaign.Tally, trials);
        CampaignSummary summary = CampaignReports.Write(run);
        display.Print(summary, campaign.Tally, run.Path);
        output.WriteLine($"\n{run.Path}: {CampaignReports.Markdown}, {CampaignReports.Page}, {CampaignReports.Database}, trials.jsonl");
        if (end.Speed is { Trials: > 0 } speed)
        {
            output.WriteLine(speed);
            File.WriteAllText(run.In(SpeedFile), CampaignJson.Write(speed) + "\n");
        }

        return StatusOf(output, run, end, campaign.Tally, summary);
    }

    private static int StatusOf(TextWriter output, RunFolder run, CampaignEnd end, CampaignTally tally, CampaignSummary summary)
    {
        if (!end.IsComplete)
        {
            output.WriteLine("interrupted: go on with --resume");
            return ExitCode.Interrupted;
        }

        if (end.UnrepeatedDeaths > 0)
        {
            output.WriteLine($"workers that were lost for no reason that repeats: {end.UnrepeatedDeaths} ({run.IncidentsPath})");
        }

        if (tally.Counts[Outcome.HarnessError] > 0)
        {
            output.WriteLine($"trials that went wrong without faults too: {tally.Counts[Outcome.HarnessError]}");
        }

        bool isHarnessSound = end.UnrepeatedDeaths == 0 && tally.Counts[Outcome.HarnessError] == 0;
        bool isMet = !run.Manifest.Shard.IsWhole || GoalVerdict.Judge(summary).All(verdict => verdict.IsMet);
        return !isHarnessSound ? ExitCode.Harness : isMet ? ExitCode.Pass : ExitCode.RunFailure;
    }

    private static Command Plan(TextWriter output)
    {
        Argument<FileInfo> file = SpecArgument();
        Option<ulong> seed = SeedOption();
        var command = new Command("plan", "Checks an experiment and says what it would do.") { file, seed };
        command.SetAction(parsed => Guard(() => Explain(output, Read(parsed.GetRequiredValue(file), SeedOf(parsed, seed)))));
        return command;
    }

    private static int Explain(TextWriter output, ExperimentText experiment)
    {
        CampaignSpec spec = experiment.Parse();
        (WorkerProcess worker, CampaignPlan plan) = WorkerTrialRunner.Open(LabEngine.Command, experiment);
        worker.Dispose();
        output.WriteLine($"{plan.Name}: {plan.Trials} trials with seed {plan.Seed}, build {LabEngine.Build}");
        output.WriteLine($"  workloads: {string.Join(", ", spec.Workloads.Select(choice => choice.Use))}");
        output.WriteLine($"  faults: {plan.FaultKinds.Count} kinds at {plan.SiteCount} places, {spec.Trigger.PerTrial} in a trial");
        foreach (string kind in plan.FaultKinds)
        {
            output.WriteLine($"    {kind}");
        }

        return ExitCode.Pass;
    }

    private static Command Merge(TextWriter output)
    {
        var parts = new Argument<string[]>("RUN") { Description = "The folders of all shards.", Arity = ArgumentArity.OneOrMore };
        var folder = new Option<DirectoryInfo>("--output") { Description = "The folder of the whole.", HelpName = "DIR", Required = true };
        var command = new Command("merge", "Makes one run of the shards of a campaign.") { parts, folder };
        command.SetAction(parsed => Guard(() =>
        {
            RunFolder[] shards = [.. parsed.GetRequiredValue(parts).Select(RunFolder.Open)];
            return Judge(output, ShardMerge.Merge(shards, parsed.GetRequiredValue(folder).ToString()));
        }));
        return command;
    }

    private static Command Report(TextWriter output)
    {
        Argument<string> run = RunArgument();
        var table = new Option<string>("--table") { Description = "Prints a row as that paper has them.", HelpName = "PAPER" };
        table.AcceptOnlyFromAmong([.. PaperTable.Names]);
        var command = new Command("report", "Writes the reports of a run again, and prints its goals.") { run, table };
        command.SetAction(parsed => Guard(() =>
        {
            RunFolder folder = RunFolder.Open(parsed.GetRequiredValue(run));
            if (parsed.GetValue(table) is not { } paper)
            {
                return Judge(output, folder);
            }

            output.Write(PaperTable.Render(paper, CampaignSummary.Of(folder)));
            return ExitCode.Pass;
        }));
        return command;
    }

    private static int Judge(TextWriter output, RunFolder run)
    {
        CampaignSummary summary = CampaignReports.Write(run);
        var tally = new CampaignTally();
        foreach (JudgedTrial trial in run.ReadTrials())
        {
            tally.Add(trial);
        }

        new CampaignDisplay(output, TimeProvider.System).Print(summary, tally, run.Path);
        return StatusOf(output, run, new CampaignEnd(true, 0), tally, summary);
    }

    private static Command Watch(TextWriter output)
    {
        Argument<string> run = RunArgument();
        var once = new Option<bool>("--once") { Description = "Says how far it is, and ends." };
        var command = new Command("watch", "Shows how a run gets on that another process runs.") { run, once };
        command.SetAction(parsed => Guard(() =>
        {
            RunFolder folder = RunFolder.Open(parsed.GetRequiredValue(run));
            Follow(folder, new CampaignDisplay(output, TimeProvider.System), parsed.GetValue(once));
            return ExitCode.Pass;
        }));
        return command;
    }

    /// <summary>Reads what is new in the log, again and again, until the campaign is over.</summary>
    private static void Follow(RunFolder folder, CampaignDisplay display, bool isOnce)
    {
        StopRule stop = folder.Experiment.Parse().Stop;
        long trials = folder.Manifest.Shard.LengthOf(folder.Manifest.Identity.Trials);
        var tally = new CampaignTally();
        bool isOver = trials == 0;
        for (long position = 0, bytes = 0; ;)
        {
            foreach (string line in TrialLog.ReadWhole(folder.LogPath, bytes))
            {
                JudgedTrial trial = folder.ParseLine(line, position++);
                tally.Add(trial);
                bytes += TrialLog.BytesOf(line);
                isOver |= position == trials || (folder.Manifest.Shard.IsWhole && stop.IsReached(trial.Outcome, tally.Counts.Activated));
            }

            display.Update(tally, trials);
            if (isOver || isOnce)
            {
                display.Finish(tally, trials);
                return;
            }

            Thread.Sleep(WatchEvery);
        }
    }

    private static Command Worker()
    {
        var command = new Command(LabEngine.WorkerVerb, "Runs trials for another process.") { Hidden = true };
        command.SetAction(_ => LabEngine.Serve());
        return command;
    }

    private static RunFolder Resume(string path, RunManifest manifest)
    {
        RunFolder run = RunFolder.Open(path);
        return run.Manifest == manifest
            ? run
            : throw new RunException($"{path}: the run there has another experiment, seed, build or shard; a resumed run would be of neither");
    }

    private static RunIdentity IdentityOf(CampaignSpec spec, ExperimentText experiment) =>
        new(spec.Name, BuildIdentity.OfExperiment(experiment.Text), spec.Seed, LabEngine.Build, spec.Trials);

    private static string DefaultFolder(CampaignSpec spec, Shard shard) =>
        Path.Combine(RunsFolder, $"{spec.Name}-{spec.Seed:x}{(shard.IsWhole ? string.Empty : $"-{shard.Number}of{shard.Count}")}");

    private static ExperimentText Read(FileInfo file, ulong? seed)
    {
        _ = Inputs.ExistingFile("SPEC.yaml", file);
        return new ExperimentText(file.ToString(), File.ReadAllText(file.FullName), seed);
    }

    private static Argument<FileInfo> SpecArgument() => new("SPEC.yaml") { Description = "The experiment." };

    private static Option<DirectoryInfo> OutputOption() =>
        new("--output") { Description = $"The folder of the run [{RunsFolder}/NAME-SEED].", HelpName = "DIR" };

    private static Option<ulong> SeedOption() =>
        Inputs.Number<ulong>("--seed", "In place of the experiment's; decimal, or 0x and base 16.", 0, 0, ulong.MaxValue);

    private static ulong? SeedOf(ParseResult parsed, Option<ulong> seed) => parsed.GetResult(seed) is { Implicit: false } ? parsed.GetValue(seed) : null;

    private static Option<Shard> ShardOption() => new("--shard")
    {
        Description = "Runs one part of a campaign, such as 2/8.",
        HelpName = "I/N",
        CustomParser = ParseShard,
    };

    private static Shard ParseShard(ArgumentResult result)
    {
        if (!Shard.TryParse(result.Tokens[0].Value, out Shard shard))
        {
            result.AddError($"'{result.Tokens[0].Value}' is no part of a campaign; write 2/8 for the second of eight");
        }

        return shard;
    }
}
