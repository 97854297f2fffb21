namespace RedLeafSharp.Drivers;

/// <summary>
/// The function's configuration space (PCI Local Bus 3.0 chapter 6). Compiled into each driver: domains share no code at run time.
/// </summary>
internal static class PciSetup
{
    /// <summary>A function has at most this many capabilities: they are four bytes or more of the 192 beyond the header.</summary>
    private const int CapabilitiesMax = 48;

    /// <summary>Lets the function answer to register accesses, reach memory and send MSI-X messages.</summary>
    internal static void Enable(PciFunction device)
    {
        uint command = device.ReadConfiguration(PciSpec.Command);

        // The upper half is the status register, whose bits are cleared by writing ones.
        uint wanted = PciSpec.MemorySpace | PciSpec.BusMaster | PciSpec.NoPinInterrupt;
        device.WriteConfiguration(PciSpec.Command, (command & 0xffff) | wanted);
        if ((command & PciSpec.StatusCapabilities) != 0)
        {
            EnableMsix(device);
        }
    }

    private static void EnableMsix(PciFunction device)
    {
        uint offset = device.ReadConfiguration(PciSpec.CapabilitiesPointer) & 0xfc;
        for (int count = 0; offset >= 0x40 && count < CapabilitiesMax; count++)
        {
            uint header = device.ReadConfiguration((int)offset);
            if ((header & 0xff) == PciSpec.CapabilityMsix)
            {
                device.WriteConfiguration((int)offset, (header & ~PciSpec.MsixMaskAll) | PciSpec.MsixEnable);
                return;
            }

            offset = header >> 8 & 0xfc;
        }
    }
}
