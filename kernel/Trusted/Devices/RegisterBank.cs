namespace RedLeafSharp.Devices;

/// <summary>The device side of a memory-mapped register window (a PCI base address register).</summary>
internal abstract class RegisterBank
{
    internal abstract int LengthBytes { get; }

    internal abstract uint Read32(int offsetBytes);

    internal abstract ulong Read64(int offsetBytes);

    internal abstract void Write32(int offsetBytes, uint value);

    internal abstract void Write64(int offsetBytes, ulong value);
}
