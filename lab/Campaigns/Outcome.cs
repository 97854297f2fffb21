namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// How a trial ended. Each trial has exactly one outcome: the worst of those that apply, and they are listed from the best to the
/// worst. In files and reports they are written in capitals, KERNEL_CRASH.
/// </summary>
internal enum Outcome
{
    /// <summary>No fault struck: its place was not passed, or not often enough.</summary>
    NotReached,

    /// <summary>A fault struck, and nothing and nobody noticed.</summary>
    Masked,

    /// <summary>The system noticed and dealt with it; the workload saw what it sees without faults.</summary>
    Transparent,

    /// <summary>The workload saw an error that its contract allows, or waited for too long.</summary>
    Degraded,

    /// <summary>The service stayed away and nothing in the system noticed: somebody would have to restart it.</summary>
    UndetectedFail,

    /// <summary>The workload saw an answer that its contract does not allow.</summary>
    WrongError,

    /// <summary>The workload waited for ever.</summary>
    Hang,

    /// <summary>What was acknowledged as durable is gone.</summary>
    DataLoss,

    /// <summary>Wrong bytes without an error: silent data corruption.</summary>
    Sdc,

    /// <summary>Something outside the faulty domain was damaged: another domain, or what the kernel keeps account of.</summary>
    Propagated,

    /// <summary>The process of the whole system died.</summary>
    KernelCrash,

    /// <summary>The trial says nothing about the system: it did not work without a fault either. Left out of all rates.</summary>
    HarnessError,
}

/// <summary>Outcomes as text, and what they count for.</summary>
internal static class Outcomes
{
    private static readonly Outcome[] Values = Enum.GetValues<Outcome>();
    private static readonly string[] Texts = [.. Values.Select(Spell)];

    /// <summary>All of them, the best first.</summary>
    internal static IReadOnlyList<Outcome> All => Values;

    internal static string Name(this Outcome outcome) => Texts[(int)outcome];

    /// <exception cref="FormatException">There is no such outcome.</exception>
    internal static Outcome Parse(string name) => Array.IndexOf(Texts, name) is var index and >= 0
        ? Values[index]
        : throw new FormatException($"'{name}' is no outcome; there are {string.Join(", ", Texts)}");

    /// <summary>Whether the trial counts as an injection.</summary>
    internal static bool IsInjected(this Outcome outcome) => outcome != Outcome.HarnessError;

    /// <summary>Whether a fault struck.</summary>
    internal static bool IsActivated(this Outcome outcome) => outcome.IsInjected() && outcome != Outcome.NotReached;

    /// <summary>Whether a fault struck and something came of it.</summary>
    internal static bool IsManifested(this Outcome outcome) => outcome.IsActivated() && outcome != Outcome.Masked;

    /// <summary>Whether the workload saw nothing of it.</summary>
    internal static bool IsUnnoticed(this Outcome outcome) => outcome is Outcome.NotReached or Outcome.Masked or Outcome.Transparent;

    /// <summary>KernelCrash becomes KERNEL_CRASH.</summary>
    private static string Spell(Outcome outcome) => string.Concat(
        outcome.ToString().Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));
}
