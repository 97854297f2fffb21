using RedLeafSharp.Devices;
using RedLeafSharp.Memory;

namespace RedLeafSharp;

/// <summary>
/// A shadow's right to let the device of the driver it shadows reach lent pages. Grants end when the device is fenced;
/// the shadow grants again what is still in its ledger.
/// </summary>
/// <remarks>
/// What is granted to a shadowed domain without a device reaches no device: every grant succeeds and means nothing, and the
/// shadow of the driver further down makes the grants that count.
/// </remarks>
public sealed class DeviceLoans
{
    private readonly DmaWindow? window;
    private readonly DomainGate? holder;

    /// <param name="window">Null when the shadowed domain has no device: a filter, below which another shadow grants.</param>
    /// <param name="holder">The gate of the shadow: the right dies with it.</param>
    internal DeviceLoans(DmaWindow? window, DomainGate? holder = null) => (this.window, this.holder) = (window, holder);

    /// <summary>
    /// Whether there is a device, which reaches nothing any more once its driver is dead. A filter has none: when it dies, what it has
    /// handed on is still in use further down.
    /// </summary>
    public bool HasDevice => window is not null;

    /// <summary>
    /// Lets the device reach one page of a buffer that its owner has lent. Grants of one page add up; each ends by a
    /// <see cref="Revoke"/> of its own.
    /// </summary>
    /// <param name="busAddress">An address within the page, from <see cref="PageBuffer.Lend(CallContext, LoanAccess)"/> upwards.</param>
    /// <param name="access">At most the access for which the buffer was lent.</param>
    /// <returns>
    /// False when the page is of no lent buffer, of one lent for another access, or when neither its owner nor the borrower whom the loan
    /// names is among those who call: a bus address is a number that anybody can name.
    /// </returns>
    /// <exception cref="InvalidOperationException">The shadow is dead.</exception>
    public bool Grant(ulong busAddress, LoanAccess access)
    {
        ThrowIfDead();
        return window is null || TryMap(window, busAddress, access, isAgain: false);
    }

    /// <summary>Grants once more what was granted before the device was fenced, on whichever thread.</summary>
    /// <param name="busAddress">As granted.</param>
    /// <param name="access">As granted.</param>
    /// <returns>False as with <see cref="Grant"/>, and when the page has not been granted or has been revoked since.</returns>
    /// <exception cref="InvalidOperationException">The shadow is dead.</exception>
    public bool GrantAgain(ulong busAddress, LoanAccess access)
    {
        ThrowIfDead();
        return window is null || TryMap(window, busAddress, access, isAgain: true);
    }

    /// <summary>
    /// Takes one grant of the page back. The owner can end the loan when no page of the buffer is granted any more.
    /// </summary>
    /// <param name="busAddress">As granted.</param>
    /// <exception cref="InvalidOperationException">The shadow is dead.</exception>
    public void Revoke(ulong busAddress)
    {
        ThrowIfDead();
        window?.UnmapPage(busAddress);
    }

    private static unsafe bool TryMap(DmaWindow window, ulong busAddress, LoanAccess access, bool isAgain)
    {
        BlockHeader* header = window.Heap.FindPageBlock(busAddress);
        if (header == null)
        {
            return false;
        }

        ulong owner = header->OwnerAndGeneration;
        uint borrower = 0;
        bool isMeant = isAgain ? window.Holds(busAddress) : HasRight(window.Heap, header, (uint)(owner >> 32), out borrower);
        return isMeant && (header->Loan & LoanState.Lent) != 0 && window.MapPage(header, owner, borrower, busAddress, access);
    }

    /// <summary>Whether those who call have the right to let a device reach a block.</summary>
    /// <param name="heap">Where the block is.</param>
    /// <param name="header">The block.</param>
    /// <param name="owner">Its owner.</param>
    /// <param name="borrower">0 when the right is the owner's, else whose it is.</param>
    private static unsafe bool HasRight(ExchangeHeap heap, BlockHeader* header, uint owner, out uint borrower)
    {
        borrower = 0;
        if (ThreadContext.Current is not { } thread || thread.IsOnChain(owner))
        {
            return true;
        }

        // The kernel is on every chain, below all domains: named, it would be everybody.
        borrower = heap.BorrowerOf(header);
        return borrower > DomainId.Kernel.Value && thread.IsOnChain(borrower);
    }

    private void ThrowIfDead()
    {
        if (holder is { IsDead: true })
        {
            throw new InvalidOperationException("the shadow is dead, and its rights with it");
        }
    }
}
