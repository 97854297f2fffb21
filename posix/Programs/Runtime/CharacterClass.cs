namespace RedLeafSharp.Posix.Programs;

/// <summary>The character classes of the POSIX locale (POSIX.1-2017, XBD 7.3.1), by name.</summary>
internal static class CharacterClass
{
    /// <summary>Whether a character is in a class; null when there is no such class.</summary>
    internal static bool? Contains(string name, char character) => name switch
    {
        "alpha" => (character | 0x20) is >= 'a' and <= 'z',
        "upper" => character is >= 'A' and <= 'Z',
        "lower" => character is >= 'a' and <= 'z',
        "digit" => character is >= '0' and <= '9',
        "xdigit" => character is (>= '0' and <= '9') or (>= 'a' and <= 'f') or (>= 'A' and <= 'F'),
        "alnum" => IsAlphanumeric(character),
        "space" => character is ' ' or (>= '\t' and <= '\r'),
        "blank" => character is ' ' or '\t',
        "cntrl" => character is < ' ' or '\x7F',
        "print" => character is >= ' ' and <= '~',
        "graph" => character is > ' ' and <= '~',
        "punct" => character is > ' ' and <= '~' && !IsAlphanumeric(character),
        _ => null,
    };

    private static bool IsAlphanumeric(char character) =>
        character is >= '0' and <= '9' || (character | 0x20) is >= 'a' and <= 'z';
}
