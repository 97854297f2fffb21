using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// One network interface whose controller is QEMU's device model, at the end of a link to this process. An outside judge of driver
/// and of the simulated controller, as <see cref="QemuWorld"/> is for disks.
/// </summary>
internal sealed class QemuNicWorld : World
{
    private readonly QemuProcess process;
    private readonly QemuNic function;
    private readonly string folder;

    /// <param name="heap">The memory of QEMU's machine.</param>
    /// <param name="scheduler">Whose events interrupts are.</param>
    /// <param name="name">Names the function.</param>
    /// <param name="address">The station address in its EEPROM.</param>
    /// <exception cref="IOException">QEMU is missing or refuses to start; the message is its own.</exception>
    internal QemuNicWorld(ExchangeHeap heap, Scheduler scheduler, string name, string address)
    {
        folder = Directory.CreateTempSubdirectory("redleaf-link-").FullName;
        string here = Path.Combine(folder, "here");
        string there = Path.Combine(folder, "there");
        var link = new DatagramLink(here, there);
        Peer = link;
        try
        {
            process = new QemuProcess(heap,
            [
                "-netdev", $"dgram,id=wire,local.type=unix,local.path={there},remote.type=unix,remote.path={here}",
                "-device", $"e1000e,netdev=wire,mac={address},romfile=",
            ]);
            function = new QemuNic(process.Channel, heap, () => new KernelEvent(scheduler));
        }
        catch
        {
            process?.Dispose();
            DisposeLink();
            throw;
        }

        Functions = [new WorldFunction(name, function, new DmaWindow(heap) { FunctionName = name })];
    }

    internal override IReadOnlyList<WorldFunction> Functions { get; }

    /// <summary>The other end of the wire.</summary>
    internal LinkPort Peer { get; }

    internal override bool Step() => function.Step();

    /// <summary>Ends QEMU, as a crash of it would: the device has left the bus.</summary>
    internal void Kill() => process.Kill();

    public override void Dispose()
    {
        function.Reset();
        Functions[0].Window.Release();
        process.Dispose();
        DisposeLink();
    }

    private void DisposeLink()
    {
        Peer.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
