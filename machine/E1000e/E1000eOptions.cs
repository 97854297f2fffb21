using RedLeafSharp.Machine.Pci;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>What kind of controller to build.</summary>
internal sealed record E1000eOptions
{
    /// <summary>Names the function in faults and logs.</summary>
    internal string Name { get; init; } = "net0";

    /// <summary>The station address in the EEPROM, its first byte on the link in bits 47:40. Locally administered by default.</summary>
    internal ulong Address { get; init; } = 0x02_52_4C_00_00_01;

    /// <summary>Whether frames are sent in steps instead of in the write to the tail register.</summary>
    internal bool IsDeferred { get; init; }

    /// <inheritdoc cref="Nvme.SimulatedNvmeOptions.PowerOnCommand"/>
    internal uint PowerOnCommand { get; init; } = PciSpec.CommandMemorySpace | PciSpec.CommandBusMaster;

    /// <summary>What goes wrong, if anything.</summary>
    internal E1000eFaults? Faults { get; init; }

    /// <summary>Told of what no driver should do, and hardware would answer with silence.</summary>
    internal Action<string>? Misprogrammed { get; init; }

    internal void Diagnose(string? what)
    {
        if (what is not null)
        {
            Misprogrammed?.Invoke(what);
        }
    }
}
