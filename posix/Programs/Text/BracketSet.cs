namespace RedLeafSharp.Posix.Programs;

/// <summary>A bracket expression (POSIX.1-2017, XBD 9.3.5) in the POSIX locale, as a set of bytes.</summary>
internal static class BracketSet
{
    /// <summary>Reads from after the opening bracket to after the closing one.</summary>
    /// <exception cref="ExpressionSyntaxException">It does not end, or names an unknown class.</exception>
    internal static bool[] Parse(string text, ref int position, bool ignoresCase)
    {
        var set = new bool[256];
        bool isNegated = position < text.Length && text[position] == '^';
        position += isNegated ? 1 : 0;
        bool isFirst = true;
        while (position < text.Length && (isFirst || text[position] != ']'))
        {
            isFirst = false;
            if (text[position] == '[' && position + 1 < text.Length && text[position + 1] == ':')
            {
                AddClass(set, text, ref position, ignoresCase);
                continue;
            }

            char low = text[position++];
            char high = low;
            if (position + 1 < text.Length && text[position] == '-' && text[position + 1] != ']')
            {
                high = text[position + 1];
                position += 2;
                if (high < low)
                {
                    throw new ExpressionSyntaxException("Invalid range end");
                }
            }

            for (int character = low; character <= high; character++)
            {
                Add(set, (char)character, ignoresCase);
            }
        }

        if (position == text.Length)
        {
            throw new ExpressionSyntaxException("Unmatched [, [^, [:, [., or [=");
        }

        position++;
        for (int index = 0; isNegated && index < set.Length; index++)
        {
            set[index] = !set[index];
        }

        return set;
    }

    /// <summary>Adds a character, in both cases if case does not count.</summary>
    internal static void Add(bool[] set, char character, bool ignoresCase)
    {
        set[character & 0xFF] = true;
        if (ignoresCase && (character | 0x20) is >= 'a' and <= 'z')
        {
            set[character ^ 0x20] = true;
        }
    }

    private static void AddClass(bool[] set, string text, ref int position, bool ignoresCase)
    {
        int end = text.IndexOf(":]", position, StringComparison.Ordinal);
        string name = end < 0 ? "" : text[(position + 2)..end];
        for (int index = 0; index < 128; index++)
        {
            if (CharacterClass.Contains(name, (char)index) ?? throw new ExpressionSyntaxException("Invalid character class name"))
            {
                Add(set, (char)index, ignoresCase);
            }
        }

        position = end + 2;
    }
}
