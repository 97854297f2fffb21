using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RedLeafSharp.Memory;

namespace RedLeafSharp;

/// <summary>What a device may do with lent memory.</summary>
[Flags]
public enum LoanAccess : byte
{
    /// <summary>The device reads the buffer: a disk write, a packet to send.</summary>
    DeviceReads = LoanState.DeviceReads,

    /// <summary>The device writes the buffer: a disk read, a packet to receive.</summary>
    DeviceWrites = LoanState.DeviceWrites,
}

/// <summary>
/// A run of contiguous 4 KiB pages on the exchange heap, page-aligned in memory and on the bus, owned by exactly one
/// domain. The rules are those of <see cref="RRef{T}"/>; in addition a page buffer can be lent to a device.
/// </summary>
public readonly unsafe struct PageBuffer : IExchangeReference
{
    /// <summary>Bytes in a page.</summary>
    public const int PageBytes = SizeClasses.PageBytes;

    internal readonly BlockHeader* Header;
    internal readonly uint Generation;

    internal PageBuffer(BlockHeader* header, uint generation)
    {
        Header = header;
        Generation = generation;
    }

    /// <summary>The most pages one buffer can have.</summary>
    public static int PageCountMax => SizeClasses.PageCountMax;

    /// <inheritdoc/>
    public bool IsNull => Header == null;

    /// <summary>Allocates cleared pages, owned by the calling domain.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="pageCount">1 to <see cref="PageCountMax"/>.</param>
    /// <exception cref="ExchangeHeapFullException">The heap is full.</exception>
    public static PageBuffer Allocate(CallContext context, int pageCount = 1)
    {
        if (!TryAllocate(context, pageCount, out PageBuffer pages))
        {
            ExchangeHeapFullException.Throw(pageCount * PageBytes);
        }

        return pages;
    }

    /// <summary>Allocates cleared pages, or returns false when the heap is full.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="pageCount">1 to <see cref="PageCountMax"/>.</param>
    /// <param name="pages">The new buffer, owned by the caller; empty when the heap is full.</param>
    public static bool TryAllocate(CallContext context, int pageCount, out PageBuffer pages)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageCount, PageCountMax);
        int lengthBytes = pageCount * PageBytes;
        ThreadContext thread = context.Thread;
        BlockHeader* header = thread.Heap.Allocate(SizeClasses.ForPages(pageCount), thread.CurrentDomain, lengthBytes);
        if (header == null)
        {
            pages = default;
            return false;
        }

        // SAFETY: a block of a page class has at least pageCount pages.
        new Span<byte>(ExchangeHeap.PagePayload(header), lengthBytes).Clear();
        pages = new PageBuffer(header, header->Generation);
        return true;
    }

    /// <summary>Frees the pages; <paramref name="reference"/> is empty afterwards.</summary>
    /// <exception cref="OwnershipException">The caller does not own the pages, or they are lent.</exception>
    public static void Free(CallContext context, ref PageBuffer reference)
    {
        ExchangeBlocks.Free(context, reference.Header, reference.Generation);
        reference = default;
    }

    /// <summary>
    /// Whether a page, which is a buffer by itself, is lent by a domain, or to it, and the domain is one of those who call,
    /// <see cref="CallContext.Self"/> not among them. Whoever lets devices map pages that others name by address asks this: it may have
    /// the right to pages that those others have not, and a device may map a page already, for somebody else. While a device maps the
    /// page the answer stays the same.
    /// </summary>
    /// <remarks>Larger buffers do not count: a page of one that a device maps would keep all of it when its owner dies.</remarks>
    /// <param name="context">The one who is called.</param>
    /// <param name="lender">The domain by whose right the page is named.</param>
    /// <param name="busAddress">An address within the page.</param>
    /// <param name="access">What the device is to do.</param>
    public static bool IsLentBy(CallContext context, DomainId lender, ulong busAddress, LoanAccess access)
    {
        ExchangeHeap heap = context.Thread.Heap.Heap;
        BlockHeader* header = heap.FindPageBlock(busAddress);
        LoanState need = LoanState.Lent | (LoanState)access;
        return header != null && (header->Loan & need) == need && SizeClasses.PagesIn(header->SizeClass) == 1
            && (header->Owner == lender.Value || heap.BorrowerOf(header) == lender.Value) && context.Thread.IsCaller(lender.Value);
    }

    /// <summary>Bytes in the buffer.</summary>
    /// <exception cref="OwnershipException">The caller does not own the pages.</exception>
    public int GetLength(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        return (int)Header->LengthOrNext;
    }

    /// <summary>Borrows the bytes for reading, at most as long as this reference stays in place.</summary>
    /// <exception cref="OwnershipException">The caller does not own the pages.</exception>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Borrow(CallContext context) => BorrowMutable(context);

    /// <summary>Borrows the bytes for writing, at most as long as this reference stays in place.</summary>
    /// <exception cref="OwnershipException">The caller does not own the pages.</exception>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> BorrowMutable(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        return new Span<byte>(ExchangeHeap.PagePayload(Header), (int)Header->LengthOrNext);
    }

    /// <summary>Borrows the bytes as values of <typeparamref name="T"/>, for rings and tables of records.</summary>
    /// <typeparam name="T">
    /// An unmanaged type of numbers: no references, replies or pointers. A rest that is shorter than one value is left out.
    /// </typeparam>
    /// <exception cref="OwnershipException">The caller does not own the pages, or the type is no plain data.</exception>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> BorrowAs<T>(CallContext context)
        where T : unmanaged
    {
        if (!PlainData<T>.IsPlain)
        {
            OwnershipException.ThrowNotPlain();
        }

        ExchangeBlocks.Check(context, Header, Generation);
        return new Span<T>(ExchangeHeap.PagePayload(Header), (int)(Header->LengthOrNext / (uint)sizeof(T)));
    }

    /// <summary>
    /// The address under which devices know the first byte. It grants nothing: a device reaches the pages only while a
    /// window maps them.
    /// </summary>
    /// <exception cref="OwnershipException">The caller does not own the pages.</exception>
    public ulong GetBusAddress(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        return context.Thread.Heap.Heap.BusAddress(Header);
    }

    /// <summary>
    /// Lends the pages for device access and returns their bus address. The pages stay the caller's and readable, but can
    /// be neither moved nor freed until <see cref="EndLoan"/>.
    /// </summary>
    /// <exception cref="OwnershipException">The caller does not own the pages, or they are lent already.</exception>
    public ulong Lend(CallContext context, LoanAccess access)
    {
        CheckLendable(context);
        Header->Loan = LoanState.Lent | StateOf(access);
        return context.Thread.Heap.Heap.BusAddress(Header);
    }

    /// <summary>
    /// The same, and one other domain may have devices reach the pages as if they were its own, until the loan ends. It can do nothing else
    /// with them: not read or write them, nor move or free them, nor end the loan.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="access">What devices may do, whoever of the two has them do it.</param>
    /// <param name="borrower">The other domain. The kernel, which is below every call, is nobody here.</param>
    /// <exception cref="OwnershipException">The caller does not own the pages, or they are lent already.</exception>
    public ulong Lend(CallContext context, LoanAccess access, DomainId borrower)
    {
        CheckLendable(context);
        ExchangeHeap heap = context.Thread.Heap.Heap;
        heap.Lend(Header, StateOf(access), borrower.Value);
        return heap.BusAddress(Header);
    }

    /// <summary>Ends the loan, after the completion of the last operation on the pages has been delivered.</summary>
    /// <exception cref="OwnershipException">
    /// The caller does not own the pages, they are not lent, or a device still maps them.
    /// </exception>
    public void EndLoan(CallContext context)
    {
        if (!TryEndLoan(context))
        {
            OwnershipException.ThrowMapped();
        }
    }

    /// <summary>Ends the loan, unless a device still maps one of the pages: then they stay lent.</summary>
    /// <returns>Whether the loan has ended.</returns>
    /// <exception cref="OwnershipException">The caller does not own the pages, or they are not lent.</exception>
    public bool TryEndLoan(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        if ((Header->Loan & LoanState.Lent) == 0)
        {
            OwnershipException.ThrowNotLent();
        }

        return context.Thread.Heap.Heap.TryEndLoan(Header);
    }

    private static LoanState StateOf(LoanAccess access) => (LoanState)access & (LoanState.DeviceReads | LoanState.DeviceWrites);

    private void CheckLendable(CallContext context)
    {
        ExchangeBlocks.Check(context, Header, Generation);
        if (Header->Loan != LoanState.None)
        {
            OwnershipException.ThrowLent();
        }
    }
}
