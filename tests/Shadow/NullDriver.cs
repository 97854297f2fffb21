using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Shadow;

/// <summary>A driver whose device completes everything at once and moves nothing; for counting and measuring.</summary>
internal sealed class NullDriver : IBlockDevice, IDomainLinkBackend
{
    private readonly ulong[] tags = new ulong[128];
    private int count;

    public object Target => this;

    public uint Generation => 1;

    public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) => new BlockGeometry
    {
        BlockCount = 1 << 20,
        BlockBytes = 512,
        TransferBytesMax = 128 << 10,
        RequestsMax = tags.Length,
    };

    public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
    {
        foreach (ref readonly BlockRequest request in requests)
        {
            tags[count++] = request.Tag;
        }

        return requests.Length;
    }

    public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions)
    {
        int delivered = 0;
        while (count > 0 && delivered < completions.Length)
        {
            completions[delivered++] = new BlockCompletion { Tag = tags[--count] };
        }

        return delivered;
    }

    public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros) => count > 0;

    public Reply<uint, DomainError> Recover(CallContext context) => Reply<uint, DomainError>.FromFault(Fault.GaveUp);
}
