namespace RedLeafSharp.Drivers;

/// <summary>Configuration space of any function: PCI Local Bus 3.0 sections 6.2, 6.7 and 6.8.2.</summary>
internal static class PciSpec
{
    internal const int Command = 0x04;
    internal const int CapabilitiesPointer = 0x34;

    internal const uint MemorySpace = 1 << 1;
    internal const uint BusMaster = 1 << 2;
    internal const uint NoPinInterrupt = 1 << 10;
    internal const uint StatusCapabilities = 1 << 20;
    internal const uint CapabilityMsix = 0x11;

    internal const uint MsixMaskAll = 1u << 30;
    internal const uint MsixEnable = 1u << 31;
}
