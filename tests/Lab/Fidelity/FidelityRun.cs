namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>The study as a verb: <c>dotnet run -c Release --project tests -- fidelity PAGE [MUTANTS-PER-OPERATOR]</c>.</summary>
internal static class FidelityRun
{
    private const int Seed = 1;
    private const double Goal = 0.95;

    internal static FidelityStudy Nvme() => new("RedLeafSharp.Drivers.Nvme", "drivers/Nvme", "drivers/Pci");

    internal static FidelityResult[] Compare(FidelityStudy study, int perOperator, int seed) =>
        [.. study.Sample(perOperator, seed).Select(study.Compare)];

    internal static int Execute(string page, string[] rest, TextWriter output)
    {
        FidelityStudy study = Nvme();
        var results = new List<FidelityResult>();
        foreach (FidelityResult one in study.Sample(rest is [var count] ? int.Parse(count) : int.MaxValue, Seed).Select(study.Compare))
        {
            results.Add(one);
            if (one.Fidelity != Fidelity.Equal)
            {
                output.WriteLine($"{one.Fidelity} {one.Mutant.Operator} {one.Mutant}: {one.Mutant.Effect}: {one.Detail}");
            }
        }

        File.WriteAllText(page, FidelityPage.Render(results));
        return FidelityPage.RateOf(results).Value >= Goal ? 0 : 1;
    }
}
