namespace RedLeafSharp.Lab.Planting;

/// <summary>Bugs of the kernel: what it does wrong between the death of a generation and the work of the next.</summary>
internal static class KernelBugs
{
    private const string Kernel = "RedLeafSharp.Kernel.dll";
    private const string Trusted = "RedLeafSharp.Trusted.dll";
    private const string Contracts = "RedLeafSharp.Contracts.dll";

    internal static IReadOnlyList<PlantedBug> All { get; } =
    [
        new("no-fence", Kernel, "the dead driver's device is not fenced",
            CodeEdit.Skip("Supervisor.Bury", "Fence"), CodeEdit.Skip("Supervisor.BringUpNext", "Fence")),
        new("fence-takes-nothing-back", Trusted, "a fence leaves granted pages to the device",
            CodeEdit.Keep("DmaWindow.Fence", "epoch")),
        new("memory-kept", Kernel, "what a dead generation held of the exchange heap is not taken back",
            CodeEdit.Skip("Reclaimer.TryDetach", "Reclaim"), CodeEdit.Skip("Reclaimer.TrySettle", "Reclaim")),
        new("code-kept", Kernel, "the load context of a dead generation is not given back",
            CodeEdit.Skip("Generation.Detach", "Invoke")),
        new("dead-forgotten", Kernel, "the reclaimer is not told of dead generations",
            CodeEdit.Skip("Supervisor.Promote", "Add"), CodeEdit.Skip("Supervisor.Recover", "Add")),
        new("standby-shared", Kernel, "a standby that takes over stays among the standbys: two generations are one object",
            CodeEdit.Instead("GenerationFactory.TakeStandby", "TryDequeue", "TryPeek")),
        new("budget-zero", Kernel, "no restart is within the budget",
            CodeEdit.Pretend("RestartBudget.TryRestart", "get_RestartsMax", 0)),
        new("link-not-renewed", Contracts, "the shadow goes on calling the dead generation",
            CodeEdit.Keep("DomainLink`1.Recover", "target")),
        new("recovering-forever", Kernel, "a recovery that has ended still counts as under way",
            CodeEdit.Skip("Supervisor.Recover", "set_IsRecovering", 1)),
    ];
}
