namespace RedLeafSharp.Posix.Programs;

/// <summary>The old form of head and tail: -5 for -n 5.</summary>
internal static class ShortCount
{
    public static List<string> Expand(List<string> arguments)
    {
        bool isShort = arguments.Count > 1 && arguments[1].Length > 1
            && arguments[1][0] == '-' && char.IsAsciiDigit(arguments[1][1]);
        var expanded = new List<string>(arguments);
        if (isShort)
        {
            expanded[1] = arguments[1][1..];
            expanded.Insert(1, "-n");
        }

        return expanded;
    }
}
