namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// Values of the status field of a completion without its phase tag: bits 7:0 the code, 10:8 the type, 13 "more", 14 "do
/// not retry" (NVMe 1.4 section 4.6.1, figures 125 to 127 and after). The last is set where the same command must fail again: not
/// where the host has only to take something away first, such as another command with the identifier.
/// </summary>
internal static class NvmeStatus
{
    /// <summary>Status code and status code type, without the flags behind them.</summary>
    internal const ushort CodeMask = 0x7FF;

    internal const ushort Success = 0x000;
    internal const ushort InvalidOpcode = 0x001 | DoNotRetry;
    internal const ushort InvalidField = 0x002 | DoNotRetry;
    internal const ushort CommandIdConflict = 0x003;
    internal const ushort DataTransferError = 0x004;
    internal const ushort InternalError = 0x006;
    internal const ushort AbortRequested = 0x007;
    internal const ushort AbortedByQueueDeletion = 0x008;
    internal const ushort InvalidNamespace = 0x00B | DoNotRetry;
    internal const ushort CommandSequenceError = 0x00C | DoNotRetry;
    internal const ushort PrpOffsetInvalid = 0x013 | DoNotRetry;
    internal const ushort NamespaceWriteProtected = 0x020 | DoNotRetry;
    internal const ushort LbaOutOfRange = 0x080 | DoNotRetry;

    internal const ushort CompletionQueueInvalid = 0x100 | DoNotRetry;
    internal const ushort InvalidQueueIdentifier = 0x101 | DoNotRetry;
    internal const ushort InvalidQueueSize = 0x102 | DoNotRetry;
    internal const ushort AsynchronousEventLimit = 0x105;
    internal const ushort InvalidInterruptVector = 0x108 | DoNotRetry;
    internal const ushort InvalidLogPage = 0x109 | DoNotRetry;
    internal const ushort InvalidQueueDeletion = 0x10C;
    internal const ushort FeatureNotSaveable = 0x10D | DoNotRetry;
    internal const ushort FeatureNotChangeable = 0x10E | DoNotRetry;
    internal const ushort FeatureNotNamespaceSpecific = 0x10F | DoNotRetry;

    internal const ushort WriteFault = 0x280;
    internal const ushort UnrecoveredReadError = 0x281;
    internal const ushort CompareFailure = 0x285;

    internal const ushort More = 1 << 13;
    internal const ushort DoNotRetry = 1 << 14;

    /// <summary>Not a status of the specification: the command stays outstanding (asynchronous event requests).</summary>
    internal const ushort StaysOutstanding = 0xFFFF;
}
