namespace RedLeafSharp.Machine.Nvme;

/// <summary>Decides when a command that has been fetched is carried out, and so in what order commands complete.</summary>
internal abstract class CompletionPolicy
{
    /// <summary>Steps of the controller until the command is carried out; 0 is at once.</summary>
    internal abstract int StepsUntilDone(int queueId, ushort commandId);
}

/// <summary>Every command takes the same number of steps: completions come in the order of submission.</summary>
internal sealed class FixedDelay(int steps) : CompletionPolicy
{
    internal override int StepsUntilDone(int queueId, ushort commandId) => steps;
}

/// <summary>
/// Every command takes 1 to <paramref name="stepsMax"/> steps, drawn from a seed: commands overtake each other, the same
/// way in every run. The generator is xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators").
/// </summary>
internal sealed class SeededDelay(ulong seed, int stepsMax) : CompletionPolicy
{
    private ulong state = seed * 2 + 1;

    internal override int StepsUntilDone(int queueId, ushort commandId)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return 1 + (int)((state * 0x2545F4914F6CDD1DUL >> 33) % (ulong)stepsMax);
    }
}
