using System.Globalization;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>The bytes that a request asks for (RFC 9110 section 14.1.2). Several ranges are answered with the whole file, as section 14.2 allows.</summary>
internal readonly record struct ByteRange(long First, long Length)
{
    /// <summary>Reads the header's value.</summary>
    /// <returns>200 to send all, 206 to send the range, 416 when there are no such bytes.</returns>
    public static int Parse(string? value, long size, out ByteRange range)
    {
        const string Unit = "bytes=";
        range = new ByteRange(0, size);
        if (value is null || !value.StartsWith(Unit, StringComparison.OrdinalIgnoreCase) || value.Contains(','))
        {
            return 200;
        }

        string[] ends = value[Unit.Length..].Split('-');
        if (ends.Length != 2 || (ends[0].Length == 0 && ends[1].Length == 0)
            || !TryParse(ends[0], out long first) || !TryParse(ends[1], out long last))
        {
            return 200;
        }

        if (ends[0].Length == 0)
        {
            // The last bytes.
            long count = Math.Min(last, size);
            range = new ByteRange(size - count, count);
            return count == 0 ? 416 : 206;
        }

        if (ends[1].Length > 0 && last < first)
        {
            return 200;
        }

        last = ends[1].Length == 0 ? size - 1 : Math.Min(last, size - 1);
        range = new ByteRange(first, last - first + 1);
        return first >= size ? 416 : 206;
    }

    private static bool TryParse(string text, out long value)
    {
        // Digits that are too many for a number are far behind the end of any file.
        bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        value = isNumber || text.Length == 0 ? value : long.MaxValue;
        foreach (char digit in text)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }
        }

        return true;
    }
}
