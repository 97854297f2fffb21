using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.Nvme;

/// <summary>What the controller says of itself and of its first namespace (NVMe 1.4 section 5.15).</summary>
internal struct Identity
{
    internal uint NamespaceId;
    internal ulong BlockCount;
    internal int BlockBytes;
    internal int TransferBytesMax;
    internal bool HasVolatileCache;
    internal bool HasWriteZeroes;
    internal bool HasDatasetManagement;

    /// <summary>Takes the Identify Controller data. False when the queue entry sizes are not the standard ones.</summary>
    internal bool TryTakeController(ReadOnlySpan<byte> data)
    {
        int transferShift = data[NvmeSpec.ControllerTransferSize];
        ushort commands = BinaryPrimitives.ReadUInt16LittleEndian(data[NvmeSpec.ControllerOptionalCommands..]);
        TransferBytesMax = transferShift is > 0 and < 7
            ? Math.Min(PageBuffer.PageBytes << transferShift, NvmeLimits.TransferBytesMax)
            : NvmeLimits.TransferBytesMax;
        HasVolatileCache = (data[NvmeSpec.ControllerVolatileCache] & 1) != 0;
        HasWriteZeroes = (commands & NvmeSpec.OptionalWriteZeroes) != 0;
        HasDatasetManagement = (commands & NvmeSpec.OptionalDatasetManagement) != 0;
        return (data[NvmeSpec.ControllerEntrySizesSubmission] & 0xf) <= 6
            && (data[NvmeSpec.ControllerEntrySizesCompletion] & 0xf) <= 4;
    }

    /// <summary>Takes the list of active namespaces. False when there is none.</summary>
    internal bool TryTakeNamespaceList(ReadOnlySpan<byte> data)
    {
        NamespaceId = BinaryPrimitives.ReadUInt32LittleEndian(data);
        return NamespaceId != 0;
    }

    /// <summary>Takes the Identify Namespace data. False when its format is not 512 or 4,096 bytes without metadata.</summary>
    internal bool TryTakeNamespace(ReadOnlySpan<byte> data)
    {
        int format = NvmeSpec.NamespaceFirstFormat + ((data[NvmeSpec.NamespaceFormat] & 0xf) * NvmeSpec.NamespaceFormatBytes);
        uint description = BinaryPrimitives.ReadUInt32LittleEndian(data[format..]);
        int blockShift = (int)(description >> 16 & 0xff);
        BlockCount = BinaryPrimitives.ReadUInt64LittleEndian(data[NvmeSpec.NamespaceSize..]);
        BlockBytes = blockShift is 9 or 12 ? 1 << blockShift : 0;
        return BlockBytes != 0 && (description & 0xffff) == 0 && BlockCount is > 0 and <= ulong.MaxValue >> 12;
    }

    internal readonly BlockGeometry ToGeometry(int requestsMax) => new()
    {
        BlockCount = BlockCount,
        BlockBytes = BlockBytes,
        TransferBytesMax = TransferBytesMax,
        RequestsMax = requestsMax,
        HasVolatileCache = HasVolatileCache,
    };
}
