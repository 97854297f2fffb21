namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// Constants of the NVM Express Base Specification, revision 1.4: registers from section 3.1, commands from sections 5
/// and 6.
/// </summary>
internal static class NvmeSpec
{
    internal const uint Version14 = 0x0001_0400;
    internal const int PageBytes = 4096;
    internal const int SubmissionEntryBytes = 64;
    internal const int CompletionEntryBytes = 16;
    internal const int SubmissionEntryShift = 6;
    internal const int CompletionEntryShift = 4;
    internal const uint AllNamespaces = 0xFFFF_FFFF;

    // Section 3.1: offsets in BAR 0.
    internal const int Capabilities = 0x00;
    internal const int Version = 0x08;
    internal const int InterruptMaskSet = 0x0C;
    internal const int InterruptMaskClear = 0x10;
    internal const int ControllerConfiguration = 0x14;
    internal const int ControllerStatus = 0x1C;
    internal const int SubsystemReset = 0x20;
    internal const int AdminQueueAttributes = 0x24;
    internal const int AdminSubmissionBase = 0x28;
    internal const int AdminCompletionBase = 0x30;
    internal const int FirstDoorbell = 0x1000;

    // Section 3.1.1, CAP.
    internal const ulong ContiguousQueuesRequired = 1UL << 16;
    internal const int CapabilitiesTimeoutShift = 24;
    internal const ulong SubsystemResetSupported = 1UL << 36;
    internal const ulong NvmCommandSet = 1UL << 37;

    // Section 3.1.5, CC.
    internal const uint ConfigurationEnable = 1;
    internal const uint ConfigurationWritable = 0x00FF_FFF1;
    internal const uint ConfigurationMustBeZero = 0x0000_3FF0;
    internal const int ShutdownNotificationShift = 14;
    internal const uint ShutdownNotificationMask = 3;
    internal const int SubmissionEntrySizeShift = 16;
    internal const int CompletionEntrySizeShift = 20;

    // Section 3.1.6, CSTS.
    internal const uint StatusReady = 1;
    internal const uint StatusFatal = 1 << 1;
    internal const uint StatusShutdownMask = 3 << 2;
    internal const uint StatusShutdownOccurring = 1 << 2;
    internal const uint StatusShutdownComplete = 2 << 2;
    internal const uint StatusSubsystemResetOccurred = 1 << 4;

    /// <summary>"NVMe", section 3.1.7.</summary>
    internal const uint SubsystemResetSignature = 0x4E56_4D65;

    internal const uint AdminQueueSizeMask = 0x0FFF_0FFF;
}

/// <summary>Admin commands, section 5.</summary>
internal enum AdminOpcode : byte
{
    DeleteSubmissionQueue = 0x00,
    CreateSubmissionQueue = 0x01,
    GetLogPage = 0x02,
    DeleteCompletionQueue = 0x04,
    CreateCompletionQueue = 0x05,
    Identify = 0x06,
    Abort = 0x08,
    SetFeatures = 0x09,
    GetFeatures = 0x0A,
    AsynchronousEventRequest = 0x0C,
}

/// <summary>Commands of the NVM command set, section 6, figure 346.</summary>
internal enum IoOpcode : byte
{
    Flush = 0x00,
    Write = 0x01,
    Read = 0x02,
    WriteUncorrectable = 0x04,
    Compare = 0x05,
    WriteZeroes = 0x08,
    DatasetManagement = 0x09,
}
