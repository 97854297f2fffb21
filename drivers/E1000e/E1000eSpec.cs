namespace RedLeafSharp.Drivers.E1000e;

/// <summary>
/// Numbers of the 82574L that the driver uses: Intel 82574 GbE Controller Family Datasheet, revision 3.4, chapter 10 (registers), and
/// PCI Local Bus 3.0. Descriptor layouts are in <see cref="ReceiveDescriptor"/> and <see cref="TransmitDescriptor"/>.
/// </summary>
internal static class E1000eSpec
{
    internal const int PciIdentity = 0x00;
    internal const uint Identity82574 = 0x10D3_8086;

    internal const int Control = 0x0000;
    internal const int Status = 0x0008;
    internal const int EepromRead = 0x0014;
    internal const int InterruptCause = 0x00C0;
    internal const int InterruptMaskSet = 0x00D0;
    internal const int InterruptMaskClear = 0x00D8;
    internal const int InterruptAutoClear = 0x00DC;
    internal const int VectorAllocation = 0x00E4;
    internal const int VectorThrottling = 0x00E8;
    internal const int ReceiveControl = 0x0100;
    internal const int TransmitControl = 0x0400;
    internal const int TransmitGap = 0x0410;
    internal const int ReceiveQueue = 0x2800;
    internal const int TransmitQueue = 0x3800;
    internal const int TransmitDescriptorControl = 0x3828;
    internal const int ChecksumErrors = 0x4000;
    internal const int ReceiveErrorCount = 0x400C;
    internal const int MissedPackets = 0x4010;
    internal const int NoBuffers = 0x40A0;
    internal const int LengthErrors = 0x4040;
    internal const int Undersize = 0x40A4;
    internal const int Fragments = 0x40A8;
    internal const int Oversize = 0x40AC;
    internal const int Jabber = 0x40B0;
    internal const int ReceiveChecksum = 0x5000;
    internal const int ReceiveFilter = 0x5008;
    internal const int MulticastTable = 0x5200;
    internal const int ReceiveAddress = 0x5400;
    internal const int VlanFilterTable = 0x5600;

    /// <summary>Of a queue's registers, from its base on.</summary>
    internal const int BaseLow = 0x00;
    internal const int BaseHigh = 0x04;
    internal const int Length = 0x08;
    internal const int Head = 0x10;
    internal const int Tail = 0x18;

    internal const uint AllOnes = uint.MaxValue;
    internal const uint ControlFullDuplex = 1u << 0;
    internal const uint ControlAutoSpeed = 1u << 5;
    internal const uint ControlLinkUp = 1u << 6;
    internal const uint ControlReset = 1u << 26;
    internal const uint ControlVlanMode = 1u << 30;
    internal const uint StatusFullDuplex = 1u << 0;
    internal const uint StatusLinkUp = 1u << 1;
    internal const int StatusSpeedShift = 6;

    /// <summary>Words that the checksum covers, its own included, and what they add up to.</summary>
    internal const int EepromWords = 64;
    internal const ushort EepromSum = 0xBABA;

    internal const uint EepromStart = 1u << 0;
    internal const uint EepromDone = 1u << 1;
    internal const int EepromAddressShift = 2;

    internal const uint CauseLinkChange = 1u << 2;
    internal const uint CauseReceiveQueue = 1u << 20;
    internal const uint CauseTransmitQueue = 1u << 22;
    internal const uint CauseOther = 1u << 24;

    /// <summary>IVAR: receive queue 0, transmit queue 0 and the rest go to vector 0 (section 10.2.4.9).</summary>
    internal const uint AllToVector0 = 0x8 | (0x8 << 8) | (0x8 << 16);

    internal const uint ReceiveEnable = 1u << 1;
    internal const uint ReceivePromiscuous = 1u << 3;
    internal const uint ReceiveAllMulticast = 1u << 4;
    internal const uint ReceiveLongPackets = 1u << 5;
    internal const uint ReceiveBroadcast = 1u << 15;
    internal const uint ReceiveVlanFilter = 1u << 18;
    internal const uint ReceiveStripChecksum = 1u << 26;

    /// <summary>TCTL: on, pad short frames, collision threshold and distance of section 10.2.6.1.</summary>
    internal const uint TransmitNormal = (1u << 1) | (1u << 3) | (0x0Fu << 4) | (0x3Fu << 12);

    /// <summary>TIPG for copper (section 10.2.6.2).</summary>
    internal const uint TransmitGapCopper = 8 | (8 << 10) | (6 << 20);

    /// <summary>
    /// TXDCTL: thresholds count descriptors (bit 24), and each is written back at once (section 10.2.6.8); bit 22 counts those still to be
    /// worked off, as Linux has it.
    /// </summary>
    internal const uint TransmitWriteBackEach = (1u << 24) | (1u << 22) | (1u << 16);

    internal const uint ChecksumIp = 1u << 8;
    internal const uint ChecksumTransport = 1u << 9;
    internal const uint FilterExtendedStatus = 1u << 15;
    internal const uint AddressValid = 1u << 31;
    internal const int AddressCount = 16;
    internal const int TableDwords = 128;
    internal const int RegisterBytesMin = 0x5C00;
}
