using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Cli.Lab;
using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf lab trial</c> and <c>verify-determinism</c>: single trials, and the proof that they can be repeated.</summary>
internal static class TrialCommands
{
    /// <summary>Reads plans as JSON, a line each, and prints a trace hash for each. For <see cref="OtherProcess"/>.</summary>
    internal const string HashesVerb = "trace-hashes";

    private const string DefaultWorkload = "block-ledger";

    /// <summary>A seed like any other.</summary>
    private const ulong DefaultSeed = 0x5EED;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal static IEnumerable<Command> Create(TextWriter output) => [Trial(output), VerifyDeterminism(output), Hashes(output)];

    private static Option<ulong> Seed() => Inputs.Number<ulong>("--seed", "Seed of the campaign.", DefaultSeed, 0, ulong.MaxValue);

    private static Option<string> Workload() =>
        new("--workload") { Description = "What the system does.", HelpName = "NAME", DefaultValueFactory = _ => DefaultWorkload };

    private static Command Trial(TextWriter output)
    {
        Option<ulong> seed = Seed();
        Option<string> workload = Workload();
        Option<ulong> number = Inputs.Number<ulong>("--trial", "Number of the trial.", 0, 0, ulong.MaxValue);
        Option<int> count = Inputs.Number("--count", "How many trials from there on.", 1, 1, 1_000_000);
        var plan = new Option<string?>("--plan")
        {
            Description = "The whole plan as JSON, in place of the others; - reads plans from the input, a line each.",
            HelpName = "JSON",
        };
        var history = new Option<FileInfo?>("--history")
        {
            Description = "Where to write what the clients of a store saw, for 'redleaf lab linearizable'.",
            HelpName = "FILE",
        };
        var isQuiet = new Option<bool>("--summary") { Description = "Print the rate instead of the results." };
        var command = new Command("trial", "Carries out single trials and prints their results as JSON.")
        {
            seed, number, count, workload, plan, history, isQuiet,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(plan) == "-")
            {
                return RunPlans(output);
            }

            TrialPlan first = parsed.GetValue(plan) is { } json ? ParsePlan(json) : new TrialPlan
            {
                Seed = parsed.GetValue(seed),
                Trial = parsed.GetValue(number),
                Workload = parsed.GetRequiredValue(workload),
            };
            return RunTrials(output, first, parsed.GetValue(count), parsed.GetValue(isQuiet), parsed.GetValue(history));
        });
        return command;
    }

    private static int RunPlans(TextWriter output)
    {
        using var engine = new TrialEngine(Domains.Folder);
        while (Console.In.ReadLine() is { } line)
        {
            output.WriteLine(JsonSerializer.Serialize(Usable(() => engine.Run(ParsePlan(line)))));
        }

        return ExitCode.Pass;
    }

    private static int RunTrials(TextWriter output, TrialPlan first, int count, bool isQuiet, FileInfo? history)
    {
        using var engine = new TrialEngine(Domains.Folder);
        long start = Stopwatch.GetTimestamp();
        for (int index = 0; index < count; index++)
        {
            TrialRecord record = Usable(() => engine.Run(first with { Trial = first.Trial + (ulong)index }, TrialOptions.Default));
            if (!isQuiet)
            {
                output.WriteLine(JsonSerializer.Serialize(record.Result, Indented));
            }

            if (history is not null)
            {
                WriteHistory(record.History, history);
            }
        }

        if (isQuiet)
        {
            TimeSpan spent = Stopwatch.GetElapsedTime(start);
            output.WriteLine($"{count} trials in {spent.TotalSeconds:F1} s: {count / spent.TotalSeconds:F1} trials/s");
        }

        return ExitCode.Pass;
    }

    private static void WriteHistory(History? history, FileInfo file)
    {
        using var text = new StreamWriter(file.FullName);
        PlainHistory.Write(history ?? throw new CommandFailure("the workload has no clients of a store", ExitCode.Usage), text);
    }

    private static Command VerifyDeterminism(TextWriter output)
    {
        Option<ulong> seed = Seed();
        Option<string> workload = Workload();
        Option<int> trials = Inputs.Number("--trials", "How many trials.", 100, 1, 1_000_000);
        Option<int> times = Inputs.Number("--times", "How often each is carried out in this process.", 2, 1, 1000);
        Option<int> processes = Inputs.Number("--processes", "How many other processes carry them out, too.", 2, 0, 16);
        var other = new Option<FileInfo?>("--other")
        {
            Description = "Another build's redleaf.dll that carries them out, too.",
            HelpName = "FILE",
        };
        var command = new Command("verify-determinism", "Carries trials out again and again; exit status 1 names the first event that differs.")
        {
            seed, workload, trials, times, processes, other,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<TrialPlan> plans =
            [
                .. Enumerable.Range(0, parsed.GetValue(trials)).Select(number => new TrialPlan
                {
                    Seed = parsed.GetValue(seed), Trial = (ulong)number, Workload = parsed.GetRequiredValue(workload),
                }),
            ];
            List<IOtherRun> others = OtherProcesses(parsed.GetValue(processes));
            if (parsed.GetValue(other) is { } file)
            {
                _ = Inputs.ExistingFile("--other", file);
                others.Add(new OtherProcess(file.FullName, ["dotnet", file.FullName], new Dictionary<string, string>()));
            }

            return Verify(output, plans, parsed.GetValue(times), others);
        });
        return command;
    }

    /// <summary>Other processes with another compiler, another collector, and one core.</summary>
    private static List<IOtherRun> OtherProcesses(int count)
    {
        (string Name, string Key, string Value)[] kinds =
        [
            ("another process", "DOTNET_TieredPGO", "1"),
            ("a process with one core", "DOTNET_PROCESSOR_COUNT", "1"),
            ("a process without tiered compilation", "DOTNET_TieredCompilation", "0"),
            ("a process that collects often", "DOTNET_GCgen0size", "0x100000"),
        ];
        return
        [
            .. Enumerable.Range(0, count).Select(index => kinds[index % kinds.Length]).Select(kind =>
                OtherProcess.OfThisBuild(kind.Name, new Dictionary<string, string> { [kind.Key] = kind.Value })),
        ];
    }

    private static int Verify(TextWriter output, IReadOnlyList<TrialPlan> plans, int times, List<IOtherRun> others)
    {
        using var engine = new TrialEngine(Domains.Folder);
        Divergence? found = Usable(() => new DeterminismCheck(engine).Run(plans, times, others));
        if (found is not null)
        {
            output.WriteLine($"trial {found.Plan.Trial} is not the same in {found.Where}");
            output.WriteLine($"  {found.Event}");
            output.WriteLine($"  redleaf lab trial --plan '{JsonSerializer.Serialize(found.Plan)}'");
            return ExitCode.RunFailure;
        }

        string elsewhere = others.Count == 0 ? "no other process" : string.Join(", ", others.Select(one => one.Name));
        output.WriteLine($"{plans.Count} trials, each the same {times} times here and once in {elsewhere}");
        return ExitCode.Pass;
    }

    private static Command Hashes(TextWriter output)
    {
        var file = new Argument<FileInfo?>("FILE") { Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(HashesVerb, "For verify-determinism.") { file };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            using var engine = new TrialEngine(Domains.Folder);
            var options = new TrialOptions { KeepsTrace = parsed.GetValue(file) is not null };
            while (Console.In.ReadLine() is { } line)
            {
                TrialRecord record = engine.Run(ParsePlan(line), options);
                output.WriteLine($"{record.Result.TraceHash:x16}");
                if (parsed.GetValue(file) is { } trace)
                {
                    TraceFile.Write(trace.FullName, record.Trace.Records);
                }
            }

            return ExitCode.Pass;
        });
        return command;
    }

    private static TrialPlan ParsePlan(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<TrialPlan>(json) ?? throw new CommandFailure("the plan is empty", ExitCode.Usage);
        }
        catch (JsonException exception)
        {
            throw new CommandFailure($"the plan cannot be read: {exception.Message}", ExitCode.Usage);
        }
    }

    private static T Usable<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (ArgumentException exception)
        {
            throw new CommandFailure(exception.Message, ExitCode.Usage);
        }
    }
}
