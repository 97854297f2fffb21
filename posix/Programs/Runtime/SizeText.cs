namespace RedLeafSharp.Posix.Programs;

/// <summary>Sizes and counts: as text for people, and from the arguments of dd and head.</summary>
internal static class SizeText
{
    private const string Units = "KMGTPE";

    /// <summary>A size as ls -h shows it: powers of 1,024, rounded up, one decimal below ten.</summary>
    public static string Human(ulong bytes)
    {
        if (bytes < 1024)
        {
            return $"{bytes}";
        }

        int unit = 0;
        ulong unitBytes = 1024;
        while (unit < Units.Length - 1 && bytes / unitBytes >= 1024)
        {
            unitBytes *= 1024;
            unit++;
        }

        UInt128 tenths = (((UInt128)bytes * 10) + unitBytes - 1) / unitBytes;
        if (tenths < 100)
        {
            return $"{(ulong)tenths / 10}.{(ulong)tenths % 10}{Units[unit]}";
        }

        ulong whole = (bytes / unitBytes) + (bytes % unitBytes != 0 ? 1ul : 0);
        return whole >= 1024 && unit < Units.Length - 1 ? $"1.0{Units[unit + 1]}" : $"{whole}{Units[unit]}";
    }

    /// <summary>A number with a unit as dd takes it: c, w, b, kB, K, KiB, MB, M and so on, and products with x.</summary>
    public static bool TryParse(string text, out long value)
    {
        value = 1;
        foreach (string factor in text.Split('x'))
        {
            if (!TryParseFactor(factor, out long number) || (number != 0 && value > long.MaxValue / number))
            {
                return false;
            }

            value *= number;
        }

        return true;
    }

    private static bool TryParseFactor(string text, out long value)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        string unit = text[digits..];
        int power = unit.Length == 0 ? 0 : Units.IndexOf(char.ToUpperInvariant(unit[0])) + 1;
        long unitBytes = unit switch
        {
            "" or "c" => 1,
            "w" => 2,
            "b" => 512,
            _ when power > 0 && (unit.Length == 1 || unit[1..] is "iB" or "i") => 1L << (10 * power),
            _ when power > 0 && unit[1..] == "B" => Decimal(power),
            _ => 0,
        };
        bool isNumber = long.TryParse(text.AsSpan(0, digits), out value) && unitBytes > 0 && value <= long.MaxValue / unitBytes;
        value *= unitBytes;
        return isNumber;
    }

    private static long Decimal(int power)
    {
        long value = 1;
        for (int step = 0; step < power; step++)
        {
            value *= 1000;
        }

        return value;
    }
}
