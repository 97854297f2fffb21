using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Tests.Executors;

/// <summary>Executors with domains made of delegates, and the means to call them as a generated proxy does.</summary>
internal sealed class TestSystem : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ExchangeHeap heap = new(16L << 20);
    private uint nextDomain = 100;

    internal TestSystem(int executors = 1, ExecutorOptions? options = null) =>
        Group = new ExecutorGroup(heap, (options ?? new ExecutorOptions()) with { Count = executors });

    internal ExecutorGroup Group { get; }

    internal TestDomain AddDomain(string name, int executor = 0, bool isReentrant = false, bool completesCalls = false)
    {
        var gate = new DomainGate(nextDomain++, name, executor, isReentrant) { CompletesCalls = completesCalls };
        Group.Register(gate);
        return new TestDomain(gate);
    }

    internal KernelThread Start(ThreadBody body, int executor = 0, string name = "test") =>
        Group.Executors[executor].Start(name, DomainId.Kernel.Value, body);

    /// <summary>Starts the bodies in this order on executor 0 and waits for all of them.</summary>
    internal void Run(params ThreadBody[] bodies)
    {
        KernelThread[] threads = [.. bodies.Select(body => Start(body))];
        Array.ForEach(threads, Finish);
    }

    /// <summary>Waits for the end of a thread and hands its failure on to the test.</summary>
    internal static void Finish(KernelThread thread)
    {
        Xunit.Assert.True(thread.TryJoin(Patience), $"thread {thread.Name} does not end");
        thread.Join();
        Xunit.Assert.Null(thread.FailureTypeName);
    }

    public void Dispose()
    {
        Group.Dispose();
        heap.Dispose();
    }
}

/// <summary>A domain whose one contract method is whatever the caller passes.</summary>
internal sealed class TestDomain(DomainGate gate)
{
    internal DomainGate Gate { get; } = gate;

    internal uint Id => Gate.Id;

    /// <summary>Set by a test once the domain is dead and no chain names it.</summary>
    internal volatile bool IsBuried;

    /// <summary>Word for word what the generator emits for a method without arguments to move.</summary>
    internal Fault Call(CallContext context, ThreadBody target, ulong tag = 0)
    {
        CrossingFrame frame = Crossing.Enter(context, Gate, Gate.Id | tag);
        if (frame.IsRefused)
        {
            return frame.Fault;
        }

        Fault fault = Fault.None;
        try
        {
            target(context);
        }
        catch (Exception exception)
        {
            fault = Crossing.Caught(context, Gate, frame, exception);
        }

        Fault late = Crossing.Leave(context, Gate, frame);
        return fault == Fault.None ? late : fault;
    }
}
