using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RedLeafSharp.Memory;

namespace RedLeafSharp;

/// <summary>
/// An array of <typeparamref name="T"/> on the exchange heap, owned by exactly one domain; packets and small buffers
/// are arrays of bytes. The rules are those of <see cref="RRef{T}"/>.
/// </summary>
/// <typeparam name="T">An unmanaged type; the whole array takes at most 2,160 bytes.</typeparam>
public readonly unsafe struct RRefArray<T> : IExchangeReference
    where T : unmanaged
{
    internal readonly BlockHeader* Header;
    internal readonly uint Generation;

    internal RRefArray(BlockHeader* header, uint generation)
    {
        Header = header;
        Generation = generation;
    }

    /// <summary>The most elements one array can have.</summary>
    public static int LengthMax => SizeClasses.PayloadBytesMax / sizeof(T);

    /// <inheritdoc/>
    public bool IsNull => Header == null;

    /// <summary>Allocates a cleared array, owned by the calling domain.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="length">Elements, 0 to <see cref="LengthMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of range.</exception>
    /// <exception cref="OwnershipException"><typeparamref name="T"/> holds references, replies or pointers.</exception>
    /// <exception cref="ExchangeHeapFullException">The heap is full.</exception>
    public static RRefArray<T> Allocate(CallContext context, int length)
    {
        if (!PlainData<T>.IsPlain)
        {
            OwnershipException.ThrowNotPlain();
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)LengthMax, nameof(length));
        BlockHeader* header = ExchangeBlocks.AllocateSmall(context, length * sizeof(T));

        // SAFETY: the class of the block holds length * sizeof(T) bytes, which start right behind the header.
        new Span<T>(header + 1, length).Clear();
        return new RRefArray<T>(header, header->Generation);
    }

    /// <summary>Frees the array; <paramref name="reference"/> is empty afterwards.</summary>
    /// <exception cref="OwnershipException">The caller does not own the block, or it is lent.</exception>
    public static void Free(CallContext context, ref RRefArray<T> reference)
    {
        ExchangeBlocks.Free(context, reference.Header, reference.Generation);
        reference = default;
    }

    /// <summary>Borrows the elements for reading, at most as long as this reference stays in place.</summary>
    /// <exception cref="OwnershipException">The caller does not own the block.</exception>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<T> Borrow(CallContext context) => BorrowMutable(context);

    /// <summary>Borrows the elements for writing, at most as long as this reference stays in place.</summary>
    /// <exception cref="OwnershipException">The caller does not own the block.</exception>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> BorrowMutable(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        return new Span<T>(Header + 1, (int)(Header->LengthOrNext / (uint)sizeof(T)));
    }
}
