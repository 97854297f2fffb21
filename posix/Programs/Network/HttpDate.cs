using System.Globalization;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>Dates of HTTP (RFC 9110 section 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT.</summary>
internal sealed class HttpDate
{
    private static readonly string[] Days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

    private long lastSeconds = long.MinValue;
    private string last = "";

    /// <summary>The text of a time; kept until another one is asked for, as the next answer mostly has the same.</summary>
    public string Of(long seconds)
    {
        if (seconds != lastSeconds)
        {
            (lastSeconds, last) = (seconds, Format(seconds));
        }

        return last;
    }

    /// <summary>The text of a time.</summary>
    public static string Format(long seconds)
    {
        DateText.Split(seconds, out long year, out int month, out int day, out long second);
        long days = (seconds - second) / 86_400;
        string weekday = Days[(int)(((days % 7) + 7) % 7)];
        return $"{weekday}, {day:00} {DateText.MonthName(month)} {year:0000} {second / 3600:00}:{second / 60 % 60:00}:{second % 60:00} GMT";
    }

    /// <summary>Reads a date in one of the three forms that recipients have to take (section 5.6.7); false for anything else, and for none.</summary>
    public static bool TryParse(string? text, out long seconds)
    {
        seconds = 0;
        string[] words = (text ?? "").Split([' ', ',', '-'], StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [_, var day, var month, var year, var time, "GMT"] => TryCombine(year, month, day, time, out seconds),
            [_, var month, var day, var time, var year] => TryCombine(year, month, day, time, out seconds),
            _ => false,
        };
    }

    private static bool TryCombine(string yearText, string monthText, string dayText, string time, out long seconds)
    {
        seconds = 0;
        string[] parts = time.Split(':');
        int month = DateText.MonthOf(monthText);
        if (month == 0 || parts.Length != 3 || !TryRead(yearText, 9_999, out int year) || !TryRead(dayText, 31, out int day) || day == 0
            || !TryRead(parts[0], 23, out int hour) || !TryRead(parts[1], 59, out int minute) || !TryRead(parts[2], 60, out int second))
        {
            return false;
        }

        // Two digits are of a year that is at most 50 years ahead (section 5.6.7); clients that write them are older than 2020.
        year += yearText.Length > 2 ? 0 : year < 70 ? 2000 : 1900;
        seconds = DateText.ToSeconds(year, month, day) + (3600 * hour) + (60 * minute) + second;
        return true;
    }

    private static bool TryRead(string text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;
}
