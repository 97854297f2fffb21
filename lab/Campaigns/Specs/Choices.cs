using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>A workload that trials may have.</summary>
/// <param name="Use">Its name.</param>
/// <param name="Weight">How often it is taken, relative to the others.</param>
/// <param name="Options">Its options; those left out have their defaults.</param>
/// <param name="Source">Where the file says so.</param>
internal sealed record WorkloadChoice(string Use, long Weight, IReadOnlyDictionary<string, long> Options, SpecNode Source)
{
    internal static WorkloadChoice Parse(SpecFields fields) =>
        new(fields.Text("use"), fields.Number("weight"), fields.Numbers("with"), fields.Node);
}

/// <summary>Kinds of faults that trials may have.</summary>
/// <param name="Pick">Their class: what is before the dot in a kind's name.</param>
/// <param name="Target">The domain or device; null for all.</param>
/// <param name="Types">What is behind the dot; empty for all of the class.</param>
/// <param name="IsDuringRecovery">Whether a crash of the driver comes first, and they strike while it is replaced.</param>
/// <param name="Weight">How often one of them is taken, relative to other choices.</param>
/// <param name="Source">Where the file says so.</param>
internal sealed record FaultChoice(
    string Pick, string? Target, IReadOnlyList<string> Types, bool IsDuringRecovery, long Weight, SpecNode Source)
{
    internal static FaultChoice Parse(SpecFields fields) => new(
        fields.Text("pick"),
        fields.OptionalText("target"),
        fields.Texts("types"),
        fields.Text("during") == "recovery",
        fields.Number("weight"),
        fields.Node);
}

/// <summary>When faults strike.</summary>
/// <param name="PerTrial">How many a trial has.</param>
/// <param name="Mode">How often each strikes.</param>
/// <param name="EveryMicros">If not 0, each strikes again and again, with so much time in between.</param>
/// <param name="Probability">Of an intermittent one, each time.</param>
/// <param name="While">In which state of the system.</param>
internal sealed record TriggerChoice(int PerTrial, FaultMode Mode, long EveryMicros, double Probability, FaultState While)
{
    internal static TriggerChoice Parse(SpecFields fields) => new(
        (int)fields.Number("perTrial"),
        Enum.Parse<FaultMode>(fields.Text("mode"), ignoreCase: true),
        fields.Number("everyMicros"),
        fields.Real("probability"),
        Enum.Parse<FaultState>(fields.Text("while"), ignoreCase: true));
}
