namespace RedLeafSharp.Drivers.E1000e;

/// <summary>The function's configuration space (PCI Local Bus 3.0 chapter 6).</summary>
internal static class PciSetup
{
    /// <summary>A function has at most this many capabilities: they are four bytes or more of the 192 beyond the header.</summary>
    private const int CapabilitiesMax = 48;

    /// <summary>Lets the function answer to register accesses, reach memory and send MSI-X messages.</summary>
    internal static void Enable(PciFunction device)
    {
        uint command = device.ReadConfiguration(E1000eSpec.PciCommand);

        // The upper half is the status register, whose bits are cleared by writing ones.
        uint wanted = E1000eSpec.PciMemorySpace | E1000eSpec.PciBusMaster | E1000eSpec.PciNoPinInterrupt;
        device.WriteConfiguration(E1000eSpec.PciCommand, (command & 0xffff) | wanted);
        if ((command & E1000eSpec.PciStatusCapabilities) != 0)
        {
            EnableMsix(device);
        }
    }

    private static void EnableMsix(PciFunction device)
    {
        uint offset = device.ReadConfiguration(E1000eSpec.PciCapabilitiesPointer) & 0xfc;
        for (int count = 0; offset >= 0x40 && count < CapabilitiesMax; count++)
        {
            uint header = device.ReadConfiguration((int)offset);
            if ((header & 0xff) == E1000eSpec.PciCapabilityMsix)
            {
                device.WriteConfiguration((int)offset, (header & ~E1000eSpec.MsixMaskAll) | E1000eSpec.MsixEnable);
                return;
            }

            offset = header >> 8 & 0xfc;
        }
    }
}
