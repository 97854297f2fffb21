using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Machine.Nvme;

namespace RedLeafSharp.Lab.Simulation;

/// <summary>
/// How long the simulated disk takes for a command: mostly the time of a flash read, sometimes that of a collision with an erase, so
/// that commands overtake each other.
/// </summary>
internal sealed class SimulatedLatency(Kernel.Executors.Simulation simulation) : CompletionPolicy
{
    /// <summary>Administrative commands and cache hits take less than 10 us.</summary>
    private const int MicrosMin = 5;

    /// <summary>One command in so many meets an erase.</summary>
    private const int SlowOneIn = 32;

    /// <summary>A page of flash is read in less than 100 us.</summary>
    private const int UsualMicros = 95;

    /// <summary>A block is erased in a few milliseconds.</summary>
    private const int SlowMicros = 3_000;

    internal override int StepsUntilDone(int queueId, ushort commandId)
    {
        int draw = simulation.Choose(Choice.DeviceDelay, SlowOneIn * UsualMicros);
        bool isSlow = draw / UsualMicros == 0;
        return MicrosMin + (isSlow ? draw * (SlowMicros / UsualMicros) : draw % UsualMicros);
    }
}
