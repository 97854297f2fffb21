namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>
/// The study as a verb: <c>dotnet run -c Release --project tests -- fidelity PAGE [MUTANTS-PER-OPERATOR]</c>, of each driver.
/// </summary>
internal static class FidelityRun
{
    private const int Seed = 1;
    private const double Goal = 0.95;

    internal static FidelityStudy Nvme() => new("RedLeafSharp.Drivers.Nvme", "drivers/Nvme", "drivers/Pci");

    internal static FidelityStudy E1000e() => new("RedLeafSharp.Drivers.E1000e", "drivers/E1000e", "drivers/Pci");

    internal static FidelityResult[] Compare(FidelityStudy study, int perOperator, int seed) =>
        [.. study.Sample(perOperator, seed).Select(study.Compare)];

    internal static int Execute(string page, string[] rest, TextWriter output)
    {
        string scope = rest is [var count] ? $"{count} of each kind in each driver" : "all of both drivers";
        var results = new List<FidelityResult>();
        foreach (FidelityStudy study in new[] { Nvme(), E1000e() })
        {
            foreach (FidelityResult one in study.Sample(rest is [var number] ? int.Parse(number) : int.MaxValue, Seed).Select(study.Compare))
            {
                results.Add(one);
                if (one.Fidelity != Fidelity.Equal)
                {
                    output.WriteLine($"{one.Fidelity} {one.Mutant.Operator} {one.Mutant}: {one.Mutant.Effect}: {one.Detail}");
                }
            }
        }

        File.WriteAllText(page, FidelityPage.Render(results, scope));
        return FidelityPage.RateOf(results).Value >= Goal ? 0 : 1;
    }
}
