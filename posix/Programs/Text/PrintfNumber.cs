using System.Text;

namespace RedLeafSharp.Posix.Programs;

/// <summary>Numbers as C writes them: decimal, octal after 0, hexadecimal after 0x.</summary>
internal static class PrintfNumber
{
    private const string Digits = "0123456789abcdef";

    /// <summary>Reads a number at the start of a text.</summary>
    /// <returns>How much of the text it is; 0 when there is none. What does not fit wraps around.</returns>
    internal static int Read(string text, out long value)
    {
        value = 0;
        int position = text.Length - text.TrimStart(' ').Length;
        bool isNegative = position < text.Length && text[position] == '-';
        position += isNegative || (position < text.Length && text[position] == '+') ? 1 : 0;
        uint radix = 10;
        if (position < text.Length && text[position] == '0')
        {
            bool isHexadecimal = position + 2 < text.Length && text[position + 1] is 'x' or 'X' && DigitOf(text[position + 2]) < 16;
            radix = isHexadecimal ? 16u : 8u;
            position += isHexadecimal ? 2 : 0;
        }

        int start = position;
        ulong magnitude = 0;
        while (position < text.Length && DigitOf(text[position]) < radix)
        {
            magnitude = unchecked((magnitude * radix) + DigitOf(text[position]));
            position++;
        }

        value = unchecked(isNegative ? -(long)magnitude : (long)magnitude);
        return position > start ? position : 0;
    }

    internal static string ToText(ulong value, uint radix)
    {
        var text = new StringBuilder();
        do
        {
            text.Insert(0, Digits[(int)(value % radix)]);
            value /= radix;
        }
        while (value > 0);
        return text.ToString();
    }

    private static uint DigitOf(char character)
    {
        int digit = Digits.IndexOf((char)(char.IsAsciiLetterUpper(character) ? character | 0x20 : character));
        return digit < 0 ? uint.MaxValue : (uint)digit;
    }
}
