using RedLeafSharp.Devices;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>One simulated network controller at the end of a link.</summary>
internal sealed class NicWorld : World
{
    private readonly LinkPort link;

    /// <param name="heap">The memory that the device reaches through its window.</param>
    /// <param name="scheduler">Whose events interrupts are.</param>
    /// <param name="options">The controller.</param>
    /// <param name="link">Its wire; disposed of with the world.</param>
    internal NicWorld(ExchangeHeap heap, Scheduler scheduler, E1000eOptions options, LinkPort link)
    {
        this.link = link;
        Options = options;
        var window = new DmaWindow(heap) { FunctionName = options.Name };
        Controller = new SimulatedE1000e(options, link, window, scheduler);
        Functions = [new WorldFunction(options.Name, Controller, window)];
    }

    internal override IReadOnlyList<WorldFunction> Functions { get; }

    /// <summary>What kind of controller it is.</summary>
    internal E1000eOptions Options { get; }

    /// <summary>The wire.</summary>
    internal LinkPort Link => link;

    /// <summary>The controller, for experiments.</summary>
    internal SimulatedE1000e Controller { get; }

    /// <summary>When a frame arrives that is on its way; the end of time if none is.</summary>
    internal long NextDueMicros => link.NextDueMicros;

    internal override bool Step() => Controller.Step();

    public override void Dispose()
    {
        Controller.Reset();
        Functions[0].Window.Release();
        link.Dispose();
    }
}
