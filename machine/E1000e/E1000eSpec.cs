namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Registers and descriptor fields of the 82574L: Intel 82574 GbE Controller Family Datasheet, revision 3.4, chapter 10 (registers)
/// and chapter 7 (descriptors). Only what the model uses.
/// </summary>
internal static class E1000eSpec
{
    internal const ushort VendorId = 0x8086;
    internal const ushort DeviceId = 0x10D3;
    internal const uint ClassEthernet = 0x020000;
    internal const int RegisterBytes = 0x20000;

    internal const int Control = 0x0000;
    internal const int ControlCopy = 0x0004;
    internal const int Status = 0x0008;
    internal const int EepromControl = 0x0010;
    internal const int EepromRead = 0x0014;
    internal const int ExtendedControl = 0x0018;
    internal const int MdiControl = 0x0020;
    internal const int VlanEtherType = 0x0038;
    internal const int InterruptCauseRead = 0x00C0;
    internal const int InterruptThrottling = 0x00C4;
    internal const int InterruptCauseSet = 0x00C8;
    internal const int InterruptMaskSet = 0x00D0;
    internal const int InterruptMaskClear = 0x00D8;
    internal const int AutoClear = 0x00DC;
    internal const int AutoMask = 0x00E0;
    internal const int VectorAllocation = 0x00E4;
    internal const int VectorThrottling = 0x00E8;
    internal const int ReceiveControl = 0x0100;
    internal const int TransmitControl = 0x0400;
    internal const int TransmitGap = 0x0410;
    internal const int PacketBufferAllocation = 0x1000;
    internal const int ReceiveQueue = 0x2800;
    internal const int ReceiveDescriptorControl = 0x2828;
    internal const int TransmitQueue = 0x3800;
    internal const int TransmitDescriptorControl = 0x3828;
    internal const int TransmitArbitration = 0x3840;
    internal const int FirstStatistic = 0x4000;
    internal const int LastStatistic = 0x4124;
    internal const int ReceiveChecksum = 0x5000;
    internal const int ReceiveFilterControl = 0x5008;
    internal const int MulticastTable = 0x5200;
    internal const int ReceiveAddress = 0x5400;
    internal const int VlanFilterTable = 0x5600;
    internal const int SoftwareSemaphore = 0x5B50;
    internal const int PendingClear = 0x5B68;

    /// <summary>Of a queue's registers, from its base on (sections 10.2.5 and 10.2.6).</summary>
    internal const int BaseLow = 0x00;
    internal const int BaseHigh = 0x04;
    internal const int Length = 0x08;
    internal const int Head = 0x10;
    internal const int Tail = 0x18;
    internal const uint LengthMask = 0xFFF80;
    internal const int DescriptorBytes = 16;

    internal const uint ControlFullDuplex = 1u << 0;
    internal const uint ControlMasterDisable = 1u << 2;
    internal const uint ControlSetLinkUp = 1u << 6;
    internal const uint ControlReset = 1u << 26;
    internal const uint ControlVlanMode = 1u << 30;
    internal const uint ControlPhyReset = 1u << 31;

    internal const uint StatusFullDuplex = 1u << 0;
    internal const uint StatusLinkUp = 1u << 1;
    internal const uint StatusSpeed1000 = 2u << 6;
    internal const uint StatusPhyResetAsserted = 1u << 10;
    internal const uint StatusMasterEnable = 1u << 19;

    internal const uint EepromPresent = 1u << 8;
    internal const uint EepromAutoReadDone = 1u << 9;
    internal const uint EepromStart = 1u << 0;
    internal const uint EepromDone = 1u << 1;
    internal const int EepromAddressShift = 2;
    internal const uint EepromAddressMask = 0x3FFF;

    internal const uint ExtendedEepromReset = 1u << 13;
    internal const uint ExtendedAutoMaskOnVector = 1u << 24;
    internal const uint ExtendedAutoMaskOnRead = 1u << 27;
    internal const uint ExtendedPendingClear = 1u << 31;

    internal const uint MdiWrite = 1u << 26;
    internal const uint MdiRead = 2u << 26;
    internal const uint MdiReady = 1u << 28;
    internal const uint MdiInterrupt = 1u << 29;
    internal const uint MdiError = 1u << 30;

    internal const uint CauseTransmitWrittenBack = 1u << 0;
    internal const uint CauseTransmitQueueEmpty = 1u << 1;
    internal const uint CauseLinkChange = 1u << 2;
    internal const uint CauseReceiveThreshold = 1u << 4;
    internal const uint CauseReceiveOverrun = 1u << 6;
    internal const uint CauseReceiveTimer = 1u << 7;
    internal const uint CauseMdiDone = 1u << 9;
    internal const uint CauseTransmitLow = 1u << 15;
    internal const uint CauseSmallPacket = 1u << 16;
    internal const uint CauseAck = 1u << 17;
    internal const uint CauseManagement = 1u << 18;
    internal const uint CauseReceiveQueue0 = 1u << 20;
    internal const uint CauseReceiveQueue1 = 1u << 21;
    internal const uint CauseTransmitQueue0 = 1u << 22;
    internal const uint CauseTransmitQueue1 = 1u << 23;
    internal const uint CauseOther = 1u << 24;
    internal const uint CauseAsserted = 1u << 31;
    internal const uint OtherCauses = CauseLinkChange | CauseReceiveOverrun | CauseMdiDone | CauseSmallPacket | CauseAck
        | CauseManagement;

    /// <summary>Causes that have a vector of their own (IVAR, section 10.2.4.9), from the lowest bit on.</summary>
    internal const uint VectorCauses = 0x1Fu << 20;
    internal const uint CausesWritable = CauseTransmitWrittenBack | CauseTransmitQueueEmpty | CauseReceiveThreshold
        | CauseReceiveTimer | CauseTransmitLow | OtherCauses | VectorCauses;
    internal const uint VectorValid = 8;
    internal const int VectorCount = 5;

    /// <summary>Nanoseconds of one unit of ITR and EITR (section 10.2.4.2).</summary>
    internal const int ThrottlingNanoseconds = 256;

    internal const uint ReceiveEnable = 1u << 1;
    internal const uint ReceiveStoreBad = 1u << 2;
    internal const uint ReceiveUnicastPromiscuous = 1u << 3;
    internal const uint ReceiveMulticastPromiscuous = 1u << 4;
    internal const uint ReceiveLongPackets = 1u << 5;
    internal const uint ReceiveLoopbackMask = 3u << 6;
    internal const int ReceiveThresholdShift = 8;
    internal const uint ReceiveDescriptorTypeMask = 3u << 10;
    internal const int ReceiveMulticastOffsetShift = 12;
    internal const uint ReceiveBroadcast = 1u << 15;
    internal const int ReceiveBufferSizeShift = 16;
    internal const uint ReceiveVlanFilter = 1u << 18;
    internal const uint ReceiveFormatFilter = 1u << 19;
    internal const uint ReceiveFormat = 1u << 20;
    internal const uint ReceiveBufferSizeExtension = 1u << 25;
    internal const uint ReceiveStripChecksum = 1u << 26;
    internal const int ReceiveFlexibleSizeShift = 27;

    internal const uint TransmitEnable = 1u << 1;
    internal const uint TransmitPad = 1u << 3;
    internal const uint QueueEnable = 1u << 10;

    internal const uint ChecksumIp = 1u << 8;
    internal const uint ChecksumTransport = 1u << 9;
    internal const uint ChecksumNotPacketChecksum = 1u << 13;
    internal const uint FilterExtendedStatus = 1u << 15;
    internal const uint FilterNoIPv6 = 1u << 10;
    internal const uint FilterNoIPv6Checksum = 1u << 11;

    internal const uint AddressValid = 1u << 31;
    internal const int AddressCount = 16;
    internal const int TableDwords = 128;

    /// <summary>Transmit descriptors (sections 7.2.10 to 7.2.12): bits of the command byte.</summary>
    internal const byte CommandEndOfPacket = 1 << 0;
    internal const byte CommandInsertChecksum = 1 << 2;
    internal const byte CommandReportStatus = 1 << 3;
    internal const byte CommandExtension = 1 << 5;
    internal const byte CommandVlan = 1 << 6;
    internal const byte DataSegmentation = 1 << 2;
    internal const byte ContextTcp = 1 << 0;
    internal const byte ContextIPv4 = 1 << 1;
    internal const byte ContextSegmentation = 1 << 2;
    internal const byte OptionIpChecksum = 1 << 0;
    internal const byte OptionTransportChecksum = 1 << 1;
    internal const uint TypeMask = 0xFu << 20;
    internal const uint TypeContext = 0;
    internal const uint TypeData = 1u << 20;
    internal const uint DataLengthMask = 0xFFFFF;
    internal const byte DescriptorDone = 1;

    /// <summary>Receive descriptors (sections 7.1.4 and 7.1.5): status and error bits, alike in both formats.</summary>
    internal const uint ReceiveDone = 1 << 0;
    internal const uint ReceiveEndOfPacket = 1 << 1;
    internal const uint ReceiveIgnoreChecksum = 1 << 2;
    internal const uint ReceiveVlan = 1 << 3;
    internal const uint ReceiveUdpChecked = 1 << 4;
    internal const uint ReceiveTcpChecked = 1 << 5;
    internal const uint ReceiveIpChecked = 1 << 6;
    internal const uint ReceivePassedInexact = 1 << 7;
    internal const uint ReceiveUdpNonZero = 1 << 10;
    internal const uint ErrorTransport = 1 << 5;
    internal const uint ErrorIp = 1 << 6;
    internal const int ExtendedErrorShift = 24;

    /// <summary>Statistics (section 10.2.7): they stop at their highest value and are cleared when they are read.</summary>
    internal const int MissedPackets = 0x4010;
    internal const int ReceiveLengthErrors = 0x4040;
    internal const int Received64 = 0x405C;
    internal const int GoodReceived = 0x4074;
    internal const int BroadcastReceived = 0x4078;
    internal const int MulticastReceived = 0x407C;
    internal const int GoodSent = 0x4080;
    internal const int GoodOctetsReceived = 0x4088;
    internal const int GoodOctetsSent = 0x4090;
    internal const int NoBuffers = 0x40A0;
    internal const int Undersize = 0x40A4;
    internal const int Oversize = 0x40AC;
    internal const int TotalOctetsReceived = 0x40C0;
    internal const int TotalOctetsSent = 0x40C8;
    internal const int TotalReceived = 0x40D0;
    internal const int TotalSent = 0x40D4;
    internal const int Sent64 = 0x40D8;
    internal const int MulticastSent = 0x40F0;
    internal const int BroadcastSent = 0x40F4;
    internal const int SegmentationsSent = 0x40F8;
    internal const int InterruptsAsserted = 0x4100;

    internal const int LinkChecksumBytes = 4;
    internal const int FrameBytesMin = 60;
    internal const int FrameBytesMax = 1518;
    internal const int TagBytes = 4;
}
