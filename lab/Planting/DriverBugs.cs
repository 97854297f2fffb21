using RedLeafSharp.Contracts;

namespace RedLeafSharp.Lab.Planting;

/// <summary>Bugs of the driver: what it does wrong when its device fails, and what it promises wrongly.</summary>
internal static class DriverBugs
{
    private const string Image = "domains/Nvme/RedLeafSharp.Drivers.Nvme.dll";

    internal static IReadOnlyList<PlantedBug> All { get; } =
    [
        new("driver-ignores-status", Image, "an answer with an error counts as one without",
            CodeEdit.Pretend("IoQueue.Poll", "Status", 0)),
        new("reset-says-done", Image, "what is in flight when the controller is reset is answered as done",
            CodeEdit.PretendArgument("NvmeController.TryReset", "AbandonAll", (int)BlockError.None)),
        new("reset-keeps-phase", Image, "after a reset the phase of the completion queue is what it was before",
            CodeEdit.Keep("CompletionQueue.Reset", "phase")),
        new("reset-keeps-head", Image, "after a reset the completion queue is read where it was before",
            CodeEdit.Keep("CompletionQueue.Reset", "head")),
        new("reset-keeps-tail", Image, "after a reset commands are written where they were before",
            CodeEdit.Skip("IoQueue.AbandonAll", "Reset")),
        new("reset-makes-no-queues", Image, "after a reset the controller is not told of the queues",
            CodeEdit.Pretend("NvmeController.TryReset", "TryCreateQueues", 1), CodeEdit.Skip("NvmeController.TryReset", "TryCreateQueues")),
        new("force-unit-access-dropped", Image, "a write that is to be durable is an ordinary one",
            CodeEdit.Pretend("IoQueue.SetBlocks", "Flags", 0)),
    ];
}
