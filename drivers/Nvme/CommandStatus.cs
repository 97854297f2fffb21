using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.Nvme;

/// <summary>The status field of a completion, without the phase tag (NVMe 1.4 section 4.6.1).</summary>
internal static class CommandStatus
{
    private const int Generic = 0x000;
    private const int CommandSpecific = 0x100;
    private const int Media = 0x200;

    /// <summary>Status code type and status code: bits 1 to 11 of the entry's status word.</summary>
    internal static int CodeOf(ushort status) => (status >> 1) & 0x7ff;

    internal static BlockError ToBlockError(ushort status) => CodeOf(status) switch
    {
        Generic => BlockError.None,
        Generic + 0x01 => BlockError.NotSupported, // Invalid Command Opcode
        Generic + 0x02 or Generic + 0x13 => BlockError.InvalidRequest, // Invalid Field, PRP Offset Invalid
        Generic + 0x04 => BlockError.TransferError, // Data Transfer Error
        Generic + 0x05 or Generic + 0x07 or Generic + 0x08 => BlockError.Aborted, // power loss, abort, queue deletion
        Generic + 0x20 => BlockError.ReadOnly, // Namespace is Write Protected
        Generic + 0x80 => BlockError.OutOfRange, // LBA Out of Range
        CommandSpecific + 0x82 => BlockError.ReadOnly, // Attempted Write to Read Only Range
        >= Media and < Media + 0x100 => BlockError.MediaError,
        _ => BlockError.DeviceFailed,
    };
}
