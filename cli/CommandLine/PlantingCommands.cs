using System.CommandLine;
using System.Diagnostics;
using RedLeafSharp.Cli.Campaigns;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Planting;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf lab plant</c> and <c>hunt</c>: bugs of the system's own, to see that campaigns find them.</summary>
internal static class PlantingCommands
{
    internal static IEnumerable<Command> Create(TextWriter output) => [Plant(output), Hunt(output)];

    private static Command Plant(TextWriter output)
    {
        var name = new Argument<string?>("BUG") { Description = "One of the bugs; all are listed without one.", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<DirectoryInfo?>("--output") { Description = "The folder of the copy.", HelpName = "DIR" };
        var command = new Command("plant", "Copies this build with a bug planted into it; its redleaf.dll is run in place of this one.") { name, folder };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(name) is not { } wanted)
            {
                foreach (PlantedBug bug in PlantedBugs.All)
                {
                    output.WriteLine($"{bug.Name,-26} {bug.Summary}");
                }

                return ExitCode.Pass;
            }

            PlantedBug found = Find(wanted);
            DirectoryInfo place = parsed.GetValue(folder) ?? throw new CommandFailure("--output is missing: where the copy goes", ExitCode.Usage);
            _ = Inputs.FolderToMake("--output", place);
            PlantedBuild.Make(AppContext.BaseDirectory, found, place.FullName);
            output.WriteLine($"{found.Name}: dotnet {Path.Combine(place.ToString(), LabEngine.AssemblyName)} lab run ...");
            return ExitCode.Pass;
        });
        return command;
    }

    private static Command Hunt(TextWriter output)
    {
        var file = new Argument<FileInfo>("SPEC.yaml") { Description = "An experiment that a build without bugs passes." };
        var names = new Argument<string[]>("BUG") { Description = "Which bugs; all if left out.", Arity = ArgumentArity.ZeroOrMore };
        var page = new Option<FileInfo?>("--page") { Description = "Writes what was found as a page.", HelpName = "FILE" };
        Option<int> jobs = Inputs.Number("--jobs", "Bugs looked for at once [one for each processor].", Environment.ProcessorCount, 1, CampaignLimits.JobsMax);
        var command = new Command("hunt", "Plants each bug into a copy of this build and looks for it; exit status 1 if one is not found.") { file, names, page, jobs };
        command.SetAction(parsed => CampaignCommands.Guard(() =>
        {
            FileInfo path = Inputs.ExistingFile("SPEC.yaml", parsed.GetRequiredValue(file))!;
            var experiment = new ExperimentText(path.ToString(), File.ReadAllText(path.FullName), null);
            CampaignSpec spec = experiment.Parse();
            string[] wanted = parsed.GetValue(names) ?? [];
            PlantedBug[] bugs = wanted.Length == 0 ? [.. PlantedBugs.All] : [.. wanted.Select(Find)];
            long start = Stopwatch.GetTimestamp();
            int cleanFindings = FindInClean(output, experiment, spec);
            HuntResult[] results =
            [
                .. bugs.AsParallel().AsOrdered().WithDegreeOfParallelism(parsed.GetValue(jobs)).WithMergeOptions(ParallelMergeOptions.NotBuffered)
                    .Select(bug => Look(output, bug, experiment, spec)),
            ];
            if (parsed.GetValue(page) is { } target)
            {
                File.WriteAllText(target.FullName, BugPage.Render(results, spec.Trials, cleanFindings));
            }

            int found = results.Count(one => one.IsFound);
            output.WriteLine($"{found} of {results.Length} found in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s; without a bug {cleanFindings}");
            return found == results.Length && cleanFindings == 0 ? ExitCode.Pass : ExitCode.RunFailure;
        }));
        return command;
    }

    private static PlantedBug Find(string name) => PlantedBugs.Find(name)
        ?? throw new CommandFailure($"there is no bug '{name}'; 'redleaf lab plant' lists them", ExitCode.Usage);

    private static int FindInClean(TextWriter output, ExperimentText experiment, CampaignSpec spec)
    {
        using WorkerTrialRunner runner = RunnerOf(LabEngine.Command, experiment, spec);
        int findings = 0;
        var trials = new List<JudgedTrial>();
        for (long trial = 0; trial < spec.Trials; trial++)
        {
            JudgedTrial judged = CampaignJson.Read<JudgedTrial>(runner.Run(trial));
            trials.Add(judged);
            if (BugHunt.IsFinding(spec, judged))
            {
                findings++;
                output.WriteLine($"without a bug: trial {trial}, {judged.Class}: {judged.Outcome.Name()} {judged.Detail}");
            }
        }

        if (findings == 0 && BugHunt.MissedBy(spec, trials) is { Length: > 0 } missed)
        {
            findings++;
            output.WriteLine($"without a bug: {missed}");
        }

        return findings;
    }

    private static HuntResult Look(TextWriter output, PlantedBug bug, ExperimentText experiment, CampaignSpec spec)
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-bug-").FullName;
        try
        {
            PlantedBuild.Make(AppContext.BaseDirectory, bug, folder);
            using WorkerTrialRunner runner = RunnerOf(LabEngine.CommandIn(folder), experiment, spec);
            HuntResult result = BugHunt.Run(bug, spec, trial => CampaignJson.Read<JudgedTrial>(runner.Run(trial)));
            string what = result.Found is { } trial
                ? $"trial {trial.Trial}, {trial.Class}: {trial.Outcome.Name()} {trial.Detail}"
                : result.IsFound ? result.FoundBy : $"not found in {result.Trials} trials";
            lock (output)
            {
                output.WriteLine($"{bug.Name,-26} {what}");
            }

            return result;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static WorkerTrialRunner RunnerOf(WorkerCommand command, ExperimentText experiment, CampaignSpec spec) => new(
        command,
        experiment,
        new RunIdentity(spec.Name, BuildIdentity.OfExperiment(experiment.Text), spec.Seed, string.Empty, spec.Trials),
        new IncidentLog(Path.GetTempFileName()),
        CampaignLimits.TrialPatience);
}
