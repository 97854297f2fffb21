using System.Runtime.CompilerServices;

namespace RedLeafSharp.Memory;

/// <summary>The checks and transitions that all kinds of exchange references share.</summary>
internal static unsafe class ExchangeBlocks
{
    /// <summary>Proves that the running domain owns the block and that the reference is of its present generation.</summary>
    /// <remarks>A null header faults in the first page and reaches the domain as a NullReferenceException.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Check(CallContext context, BlockHeader* header, uint generation)
    {
        if (header->OwnerAndGeneration != BlockHeader.Pack(context.Thread.CurrentDomain, generation))
        {
            OwnershipException.ThrowStale();
        }
    }

    internal static BlockHeader* AllocateSmall(CallContext context, int lengthBytes)
    {
        int sizeClass = SizeClasses.ForPayload(lengthBytes);
        ThreadContext thread = context.Thread;
        BlockHeader* header = sizeClass < 0 ? null : thread.Heap.Allocate(sizeClass, thread.CurrentDomain, lengthBytes);
        if (header == null)
        {
            ExchangeHeapFullException.Throw(lengthBytes);
        }

        return header;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Free(CallContext context, BlockHeader* header, uint generation)
    {
        Check(context, header, generation);
        if (header->Loan != LoanState.None)
        {
            OwnershipException.ThrowLent();
        }

        context.Thread.Heap.Free(header);
    }

    /// <summary>
    /// Changes the owner at a crossing. The empty reference may cross; it names no block.
    /// </summary>
    /// <returns>False when <paramref name="from"/> does not own the block or the block is lent.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMove(BlockHeader* header, uint generation, uint from, uint to)
    {
        if (header == null)
        {
            return true;
        }

        if (header->OwnerAndGeneration != BlockHeader.Pack(from, generation) || header->Loan != LoanState.None)
        {
            return false;
        }

        header->OwnerAndGeneration = BlockHeader.Pack(to, generation);
        return true;
    }

    /// <inheritdoc cref="TryMove"/>
    /// <exception cref="OwnershipException">The move is not possible.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Move(BlockHeader* header, uint generation, uint from, uint to)
    {
        if (!TryMove(header, generation, from, to))
        {
            OwnershipException.ThrowStale();
        }
    }
}
