namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The one way to change metadata. Every change of an operation happens between <see cref="Begin"/> and <see cref="End"/>
/// through <see cref="Modify"/>, which is what a journal needs to know of: which blocks belong together.
/// </summary>
/// <remarks>Today the blocks just wait in the buffer cache to be written; the journal itself stays clean and untouched.</remarks>
internal sealed class Transaction(BufferCache cache)
{
    private int depth;

    internal bool IsOpen => depth > 0;

    internal void Begin() => depth++;

    internal void End() => depth--;

    /// <summary>The bytes of a block that the open transaction changes.</summary>
    internal Span<byte> Modify(CallContext context, BlockBuffer buffer)
    {
        if (depth == 0)
        {
            throw new InvalidOperationException($"block {buffer.Block} is changed outside a transaction");
        }

        return cache.Modify(context, buffer, isMetadata: true);
    }
}
