using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>Where a ring lies and how far both sides are (sections 7.1.8 and 7.2.13): base, length, head, tail.</summary>
internal sealed class DescriptorRing
{
    internal ulong Base { get; private set; }

    internal uint LengthBytes { get; private set; }

    internal uint Head { get; private set; }

    internal uint Tail { get; private set; }

    internal int Count => (int)(LengthBytes / Spec.DescriptorBytes);

    /// <summary>Descriptors that belong to the device; 0 when the ring makes no sense.</summary>
    internal int AvailableCount =>
        Head >= Count || Tail >= Count ? 0 : (int)(Tail >= Head ? Tail - Head : Tail + Count - Head);

    internal ulong HeadAddress => Base + (Head * Spec.DescriptorBytes);

    internal uint Read(int register) => register switch
    {
        Spec.BaseLow => (uint)Base,
        Spec.BaseHigh => (uint)(Base >> 32),
        Spec.Length => LengthBytes,
        Spec.Head => Head,
        Spec.Tail => Tail,
        _ => 0,
    };

    /// <summary>Bits that a register does not have read as 0: bases are 16-byte aligned, lengths are multiples of 128.</summary>
    internal void Write(int register, uint value)
    {
        switch (register)
        {
            case Spec.BaseLow:
                Base = (Base & 0xFFFF_FFFF_0000_0000) | (value & ~0xFu);
                break;
            case Spec.BaseHigh:
                Base = (uint)Base | ((ulong)value << 32);
                break;
            case Spec.Length:
                LengthBytes = value & Spec.LengthMask;
                break;
            case Spec.Head:
                Head = value & 0xFFFF;
                break;
            case Spec.Tail:
                Tail = value & 0xFFFF;
                break;
        }
    }

    internal void Advance() => Head = Head + 1 == Count ? 0 : Head + 1;

    internal void Reset()
    {
        Base = 0;
        LengthBytes = 0;
        Head = 0;
        Tail = 0;
    }
}
