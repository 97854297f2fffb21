namespace RedLeafSharp.Tests.Hostile;

/// <summary>Runs attacks one after another in one process, beside honest work in the same system.</summary>
internal sealed class CorpusRun : IDisposable
{
    /// <summary>Between two copies: without it a run is mostly about copies.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-hostile-").FullName;
    private readonly List<AttackResult> results = [];
    private readonly HostileSystem system = new();
    private readonly Workload workload;
    private readonly TextWriter? progress;

    internal CorpusRun(TextWriter? progress = null)
    {
        this.progress = progress;
        workload = new Workload(system, Rest);
    }

    internal IReadOnlyList<AttackResult> Results => results;

    /// <summary>Copies of the workload that were made and checked.</summary>
    internal int Copies => workload.Copies;

    internal int FailedCopies => workload.Failures;

    /// <summary>What went wrong with the first copy that failed.</summary>
    internal string FirstFailure => workload.FirstFailure;

    /// <exception cref="EscapeException">One could not be stopped.</exception>
    internal void RunAll(IEnumerable<Attack> programs, IEnumerable<BootAttack> boots)
    {
        var run = new AttackRun(system, folder);
        foreach (Attack attack in programs)
        {
            Note(attack, () => run.Run(attack));
        }

        foreach (BootAttack boot in boots)
        {
            Note(boot.Attack, () => boot.Run(Path.Combine(folder, $"boot{results.Count}")));
        }
    }

    public void Dispose()
    {
        workload.Dispose();
        system.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The name is written first: a process that ends says with what.</summary>
    private void Note(Attack attack, Func<AttackResult> run)
    {
        progress?.Write($"{attack,-90} ");
        progress?.Flush();
        AttackResult result = run();
        results.Add(result);
        progress?.WriteLine(result.IsAsExpected ? $"{result.Wall} {result.By} {result.Micros:F0} us" : $"WRONG {result}");
    }
}
