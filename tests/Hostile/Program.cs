using RedLeafSharp.Tests.Doctor;
using RedLeafSharp.Tests.Hostile.Fuzzing;
using RedLeafSharp.Tests.PowerCuts;
using RedLeafSharp.Tests.Worlds;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>
/// What runs as a process of its own, so that a wall that fails takes nothing else down:
/// <c>dotnet run -c Release --project tests -- NAME</c>.
/// </summary>
internal static class Program
{
    private const int Usage = 2;

    private static int Main(string[] arguments) => arguments switch
    {
        ["hostile", .. var texts] => RunCorpus(texts),
        ["classes"] => Print(CorpusPage.Classes()),
        ["images", var count, var seed] => Ext4.FuzzTests.RunAll(int.Parse(count), int.Parse(seed), Console.Out) ? 0 : 1,
        ["calls", var count, var seed] => Posix.RandomCallTests.RunAll(int.Parse(count), int.Parse(seed), Console.Out) ? 0 : 1,
        ["rewrite", var count, var seed] => Rewriting.DifferentialRun.RunAll(int.Parse(count), int.Parse(seed), Console.Out) ? 0 : 1,
        ["parsers", var count, var seed] => Boot.ParserFuzz.RunAll(int.Parse(count), int.Parse(seed), Console.Out) ? 0 : 1,
        ["table", .. var texts] => PrintTable(texts),
        ["qemu", var count, var seed, .. var crashes] => RunQemu(int.Parse(count), int.Parse(seed), crashes),
        ["net", .. var rest] => Network.NetworkVerbs.Execute(rest, Console.Out),
        ["powercut", .. var rest] => PowerCutRun.Execute(rest, Console.Out),
        ["fidelity", var page, .. var rest] => Lab.Fidelity.FidelityRun.Execute(page, rest, Console.Out),
        [Lab.Campaigns.FakeWorker.WorkerVerb] => Lab.Campaigns.FakeWorker.Serve(),
        [Lab.Campaigns.FakeWorker.RunVerb, var folder, var jobs] => Lab.Campaigns.FakeWorker.Run(folder, int.Parse(jobs)),
        [PinningProgram.Command] => PinningProgram.Run(),
        ["kills", var count] => RunKills(int.Parse(count), TimeSpan.Zero),
        ["kills", var count, var rest] => RunKills(int.Parse(count), TimeSpan.FromMilliseconds(int.Parse(rest))),
        ["fuzz", var count, var seed] => Fuzz(count, seed, bootEvery: "1"),
        ["fuzz", var count, var seed, var every] => Fuzz(count, seed, every),
        [FuzzRun.ChildCommand, var count, var seed, var every] =>
            FuzzRun.Run(int.Parse(count), int.Parse(seed), int.Parse(every), Console.Out),
        _ => Explain(),
    };

    /// <summary>Runs the attacks whose class or name contains one of the texts; all without a text.</summary>
    private static int RunCorpus(string[] texts)
    {
        using var corpus = new CorpusRun(Console.Out);
        corpus.RunAll(
            HostileCorpus.Programs.Where(one => IsMeant(one, texts)), HostileCorpus.Boots.Where(boot => IsMeant(boot.Attack, texts)));
        Console.WriteLine($"{corpus.Results.Count(one => !one.IsAsExpected)} wrong of {corpus.Results.Count}; "
            + $"{corpus.Copies} copies made meanwhile, {corpus.FailedCopies} failed {corpus.FirstFailure}");
        return corpus.Results.All(one => one.IsAsExpected) && corpus.FailedCopies == 0 ? 0 : 1;
    }

    /// <summary>The table goes to the output, what is wrong to the error output.</summary>
    private static int PrintTable(string[] texts)
    {
        using var corpus = new CorpusRun();
        corpus.RunAll(
            HostileCorpus.Programs.Where(one => IsMeant(one, texts)), HostileCorpus.Boots.Where(boot => IsMeant(boot.Attack, texts)));
        AttackResult[] wrong = [.. corpus.Results.Where(one => !one.IsAsExpected)];
        Array.ForEach(wrong, Console.Error.WriteLine);
        Print(CorpusPage.Results(corpus.Results, corpus.Copies));
        return wrong.Length == 0 && corpus.FailedCopies == 0 ? 0 : 1;
    }

    private static bool IsMeant(Attack attack, string[] texts) => texts.Length == 0 || texts.Any(attack.ToString().Contains);

    private static int Print(string text)
    {
        Console.Write(text);
        return 0;
    }

    private static int RunKills(int count, TimeSpan rest)
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-kills-").FullName;
        using var system = new HostileSystem();
        using var workload = new Workload(system, rest);
        KillReport report = new KillRun(system, HostileCorpus.Endless, folder, seed: 1)
            .Execute(count, Console.Out);
        Console.WriteLine($"{report}; {workload.Copies} copies made meanwhile, {workload.Failures} failed {workload.FirstFailure}");
        return report is { Missed: 0, Held: 0 } && workload.Failures == 0 ? 0 : 1;
    }

    /// <summary>With a third number the driver crashes at one in so many of its register accesses.</summary>
    private static int RunQemu(int count, int seed, string[] crashes)
    {
        int accessesPerCrash = crashes.Length > 0 ? int.Parse(crashes[0]) : 0;
        QemuFigures figures = QemuRun.Execute(count, seed, accessesPerCrash, Console.Out);
        Console.WriteLine(figures);
        return figures.BlocksLeft == 0 ? 0 : 1;
    }

    private static int Fuzz(string count, string seed, string bootEvery) =>
        FuzzRun.Supervise(int.Parse(count), int.Parse(seed), int.Parse(bootEvery), Console.Out) ? 0 : 1;

    private static int Explain()
    {
        Console.Error.WriteLine("usage: hostile [TEXT...] | classes | table [TEXT...] | kills COUNT [REST] | fuzz COUNT SEED [EVERY]"
            + " | parsers COUNT SEED | images COUNT SEED | calls COUNT SEED | rewrite COUNT SEED | qemu COUNT SEED [ACCESSES-PER-CRASH]"
            + " | powercut FILE...|one|two|random COUNT SEED|stack COUNT SEED | net " + Network.NetworkVerbs.Usage);
        return Usage;
    }
}
