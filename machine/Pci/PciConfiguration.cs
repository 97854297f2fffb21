namespace RedLeafSharp.Machine.Pci;

/// <summary>
/// The configuration space of one function: a type 0 header, base address registers that can be sized, and two
/// capabilities (PCI Express with function-level reset, MSI-X).
/// </summary>
/// <remarks>
/// Each register has a mask of the bits that software may change; that alone gives BAR sizing (PCI 3.0 section 6.2.5.1) and
/// ignored writes to read-only fields. The addresses in the BARs decode nothing: the machine has no address bus, the
/// kernel maps a BAR by its number.
/// </remarks>
internal sealed class PciConfiguration
{
    private const int ExpressOffset = 0x40;
    private const int MsixOffset = 0x80;

    private readonly uint[] registers = new uint[PciSpec.ConfigurationBytes / sizeof(uint)];
    private readonly uint[] writable = new uint[PciSpec.ConfigurationBytes / sizeof(uint)];
    private readonly uint powerOnCommand;

    internal PciConfiguration(PciIdentity identity, uint powerOnCommand)
    {
        this.powerOnCommand = powerOnCommand;
        registers[PciSpec.VendorAndDevice / 4] = identity.VendorId | ((uint)identity.DeviceId << 16);
        registers[PciSpec.RevisionAndClass / 4] = identity.Revision | (identity.ClassCode << 8);
        registers[PciSpec.Subsystem / 4] = identity.VendorId | ((uint)identity.DeviceId << 16);
        registers[PciSpec.CommandAndStatus / 4] = PciSpec.StatusCapabilitiesList | powerOnCommand;
        writable[PciSpec.CommandAndStatus / 4] =
            PciSpec.CommandMemorySpace | PciSpec.CommandBusMaster | PciSpec.CommandInterruptDisable;
        registers[PciSpec.CapabilitiesPointer / 4] = ExpressOffset;
        registers[ExpressOffset / 4] = PciSpec.CapabilityPciExpress | (MsixOffset << 8) | PciSpec.ExpressEndpointV2;
        registers[(ExpressOffset + PciSpec.ExpressDeviceCapabilities) / 4] = PciSpec.FunctionLevelResetCapable;
    }

    /// <summary>Called after each write that may have changed a right or the MSI-X state.</summary>
    internal Action? Changed { get; set; }

    /// <summary>Called when software asks for a function-level reset.</summary>
    internal Action? ResetRequested { get; set; }

    /// <summary>Whether the function answers register accesses.</summary>
    internal bool HasMemorySpace => (Command & PciSpec.CommandMemorySpace) != 0;

    /// <summary>Whether the function may start DMA.</summary>
    internal bool HasBusMaster => (Command & PciSpec.CommandBusMaster) != 0;

    internal bool IsMsixEnabled => (registers[MsixOffset / 4] & PciSpec.MsixEnable) != 0;

    internal bool IsMsixMasked => (registers[MsixOffset / 4] & PciSpec.MsixFunctionMask) != 0;

    private uint Command => registers[PciSpec.CommandAndStatus / 4];

    /// <summary>Declares a 64-bit memory BAR, which takes two slots.</summary>
    internal void AddBar(int index, int lengthBytes, ulong address)
    {
        int slot = (PciSpec.FirstBar / 4) + index;
        writable[slot] = ~(uint)(lengthBytes - 1) & ~PciSpec.BarFlags;
        writable[slot + 1] = uint.MaxValue;
        registers[slot] = (uint)address | PciSpec.BarMemory64;
        registers[slot + 1] = (uint)(address >> 32);
    }

    /// <summary>Declares a 32-bit memory BAR.</summary>
    internal void AddBar32(int index, int lengthBytes, uint address)
    {
        int slot = (PciSpec.FirstBar / 4) + index;
        writable[slot] = ~(uint)(lengthBytes - 1) & ~PciSpec.BarFlags;
        registers[slot] = address;
    }

    /// <summary>Declares the MSI-X capability.</summary>
    internal void AddMsix(int vectorCount, int bar, int tableOffsetBytes, int pendingOffsetBytes)
    {
        registers[MsixOffset / 4] = PciSpec.CapabilityMsix | ((uint)(vectorCount - 1) << 16);
        writable[MsixOffset / 4] = PciSpec.MsixEnable | PciSpec.MsixFunctionMask;
        registers[(MsixOffset + PciSpec.MsixTablePointer) / 4] = (uint)tableOffsetBytes | (uint)bar;
        registers[(MsixOffset + PciSpec.MsixPendingPointer) / 4] = (uint)pendingOffsetBytes | (uint)bar;
    }

    /// <summary>What the kernel does before it hands out the first interrupt.</summary>
    internal void EnableMsix() => registers[MsixOffset / 4] |= PciSpec.MsixEnable;

    internal uint Read(int offsetBytes) => registers[offsetBytes / 4];

    internal void Write(int offsetBytes, uint value)
    {
        int index = offsetBytes / 4;
        if (offsetBytes == ExpressOffset + PciSpec.ExpressDeviceControl && (value & PciSpec.InitiateFunctionLevelReset) != 0)
        {
            ResetRequested?.Invoke();
            return;
        }

        registers[index] = (registers[index] & ~writable[index]) | (value & writable[index]);
        Changed?.Invoke();
    }

    /// <summary>The state after a reset. BARs keep their addresses: nothing here would place them again.</summary>
    internal void Reset()
    {
        registers[PciSpec.CommandAndStatus / 4] = PciSpec.StatusCapabilitiesList | powerOnCommand;
        registers[MsixOffset / 4] &= ~writable[MsixOffset / 4];
        Changed?.Invoke();
    }
}

/// <summary>What a function says that it is.</summary>
/// <param name="VendorId">PCI vendor.</param>
/// <param name="DeviceId">The vendor's device.</param>
/// <param name="Revision">Revision of the device.</param>
/// <param name="ClassCode">Base class, subclass and programming interface, 24 bits.</param>
internal readonly record struct PciIdentity(ushort VendorId, ushort DeviceId, byte Revision, uint ClassCode);
