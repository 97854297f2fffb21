using RedLeafSharp.Machine.Nvme;

namespace RedLeafSharp.Tests.Drivers;

/// <summary>Thrown into a driver where a test wants it to crash.</summary>
internal sealed class PlantedCrashException() : Exception("planted");

/// <summary>Faults that a test can exchange while the controller runs.</summary>
internal sealed class ScriptedFaults : NvmeFaults
{
    internal Action<RegisterAccess, int, ulong>? Before { get; set; }

    internal Action<RegisterAccess, int, ulong>? After { get; set; }

    /// <summary>Queue and opcode to fault.</summary>
    internal Func<int, SubmissionEntry, CommandFault>? Command { get; set; }

    internal bool IsReadyEver { get; set; } = true;

    internal override bool BecomesReady => IsReadyEver;

    internal override void BeforeRegister(RegisterAccess access, int offsetBytes, ulong value) =>
        Before?.Invoke(access, offsetBytes, value);

    internal override void AfterRegister(RegisterAccess access, int offsetBytes, ulong value) =>
        After?.Invoke(access, offsetBytes, value);

    internal override CommandFault OnCommand(int queueId, long index, in SubmissionEntry command) =>
        Command?.Invoke(queueId, command) ?? default;
}
