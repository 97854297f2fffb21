using RedLeafSharp.Devices;
using RedLeafSharp.Memory;

namespace RedLeafSharp;

/// <summary>
/// A shadow's right to let the device of the driver it shadows reach lent pages. Grants end when the device is fenced;
/// the shadow grants again what is still in its ledger.
/// </summary>
public sealed class DeviceLoans
{
    private readonly DmaWindow window;

    internal DeviceLoans(DmaWindow window) => this.window = window;

    /// <summary>Lets the device reach the pages that their owner has lent under this bus address.</summary>
    /// <param name="busAddress">As returned by <see cref="PageBuffer.Lend"/>.</param>
    /// <param name="access">At most the access for which the pages were lent.</param>
    /// <returns>False when no lent pages start at this address, or they are lent for another access.</returns>
    public unsafe bool Grant(ulong busAddress, LoanAccess access)
    {
        BlockHeader* header = window.Heap.FindPageBlock(busAddress);
        var need = LoanState.Lent | (LoanState)access;
        return header != null && (header->Loan & need) == need && window.Map(busAddress, access);
    }

    /// <summary>Takes the pages from the device; their owner can end the loan afterwards.</summary>
    /// <param name="busAddress">As granted.</param>
    public void Revoke(ulong busAddress) => window.Unmap(busAddress);
}
