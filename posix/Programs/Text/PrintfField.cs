namespace RedLeafSharp.Posix.Programs;

/// <summary>Flags, width and precision of a directive (POSIX.1-2017, XBD 5).</summary>
internal struct PrintfField
{
    private bool isLeft;
    private bool isZeroFilled;
    private bool isAlternative;
    private string sign;
    private int width;

    public PrintfField()
    {
        sign = "";
        Precision = -1;
    }

    /// <summary>-1 when there is none.</summary>
    public int Precision { get; set; }

    public bool TrySetFlag(char flag)
    {
        isLeft |= flag == '-';
        isZeroFilled |= flag == '0';
        isAlternative |= flag == '#';
        sign = flag == '+' || (flag == ' ' && sign.Length == 0) ? $"{flag}" : sign;
        return flag is '-' or '0' or '#' or '+' or ' ';
    }

    /// <summary>A negative width is a flag '-' and a width.</summary>
    public void SetWidth(int value)
    {
        isLeft |= value < 0;
        width = Math.Abs(value);
    }

    public readonly string Pad(string value) => isLeft ? Padding.Right(value, width) : Padding.Left(value, width);

    /// <summary>A precision is how much of a text is taken at most.</summary>
    public readonly string PadText(string value) => Pad(Precision >= 0 && Precision < value.Length ? value[..Precision] : value);

    /// <summary>A precision is how many digits a number has at least.</summary>
    public readonly string PadNumber(long value, char conversion)
    {
        bool isSigned = conversion is 'd' or 'i';
        string digits = conversion switch
        {
            'o' => PrintfNumber.ToText((ulong)value, 8),
            'x' => PrintfNumber.ToText((ulong)value, 16),
            'X' => PrintfNumber.ToText((ulong)value, 16).ToUpperInvariant(),
            'u' => PrintfNumber.ToText((ulong)value, 10),
            _ => PrintfNumber.ToText(value < 0 ? (ulong)-value : (ulong)value, 10),
        };
        digits = Precision == 0 && value == 0 ? "" : Padding.Left(digits, Precision, '0');
        string prefix = isSigned ? value < 0 ? "-" : sign
            : !isAlternative ? ""
            : conversion == 'o' ? digits.StartsWith('0') ? "" : "0"
            : conversion is 'x' or 'X' && value != 0 ? $"0{conversion}"
            : "";
        digits = isZeroFilled && !isLeft && Precision < 0 ? Padding.Left(digits, width - prefix.Length, '0') : digits;
        return Pad(prefix + digits);
    }
}
