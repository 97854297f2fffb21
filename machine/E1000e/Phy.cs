namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// The transceiver behind MDIC (IEEE 802.3 clause 22, section 10.2.2.7 of the datasheet): identity, control, status, and what
/// autonegotiation has agreed on, which is always 1000BASE-T full duplex.
/// </summary>
internal sealed class Phy
{
    /// <summary>Address of the internal transceiver.</summary>
    internal const int Address = 1;

    private const int ControlRegister = 0;
    private const int StatusRegister = 1;
    private const int SpecificStatusRegister = 17;
    private const ushort StatusLink = 1 << 2;
    private const ushort SpecificStatusLink = 1 << 10;
    private const ushort ControlSelfClearing = (1 << 15) | (1 << 9);

    private readonly ushort[] registers = new ushort[32];
    private bool wasDown;

    internal Phy() => Reset();

    internal bool IsLinkUp { get; set; }

    internal bool IsPoweredDown => (registers[ControlRegister] & (1 << 11)) != 0;

    internal void Reset()
    {
        Array.Clear(registers);
        registers[ControlRegister] = 0x1140;
        registers[StatusRegister] = 0x7949 | (1 << 5);
        registers[2] = 0x0141;
        registers[3] = 0x0CB1;
        registers[4] = 0x0DE1;
        registers[5] = 0xCDE1;
        registers[6] = 0x000F;
        registers[7] = 0x2001;
        registers[9] = 0x0E00;
        registers[10] = 0x7C00;
        registers[15] = 0x3000;
        registers[16] = 0x3360;

        // 1 Gbit/s, full duplex, both resolved.
        registers[SpecificStatusRegister] = 0xA800;
    }

    internal bool TryRead(int register, out ushort value)
    {
        value = registers[register];
        if (register == StatusRegister)
        {
            // Link status latches low: a loss is seen once, even when it is over (22.2.4.2.13).
            value |= IsLinkUp && !wasDown ? StatusLink : (ushort)0;
            wasDown = !IsLinkUp;
        }

        value |= register == SpecificStatusRegister && IsLinkUp ? SpecificStatusLink : (ushort)0;
        return register is <= 10 or 15 or (>= 16 and <= 22) or 26;
    }

    internal bool TryWrite(int register, ushort value)
    {
        if (register is not (ControlRegister or 4 or 7 or 9 or 16 or 18 or 20 or 22 or 26))
        {
            return false;
        }

        registers[register] = register == ControlRegister ? (ushort)(value & ~ControlSelfClearing) : value;
        if (register == ControlRegister && (value & (1 << 15)) != 0)
        {
            Reset();
        }

        return true;
    }

    internal void NoteLinkLoss() => wasDown = true;
}
