using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RedLeafSharp.Devices;

namespace RedLeafSharp;

/// <summary>
/// The right to read and write the registers of one base address register. Holding one proves that the kernel gave this
/// generation of the driver the device; it ends with the generation.
/// </summary>
public sealed class MmioRegion
{
    private readonly RegisterBank bank;
    private volatile bool isRevoked;

    internal MmioRegion(RegisterBank bank)
    {
        this.bank = bank;
        LengthBytes = bank.LengthBytes;
    }

    /// <summary>Size of the window in bytes.</summary>
    public int LengthBytes { get; }

    /// <summary>Reads four bytes, little-endian.</summary>
    /// <param name="offsetBytes">A multiple of 4 within the window.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside the window or not aligned.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Read32(int offsetBytes)
    {
        Check(offsetBytes, sizeof(uint));
        return bank.Read32(offsetBytes);
    }

    /// <summary>Reads eight bytes, little-endian.</summary>
    /// <param name="offsetBytes">A multiple of 8 within the window.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside the window or not aligned.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read64(int offsetBytes)
    {
        Check(offsetBytes, sizeof(ulong));
        return bank.Read64(offsetBytes);
    }

    /// <summary>Writes four bytes, little-endian. All earlier stores of the caller to memory are visible to the device first.</summary>
    /// <param name="offsetBytes">A multiple of 4 within the window.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside the window or not aligned.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write32(int offsetBytes, uint value)
    {
        Check(offsetBytes, sizeof(uint));
        bank.Write32(offsetBytes, value);
    }

    /// <summary>Writes eight bytes, little-endian. All earlier stores of the caller to memory are visible to the device first.</summary>
    /// <param name="offsetBytes">A multiple of 8 within the window.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside the window or not aligned.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write64(int offsetBytes, ulong value)
    {
        Check(offsetBytes, sizeof(ulong));
        bank.Write64(offsetBytes, value);
    }

    /// <summary>Ends the right; the region throws from here on.</summary>
    internal void Revoke() => isRevoked = true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(int offsetBytes, int widthBytes)
    {
        if ((uint)offsetBytes > (uint)(LengthBytes - widthBytes) || (offsetBytes & (widthBytes - 1)) != 0 || isRevoked)
        {
            ThrowIllegal(offsetBytes, widthBytes);
        }
    }

    [DoesNotReturn]
    private void ThrowIllegal(int offsetBytes, int widthBytes) => throw (isRevoked
        ? new InvalidOperationException("the device has been taken from this generation of the driver")
        : new ArgumentOutOfRangeException(
            nameof(offsetBytes), $"a register access of {widthBytes} bytes at 0x{offsetBytes:x} of a window of 0x{LengthBytes:x}"));
}
