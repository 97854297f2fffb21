using System.Runtime.CompilerServices;

namespace RedLeafSharp.Memory;

/// <summary>
/// The free lists of one executor. Only the thread that holds the executor's baton touches them, so they need neither
/// locks nor interlocked instructions.
/// </summary>
internal sealed unsafe class ExchangeHeapCache
{
    private readonly uint[] heads = new uint[SizeClasses.Count];
    private readonly int[] counts = new int[SizeClasses.Count];

    internal ExchangeHeapCache(ExchangeHeap heap) => Heap = heap;

    internal ExchangeHeap Heap { get; }

    /// <summary>Takes a block, sets its owner and length; null when the heap is full. The payload is not cleared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal BlockHeader* Allocate(int sizeClass, uint owner, int lengthBytes)
    {
        uint head = heads[sizeClass];
        if (head == 0)
        {
            head = Refill(sizeClass);
            if (head == 0)
            {
                return null;
            }
        }

        BlockHeader* header = Heap.At(head);
        heads[sizeClass] = header->LengthOrNext;
        counts[sizeClass]--;
        header->OwnerAndGeneration = BlockHeader.Pack(owner, header->Generation);
        header->LengthOrNext = (uint)lengthBytes;
        return header;
    }

    /// <summary>Puts a block back; every reference to it is stale from here on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Free(BlockHeader* header)
    {
        int sizeClass = header->SizeClass;
        header->OwnerAndGeneration = BlockHeader.Pack(0, header->Generation + 1);
        header->LengthOrNext = heads[sizeClass];
        heads[sizeClass] = Heap.ListEntry(header);
        if (++counts[sizeClass] > SizeClasses.CacheBlocksMax(sizeClass))
        {
            Spill(sizeClass);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint Refill(int sizeClass)
    {
        counts[sizeClass] += Heap.Refill(sizeClass, SizeClasses.TransferBlocks(sizeClass), ref heads[sizeClass]);
        return heads[sizeClass];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Spill(int sizeClass)
    {
        int half = SizeClasses.CacheBlocksMax(sizeClass) / 2;
        Heap.Spill(sizeClass, half, ref heads[sizeClass]);
        counts[sizeClass] -= half;
    }
}
