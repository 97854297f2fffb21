namespace RedLeafSharp.Tests.Hostile;

/// <summary>
/// What runs as a process of its own, so that a wall that fails takes nothing else down:
/// <c>dotnet run -c Release --project tests -- NAME</c>.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        ["hostile", .. var texts] => RunCorpus(texts),
        _ => Usage(),
    };

    /// <summary>Runs the attacks whose class or name contains one of the texts; all without a text.</summary>
    private static int RunCorpus(string[] texts)
    {
        bool IsMeant(Attack attack) => texts.Length == 0 || texts.Any(attack.ToString().Contains);

        using var corpus = new CorpusRun(Console.Out);
        corpus.RunAll(HostileCorpus.Programs.Where(IsMeant), HostileCorpus.Boots.Where(boot => IsMeant(boot.Attack)));
        Console.WriteLine($"{corpus.Results.Count(one => !one.IsAsExpected)} wrong of {corpus.Results.Count}; "
            + $"{corpus.Copies} copies made meanwhile, {corpus.FailedCopies} failed");
        return corpus.Results.All(one => one.IsAsExpected) && corpus.FailedCopies == 0 ? 0 : 1;
    }

    private static int Usage()
    {
        Console.Error.WriteLine("usage: hostile [TEXT...]");
        return 2;
    }
}
