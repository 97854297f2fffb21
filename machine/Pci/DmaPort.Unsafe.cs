using System.Runtime.CompilerServices;
using RedLeafSharp.Devices;

namespace RedLeafSharp.Machine.Pci;

/// <summary>
/// A device model's only way to memory: what its IOMMU window maps, as spans, and nothing while the function is not a bus
/// master. With it the models are safe code.
/// </summary>
/// <remarks>
/// A span is valid until the device's step or register access ends: the window is fenced only between those, on the same
/// thread, and the heap's mapping outlives the machine.
/// </remarks>
internal sealed unsafe class DmaPort(DmaWindow window)
{
    /// <summary>Mirror of the bus-master bit of the function's command register.</summary>
    internal bool IsEnabled { get; set; }

    /// <summary>The bytes for the device to read.</summary>
    /// <returns>False when the IOMMU refuses; the fault has been reported.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRead(ulong busAddress, int lengthBytes, out ReadOnlySpan<byte> bytes)
    {
        bool isMapped = TryMap(busAddress, lengthBytes, LoanAccess.DeviceReads, out Span<byte> mapped);
        bytes = mapped;
        return isMapped;
    }

    /// <summary>The bytes for the device to write.</summary>
    /// <returns>False when the IOMMU refuses; the fault has been reported.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryWrite(ulong busAddress, int lengthBytes, out Span<byte> bytes) =>
        TryMap(busAddress, lengthBytes, LoanAccess.DeviceWrites, out bytes);

    /// <summary>The bytes for one kind of access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryMap(ulong busAddress, int lengthBytes, LoanAccess access, out Span<byte> bytes)
    {
        // SAFETY: Translate has checked that every page of the range lies in the heap and is mapped for this access.
        byte* start = IsEnabled ? window.Translate(busAddress, lengthBytes, access) : null;
        bytes = start == null ? default : new Span<byte>(start, lengthBytes);
        return start != null;
    }
}
