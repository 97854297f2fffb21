using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RedLeafSharp.Memory;

namespace RedLeafSharp;

/// <summary>
/// A remote reference: one value of type <typeparamref name="T"/> on the exchange heap, owned by exactly one domain.
/// Holding a value of this type proves nothing by itself; each borrow and each crossing checks owner and generation.
/// </summary>
/// <remarks>
/// Passed by value through a contract it moves to the callee. Copies of a moved or freed reference are stale: using one
/// throws <see cref="OwnershipException"/>, a fault of the domain that did it.
/// </remarks>
/// <typeparam name="T">An unmanaged type of at most 2,160 bytes.</typeparam>
public readonly unsafe struct RRef<T> : IExchangeReference
    where T : unmanaged
{
    internal readonly BlockHeader* Header;
    internal readonly uint Generation;

    internal RRef(BlockHeader* header, uint generation)
    {
        Header = header;
        Generation = generation;
    }

    /// <inheritdoc/>
    public bool IsNull => Header == null;

    /// <summary>Allocates a cleared value, owned by the calling domain.</summary>
    /// <exception cref="OwnershipException"><typeparamref name="T"/> holds references, replies or pointers.</exception>
    /// <exception cref="ExchangeHeapFullException">The heap is full, or <typeparamref name="T"/> is too large.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RRef<T> Allocate(CallContext context)
    {
        if (!PlainData<T>.IsPlain)
        {
            OwnershipException.ThrowNotPlain();
        }

        BlockHeader* header = ExchangeBlocks.AllocateSmall(context, sizeof(T));

        // SAFETY: the class of the block holds sizeof(T) bytes, which start right behind the header.
        *(T*)(header + 1) = default;
        return new RRef<T>(header, header->Generation);
    }

    /// <summary>Frees the value; <paramref name="reference"/> is empty afterwards.</summary>
    /// <exception cref="OwnershipException">The caller does not own the block, or it is lent.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(CallContext context, ref RRef<T> reference)
    {
        ExchangeBlocks.Free(context, reference.Header, reference.Generation);
        reference = default;
    }

    /// <summary>Borrows the value for reading, at most as long as this reference stays in place.</summary>
    /// <exception cref="OwnershipException">The caller does not own the block.</exception>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T Borrow(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        return ref *(T*)(Header + 1);
    }

    /// <summary>Borrows the value for writing, at most as long as this reference stays in place.</summary>
    /// <exception cref="OwnershipException">The caller does not own the block.</exception>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T BorrowMutable(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        return ref *(T*)(Header + 1);
    }
}
