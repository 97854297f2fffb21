using System.Text;

namespace RedLeafSharp.Posix.Programs;

/// <summary>A format of printf and its operands. It is used again as long as there are operands left that it takes.</summary>
internal sealed class PrintfFormat(string format, List<string> operands)
{
    // A field as wide as a terminal's line many times over; more is a mistake, and memory.
    private const int WidthMax = 64 * 1024;

    private readonly StringBuilder text = new();
    private int nextOperand;
    private int status;
    private bool isStopped;

    /// <summary>Writes everything to the standard output.</summary>
    /// <returns>The exit status.</returns>
    public int Write(Libc libc)
    {
        int before;
        do
        {
            before = nextOperand;
            WriteOnce(libc);
            libc.Print(text.ToString());
            text.Clear();
        }
        while (nextOperand < operands.Count && nextOperand > before && !isStopped);
        return status;
    }

    private void WriteOnce(Libc libc)
    {
        int position = 0;
        while (position < format.Length && !isStopped)
        {
            if (format[position] == '\\')
            {
                AppendEscape(text, format, ref position, isOperand: false);
            }
            else if (format[position] == '%')
            {
                position++;
                WriteDirective(libc, ref position);
            }
            else
            {
                text.Append(format[position]);
                position++;
            }
        }
    }

    private void WriteDirective(Libc libc, ref int position)
    {
        int start = position;
        var field = new PrintfField();
        while (position < format.Length && field.TrySetFlag(format[position]))
        {
            position++;
        }

        field.SetWidth(TakeCount(libc, ref position));
        if (position < format.Length && format[position] == '.')
        {
            position++;
            field.Precision = Math.Max(TakeCount(libc, ref position), -1);
        }

        char conversion = position < format.Length ? format[position] : '\0';
        position++;
        switch (conversion)
        {
            case '%':
                text.Append('%');
                break;
            case 'c':
                string character = TakeOperand();
                text.Append(field.Pad(character.Length > 0 ? character[..1] : "\0"));
                break;
            case 's':
                text.Append(field.PadText(TakeOperand()));
                break;
            case 'b':
                text.Append(field.PadText(Unescape(TakeOperand())));
                break;
            case 'd' or 'i' or 'o' or 'u' or 'x' or 'X':
                text.Append(field.PadNumber(TakeNumber(libc), conversion));
                break;
            default:
                status = libc.Complain($"%{format[start..Math.Min(position, format.Length)]}: invalid directive");
                isStopped = true;
                break;
        }
    }

    /// <summary>A width or a precision: digits, or an operand for an asterisk.</summary>
    private int TakeCount(Libc libc, ref int position)
    {
        if (position < format.Length && format[position] == '*')
        {
            position++;
            return (int)Math.Clamp(TakeNumber(libc), -WidthMax, WidthMax);
        }

        int count = 0;
        while (position < format.Length && char.IsAsciiDigit(format[position]))
        {
            count = Math.Min((count * 10) + format[position] - '0', WidthMax);
            position++;
        }

        return count;
    }

    private string TakeOperand()
    {
        string operand = nextOperand < operands.Count ? operands[nextOperand] : "";
        nextOperand++;
        return operand;
    }

    private long TakeNumber(Libc libc)
    {
        bool isThere = nextOperand < operands.Count;
        string operand = TakeOperand();
        if (operand.Length > 1 && operand[0] is '\'' or '"')
        {
            return operand[1];
        }

        int length = PrintfNumber.Read(operand, out long value);
        if (isThere && (length < operand.Length || length == 0))
        {
            status = libc.Complain(length == 0 ? $"{operand}: expected numeric value" : $"{operand}: not completely converted");
        }

        return value;
    }

    private string Unescape(string operand)
    {
        var unescaped = new StringBuilder();
        int position = 0;
        while (position < operand.Length && !isStopped)
        {
            if (operand[position] == '\\')
            {
                AppendEscape(unescaped, operand, ref position, isOperand: true);
            }
            else
            {
                unescaped.Append(operand[position]);
                position++;
            }
        }

        return unescaped.ToString();
    }

    /// <summary>An escape of XBD 5; in an operand of %b octal numbers begin with a 0 of their own, and \c ends all output.</summary>
    private void AppendEscape(StringBuilder target, string source, ref int position, bool isOperand)
    {
        position++;
        char character = position < source.Length ? source[position] : '\\';
        position++;
        if (character is >= '0' and <= '7')
        {
            position -= isOperand && character == '0' ? 0 : 1;
            target.Append(TakeOctal(source, ref position));
            return;
        }

        isStopped |= isOperand && character == 'c';
        int known = "abfnrtv\\\"'".IndexOf(character);
        if (known >= 0)
        {
            target.Append("\a\b\f\n\r\t\v\\\"'"[known]);
        }
        else if (!isStopped)
        {
            target.Append('\\').Append(character);
        }
    }

    private static char TakeOctal(string source, ref int position)
    {
        int value = 0;
        int end = Math.Min(position + 3, source.Length);
        while (position < end && source[position] is >= '0' and <= '7')
        {
            value = (value * 8) + source[position] - '0';
            position++;
        }

        return (char)(value & 0xFF);
    }
}
