using System.Runtime.InteropServices;

namespace RedLeafSharp.Memory;

/// <content>Scans of all slabs: what an owner holds, and the end of all that a dead one held.</content>
internal sealed unsafe partial class ExchangeHeap
{
    /// <summary>Frees every block of a dead owner, except those lent to a device that still maps them.</summary>
    /// <param name="owner">A domain with no thread inside whose devices are fenced; the caller has made sure of both.</param>
    internal Census Reclaim(uint owner)
    {
        lock (sharedLock)
        {
            return Visit(owner, free: true);
        }
    }

    /// <summary>Counts what an owner holds. Exact while no thread runs inside the owner.</summary>
    internal Census Count(uint owner)
    {
        lock (sharedLock)
        {
            return Visit(owner, free: false);
        }
    }

    /// <summary>Counts what each owner holds; for owners in which threads run, roughly.</summary>
    /// <remarks>The lock is free between two slabs: caches may have to be filled.</remarks>
    internal void CountEach(Dictionary<uint, Census> byOwner)
    {
        byOwner.Clear();
        for (int slab = 1; slab < Volatile.Read(ref slabsUsed); slab++)
        {
            lock (sharedLock)
            {
                CountSlab(slab, byOwner);
            }
        }
    }

    /// <summary>Counts every block in use, whoever owns it.</summary>
    internal Census CountAll() => Count(0);

    /// <summary>Owner 0 stands for every owner. Downwards, as what is freed comes to the front of a list, and lists should go upwards.</summary>
    private Census Visit(uint owner, bool free)
    {
        var census = default(Census);
        for (int slab = slabsUsed - 1; slab > 0; slab--)
        {
            int sizeClass = slabClass[slab];
            var (first, stride) = SizeClasses.HeaderLayout(sizeClass);
            byte* start = Base + ((long)slab * SizeClasses.SlabBytes) + first;
            for (int block = SizeClasses.BlocksPerSlab(sizeClass) - 1; block >= 0; block--)
            {
                var header = (BlockHeader*)(start + ((long)block * stride));
                if (header->Owner != 0 && (owner == 0 || header->Owner == owner))
                {
                    VisitBlock(header, free, ref census);
                }
            }
        }

        return census;
    }

    private void CountSlab(int slab, Dictionary<uint, Census> byOwner)
    {
        int sizeClass = slabClass[slab];
        var (first, stride) = SizeClasses.HeaderLayout(sizeClass);
        byte* start = Base + ((long)slab * SizeClasses.SlabBytes) + first;
        for (int block = 0; block < SizeClasses.BlocksPerSlab(sizeClass); block++)
        {
            var header = (BlockHeader*)(start + ((long)block * stride));
            if (header->Owner is not 0 and uint owner)
            {
                ref Census census = ref CollectionsMarshal.GetValueRefOrAddDefault(byOwner, owner, out _);
                VisitBlock(header, free: false, ref census);
            }
        }
    }

    private void VisitBlock(BlockHeader* header, bool free, ref Census census)
    {
        census.Blocks++;
        census.Bytes += SizeClasses.PayloadBytes(header->SizeClass);
        if (!free)
        {
            return;
        }

        // Lent and still mapped: a shadow has it in its ledger and takes it back when the operation ends. Rings are of a dead
        // driver, whose device has been fenced.
        if ((header->Loan & LoanState.Lent) != 0 && !TryEndLoan(header))
        {
            census.QuarantinedBlocks++;
            return;
        }

        header->Loan = LoanState.None;
        header->OwnerAndGeneration = BlockHeader.Pack(0, header->Generation + 1);
        header->LengthOrNext = sharedHead[header->SizeClass];
        sharedHead[header->SizeClass] = ListEntry(header);
    }
}

/// <summary>What a scan of the exchange heap found.</summary>
internal record struct Census
{
    internal long Blocks;
    internal long Bytes;

    /// <summary>Blocks that could not be freed because a device window still maps them.</summary>
    internal long QuarantinedBlocks;
}
