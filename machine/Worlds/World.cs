using RedLeafSharp.Devices;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// Where PCI functions come from: simulated here, QEMU's models, a vhost-user process. A driver gets a
/// <see cref="PciFunction"/> over one of them and cannot tell which world it is in.
/// </summary>
internal abstract class World : IDisposable
{
    /// <summary>The functions of the world, in the order of their description.</summary>
    internal abstract IReadOnlyList<WorldFunction> Functions { get; }

    /// <summary>Does device work. The executor's poll loop calls it while threads wait.</summary>
    /// <returns>
    /// Whether something was done, or will be done by calling again. False when every device waits for its driver; nothing
    /// will signal an event then.
    /// </returns>
    internal abstract bool Step();

    public abstract void Dispose();
}

/// <summary>One function of a world, which outlives the generations of its driver.</summary>
/// <param name="Name">As the system file names the device.</param>
/// <param name="Backend">Configuration space, registers, interrupts, reset.</param>
/// <param name="Window">Its IOMMU table.</param>
internal sealed record WorldFunction(string Name, IPciFunctionBackend Backend, DmaWindow Window);
