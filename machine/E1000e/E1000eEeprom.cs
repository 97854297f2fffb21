using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// The configuration memory behind EERD (sections 6.1 and 10.2.3.2): 64 words, the station address first, a checksum last. Words are
/// read; nothing is written.
/// </summary>
internal sealed class E1000eEeprom
{
    private const int ChecksumWord = 0x3F;
    private const int ChecksumTotal = 0xBABA;

    private readonly ushort[] words = new ushort[E1000eLimits.EepromWords];

    private readonly E1000eFaults? faults;

    internal E1000eEeprom(E1000eOptions options)
    {
        faults = options.Faults;
        ulong address = Address = options.Address;
        for (int word = 0; word < 3; word++)
        {
            // Each word holds two bytes of the address, the first in its low half.
            ushort pair = (ushort)(address >> (32 - (16 * word)));
            words[word] = (ushort)((pair << 8) | (pair >> 8));
        }

        words[0x0A] = 0x5000;
        words[0x0B] = Spec.DeviceId;
        words[0x0C] = Spec.VendorId;
        words[0x0D] = Spec.DeviceId;
        words[0x0E] = Spec.VendorId;
        words[ChecksumWord] = (ushort)(ChecksumTotal - words[..ChecksumWord].Sum(word => word));
    }

    internal ulong Address { get; }

    /// <summary>EERD.</summary>
    internal uint Register { get; private set; }

    internal void Start(uint value)
    {
        uint address = value >> Spec.EepromAddressShift & Spec.EepromAddressMask;
        bool isDone = (value & Spec.EepromStart) != 0 && address < (uint)words.Length;
        ushort word = isDone ? (ushort)(words[address] ^ (faults?.OnEepromRead((int)address) ?? 0)) : (ushort)0;
        Register = (address << Spec.EepromAddressShift) | (isDone ? Spec.EepromDone | ((uint)word << 16) : 0);
    }
}
