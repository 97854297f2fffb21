using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

public sealed class ShrinkingTests
{
    private static readonly OptionInfo[] Options = [new("operations", "", 500, 1, 1_000), new("depth", "", 32, 1, 64)];

    /// <summary>Two of eight faults and 17 operations are needed; everything else must go.</summary>
    [Fact]
    public void Shrink_PlanOfWhichLittleMatters_KeepsThatOnly()
    {
        FaultPlan[] faults = [.. Enumerable.Range(1, 8).Select(number => Fault($"device.f{number}"))];

        JudgedTrial smallest = Shrink(
            Plan(faults),
            plan => plan.Faults.Any(fault => fault.Kind == "device.f3") && plan.Faults.Any(fault => fault.Kind == "device.f6" && fault.Occurrence >= 5)
                && plan.Options.GetValueOrDefault("operations", 500) >= 17);

        Assert.Equal([("device.f3", 1L), ("device.f6", 5L)], smallest.Plan!.Faults.Select(fault => (fault.Kind, fault.Occurrence)));
        Assert.Equal((17L, 1L), (smallest.Plan.Options["operations"], smallest.Plan.Options["depth"]));
        Assert.All(smallest.Plan.Faults, fault => Assert.Equal((FaultMode.Once, FaultState.Any), (fault.Mode, fault.While)));
        Assert.False(smallest.Plan.HasSecondRound);
    }

    /// <summary>What ends as badly but is noticed by another detector is another failure.</summary>
    [Fact]
    public void Shrink_OtherDetector_IsNotAccepted()
    {
        JudgedTrial trial = Trial(Plan([Fault("device.a"), Fault("device.b")]), "driver");

        JudgedTrial smallest = Shrinking.Shrink(
            trial, [], plan => Trial(plan, plan.Faults.Count == 2 ? "driver" : "shadow"), () => true);

        Assert.Equal(2, smallest.Plan!.Faults.Count);
    }

    [Fact]
    public void Shrink_NoTime_GivesTheTrialBack()
    {
        JudgedTrial trial = Trial(Plan([Fault("device.a")]), "driver");

        Assert.Same(trial, Shrinking.Shrink(trial, Options, _ => throw new InvalidOperationException("ran"), () => false));
    }

    /// <summary>What shrinking writes is a test of this project: the compiler accepts it.</summary>
    [Fact]
    public void RegressionTest_OfATrial_Compiles()
    {
        string source = RegressionTest.Write(Trial(Plan([Fault("device.a")]), "driver") with { Detail = "a <b> & \"c\"\nd" });
        CSharpCompilation compilation = CSharpCompilation.Create(
            typeof(ShrinkingTests).Assembly.GetName().Name,
            [CSharpSyntaxTree.ParseText(source), CSharpSyntaxTree.ParseText("global using System; global using System.IO;")],
            [.. AppDomain.CurrentDomain.GetAssemblies().Concat([typeof(TrialEngine).Assembly, typeof(Assert).Assembly])
                .Where(one => !one.IsDynamic && one.Location.Length > 0).Select(one => one.Location).Distinct()
                .Select(path => MetadataReference.CreateFromFile(path))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

        Assert.Empty(compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error).Select(one => one.ToString()));
    }

    private static JudgedTrial Shrink(TrialPlan plan, Func<TrialPlan, bool> fails) => Shrinking.Shrink(
        Trial(plan, "driver"),
        Options,
        candidate => Trial(candidate, "driver") with { Outcome = fails(candidate) ? Outcome.DataLoss : Outcome.Masked },
        () => true);

    private static FaultPlan Fault(string kind) => new()
    {
        Kind = kind,
        Target = "disk0",
        Occurrence = 40,
        Mode = FaultMode.Permanent,
        While = FaultState.Serving,
    };

    private static TrialPlan Plan(IReadOnlyList<FaultPlan> faults) =>
        new() { Seed = 1, Trial = 2, Workload = "w", Faults = faults, HasSecondRound = true };

    private static JudgedTrial Trial(TrialPlan plan, string detector) => new()
    {
        Trial = 2,
        Class = "device",
        Outcome = Outcome.DataLoss,
        Detector = detector,
        Detail = "",
        Plan = plan,
    };
}
