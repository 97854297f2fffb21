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
    /// Lets the device reach one page of a buffer that its owner has lent. Grants of one page add up; each ends by a
    /// <see cref="Revoke"/> of its own.
    /// </summary>
    /// <param name="busAddress">An address within the page, from <see cref="PageBuffer.Lend"/> upwards.</param>
    /// <param name="access">At most the access for which the buffer was lent.</param>
    /// <returns>
    /// False when the page is of no lent buffer, of one lent for another access, or of one whose owner is not among those who call: a bus
    /// address is a number that anybody can name.
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
        bool isMeant = isAgain
            ? window.Holds(busAddress)
            : ThreadContext.Current is not { } thread || thread.IsOnChain((uint)(owner >> 32));
        return isMeant && (header->Loan & LoanState.Lent) != 0 && window.MapPage(header, owner, busAddress, access);
    }

    private void ThrowIfDead()
    {
        if (holder is { IsDead: true })
        {
            throw new InvalidOperationException("the shadow is dead, and its rights with it");
        }
    }
}
