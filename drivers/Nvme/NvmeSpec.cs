namespace RedLeafSharp.Drivers.Nvme;

/// <summary>Numbers of the NVM Express Base Specification, revision 1.4, with the section that states them.</summary>
internal static class NvmeSpec
{
    // Controller registers, section 3.1: offsets in BAR 0.
    internal const int Capabilities = 0x00;
    internal const int Configuration = 0x14;
    internal const int Status = 0x1c;
    internal const int AdminQueueAttributes = 0x24;
    internal const int AdminSubmissionQueueBase = 0x28;
    internal const int AdminCompletionQueueBase = 0x30;
    internal const int FirstDoorbell = 0x1000;

    // Controller Configuration, section 3.1.5.
    internal const uint ConfigurationEnable = 1;
    internal const uint ConfigurationShutdownMask = 3 << 14;
    internal const uint ConfigurationShutdownNormal = 1 << 14;
    internal const uint ConfigurationEntrySizes = (6 << 16) | (4 << 20);

    // Controller Status, section 3.1.6. A device that has left the bus answers every read with ones.
    internal const uint StatusReady = 1;
    internal const uint StatusFatal = 2;
    internal const uint StatusShutdownMask = 3 << 2;
    internal const uint StatusShutdownComplete = 2 << 2;
    internal const uint AllOnes = uint.MaxValue;

    // Queue entries, section 4.2 and 4.6.
    internal const int SubmissionEntryBytes = 64;
    internal const int CompletionEntryBytes = 16;

    // Admin opcodes, section 5.
    internal const byte CreateSubmissionQueue = 0x01;
    internal const byte CreateCompletionQueue = 0x05;
    internal const byte Identify = 0x06;
    internal const byte Abort = 0x08;
    internal const byte SetFeatures = 0x09;

    // Identify, section 5.15: what to identify.
    internal const uint IdentifyNamespace = 0;
    internal const uint IdentifyController = 1;
    internal const uint IdentifyActiveNamespaces = 2;

    // Identify Controller data, section 5.15.2.2: byte offsets.
    internal const int ControllerTransferSize = 77;
    internal const int ControllerEntrySizesSubmission = 512;
    internal const int ControllerEntrySizesCompletion = 513;
    internal const int ControllerOptionalCommands = 520;
    internal const int ControllerVolatileCache = 525;
    internal const ushort OptionalDatasetManagement = 1 << 2;
    internal const ushort OptionalWriteZeroes = 1 << 3;

    // Identify Namespace data, section 5.15.2.1: byte offsets.
    internal const int NamespaceSize = 0;
    internal const int NamespaceFormat = 26;
    internal const int NamespaceFirstFormat = 128;
    internal const int NamespaceFormatBytes = 4;

    // Features, section 5.21.1.
    internal const uint FeatureNumberOfQueues = 7;

    // Create I/O queue, sections 5.3 and 5.4, command dword 11.
    internal const uint QueueContiguous = 1;
    internal const uint QueueInterrupts = 2;

    // NVM opcodes, section 6.
    internal const byte Flush = 0x00;
    internal const byte Write = 0x01;
    internal const byte Read = 0x02;
    internal const byte WriteZeroes = 0x08;
    internal const byte DatasetManagement = 0x09;
    internal const uint ForceUnitAccess = 1u << 30;
    internal const uint Deallocate = 1 << 2;

    // PCI configuration space (PCI Local Bus 3.0, section 6.1) and the class code of an NVMe controller (section 2.1.5).
    internal const int PciClass = 0x08;
    internal const uint PciClassNvme = 0x010802;
}
