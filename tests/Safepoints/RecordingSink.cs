using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Tests.Safepoints;

/// <summary>Remembers who was blamed for what.</summary>
internal sealed class RecordingSink : IFaultSink
{
    internal List<string> Faults { get; } = [];

    public void OnFault(ThreadContext thread, DomainGate gate, string exceptionTypeName) =>
        Faults.Add($"{gate.Name}: {exceptionTypeName}");
}
