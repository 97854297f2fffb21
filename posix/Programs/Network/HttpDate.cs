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

    private static string Format(long seconds)
    {
        DateText.Split(seconds, out long year, out int month, out int day, out long second);
        long days = (seconds - second) / 86_400;
        string weekday = Days[(int)(((days % 7) + 7) % 7)];
        return $"{weekday}, {day:00} {DateText.MonthName(month)} {year:0000} {second / 3600:00}:{second / 60 % 60:00}:{second % 60:00} GMT";
    }
}
