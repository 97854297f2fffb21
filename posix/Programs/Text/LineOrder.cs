namespace RedLeafSharp.Posix.Programs;

/// <summary>How sort compares lines: by one key, or whole, and then by all bytes, as POSIX.1-2017 has it.</summary>
internal sealed class LineOrder
{
    private const string Letters = "bfnr";

    private readonly bool isReversed;
    private readonly bool isNumeric;
    private readonly bool ignoresCase;
    private readonly bool skipsBlanks;
    private readonly bool isUnique;
    private readonly char? separator;
    private readonly int firstField;
    private readonly int lastField;

    private LineOrder(Options options, string key, char? separator, int firstField, int lastField)
    {
        isReversed = options.Has('r') || key.Contains('r', StringComparison.Ordinal);
        isNumeric = options.Has('n') || key.Contains('n', StringComparison.Ordinal);
        ignoresCase = options.Has('f') || key.Contains('f', StringComparison.Ordinal);
        skipsBlanks = options.Has('b') || key.Contains('b', StringComparison.Ordinal);
        isUnique = options.Has('u');
        this.separator = separator;
        this.firstField = firstField;
        this.lastField = lastField;
    }

    /// <summary>From the options: -k is "FIELD" or "FIELD,FIELD", each with letters b, f, n and r; whole fields only.</summary>
    internal static bool TryMake(Options options, out LineOrder order)
    {
        string key = options.ValueOf('k') ?? "1";
        string separator = options.ValueOf('t') ?? "";
        int comma = key.IndexOf(',');
        string start = comma < 0 ? key : key[..comma];
        string end = comma < 0 ? "" : key[(comma + 1)..];
        string firstText = start.TrimEnd(Letters.ToCharArray());
        string lastText = end.TrimEnd(Letters.ToCharArray());
        int last = 0;
        bool isFit = separator.Length <= 1 && (comma < 0 || (int.TryParse(lastText, out last) && last > 0));
        isFit &= int.TryParse(firstText, out int first) && first > 0;
        string letters = start[firstText.Length..] + end[lastText.Length..];
        order = new LineOrder(options, letters, separator.Length == 1 ? separator[0] : null, first, last);
        return isFit;
    }

    /// <summary>By the key, and what is equal by all its bytes; with -u only by the key.</summary>
    internal int Compare(string left, string right)
    {
        int comparison = CompareKeys(left, right);
        if (comparison == 0 && !isUnique)
        {
            comparison = string.CompareOrdinal(left, right);
            comparison = isReversed ? -comparison : comparison;
        }

        return comparison;
    }

    /// <summary>By the key alone.</summary>
    internal int CompareKeys(string left, string right)
    {
        ReadOnlySpan<char> leftKey = KeyOf(left);
        ReadOnlySpan<char> rightKey = KeyOf(right);
        int comparison = isNumeric ? CompareNumbers(leftKey, rightKey) : CompareTexts(leftKey, rightKey);
        return isReversed ? -comparison : comparison;
    }

    private ReadOnlySpan<char> KeyOf(string line)
    {
        int start = 0;
        for (int field = 1; field < firstField && start < line.Length; field++)
        {
            start = EndOfField(line, start) + (separator is null ? 0 : 1);
        }

        start = Math.Min(start, line.Length);
        int end = lastField > 0 ? start : line.Length;
        for (int field = firstField; field <= lastField && end < line.Length; field++)
        {
            end = EndOfField(line, field == firstField ? end : end + (separator is null ? 0 : 1));
        }

        while (skipsBlanks && start < end && IsBlank(line[start]))
        {
            start++;
        }

        return line.AsSpan(start, end - start);
    }

    /// <summary>Without a separator the blanks before a field are part of it.</summary>
    private int EndOfField(string line, int start)
    {
        int end = start;
        while (separator is null && end < line.Length && IsBlank(line[end]))
        {
            end++;
        }

        while (end < line.Length && (separator is null ? !IsBlank(line[end]) : line[end] != separator))
        {
            end++;
        }

        return end;
    }

    private static bool IsBlank(char character) => character is ' ' or '\t';

    private int CompareTexts(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int length = Math.Min(left.Length, right.Length);
        for (int index = 0; index < length; index++)
        {
            int difference = Fold(left[index]) - Fold(right[index]);
            if (difference != 0)
            {
                return difference;
            }
        }

        return left.Length - right.Length;
    }

    private char Fold(char character) => ignoresCase && character is >= 'a' and <= 'z' ? (char)(character - 0x20) : character;

    /// <summary>Numbers of any length, digit by digit: blanks, a sign, digits, a point and digits; what is none is 0.</summary>
    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        bool isLeftNegative = TakeNumber(left, out ReadOnlySpan<char> leftWhole, out ReadOnlySpan<char> leftPart);
        bool isRightNegative = TakeNumber(right, out ReadOnlySpan<char> rightWhole, out ReadOnlySpan<char> rightPart);
        if (isLeftNegative != isRightNegative)
        {
            return isLeftNegative ? -1 : 1;
        }

        int comparison = leftWhole.Length - rightWhole.Length;
        comparison = comparison == 0 ? leftWhole.SequenceCompareTo(rightWhole) : comparison;
        comparison = comparison == 0 ? leftPart.SequenceCompareTo(rightPart) : comparison;
        return isLeftNegative ? -comparison : comparison;
    }

    private static bool TakeNumber(ReadOnlySpan<char> text, out ReadOnlySpan<char> whole, out ReadOnlySpan<char> part)
    {
        text = text.TrimStart(" \t");
        bool isNegative = text.Length > 0 && text[0] == '-';
        text = isNegative ? text[1..] : text;
        int length = DigitCount(text);
        whole = text[..length].TrimStart('0');
        text = text[length..];
        part = text.Length > 0 && text[0] == '.' ? text.Slice(1, DigitCount(text[1..])).TrimEnd('0') : default;
        return isNegative && (whole.Length > 0 || part.Length > 0);
    }

    private static int DigitCount(ReadOnlySpan<char> text)
    {
        int count = 0;
        while (count < text.Length && text[count] is >= '0' and <= '9')
        {
            count++;
        }

        return count;
    }
}
