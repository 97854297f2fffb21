using System.Globalization;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// How fast trials were run: no result, for it depends on the machine, and of one start of the runner, for what was resumed had another.
/// </summary>
/// <param name="Trials">That were run and written.</param>
/// <param name="WorkerSeconds">Processor time that workers took, their start and all that they compiled included.</param>
internal sealed record RunSpeed(long Trials, double WorkerSeconds)
{
    /// <summary>Trials in a second of one core.</summary>
    public double TrialsPerCoreSecond => WorkerSeconds > 0 ? Math.Round(Trials / WorkerSeconds, 1) : 0;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Trials:N0} trials in {WorkerSeconds:N1} s of processor time: {TrialsPerCoreSecond:N1} a second and core");
}
