namespace RedLeafSharp.Machine.Pci;

/// <summary>
/// Offsets and bits of a PCI function's configuration space: PCI Local Bus 3.0 section 6.1 (header) and 6.8.2 (MSI-X),
/// PCI Express Base 3.0 section 7.8 (PCI Express capability).
/// </summary>
internal static class PciSpec
{
    internal const int ConfigurationBytes = 4096;

    internal const int VendorAndDevice = 0x00;
    internal const int CommandAndStatus = 0x04;
    internal const int RevisionAndClass = 0x08;
    internal const int FirstBar = 0x10;
    internal const int BarCount = 6;
    internal const int Subsystem = 0x2C;
    internal const int CapabilitiesPointer = 0x34;

    internal const uint CommandMemorySpace = 1 << 1;
    internal const uint CommandBusMaster = 1 << 2;
    internal const uint CommandInterruptDisable = 1 << 10;
    internal const uint StatusCapabilitiesList = 1u << 20;

    internal const uint BarMemory64 = 0x4;
    internal const uint BarFlags = 0xF;

    internal const byte CapabilityPciExpress = 0x10;
    internal const byte CapabilityMsix = 0x11;

    /// <summary>PCI Express capability: version 2, endpoint (device/port type 0).</summary>
    internal const uint ExpressEndpointV2 = 0x0002u << 16;
    internal const int ExpressDeviceCapabilities = 0x04;
    internal const int ExpressDeviceControl = 0x08;
    internal const uint FunctionLevelResetCapable = 1u << 28;
    internal const uint InitiateFunctionLevelReset = 1u << 15;

    internal const int MsixTablePointer = 0x04;
    internal const int MsixPendingPointer = 0x08;
    internal const uint MsixFunctionMask = 1u << 30;
    internal const uint MsixEnable = 1u << 31;
    internal const int MsixEntryBytes = 16;
    internal const int MsixVectorControl = 12;
    internal const uint MsixVectorMasked = 1;
}
