using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>Dates as text. The time zone is UTC.</summary>
internal static class DateText
{
    private const long SecondsPerDay = 86_400;

    // Half a Gregorian year of 365.2425 days: what POSIX asks of ls -l.
    private const long RecentSeconds = 15_778_476;

    private static readonly string[] Months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>The form of ls -l: with the time when it is within the last half year, else with the year.</summary>
    public static string Short(FileTime time, long nowSeconds)
    {
        Split(time.Seconds, out long year, out int month, out int day, out long second);
        bool isRecent = time.Seconds <= nowSeconds && time.Seconds > nowSeconds - RecentSeconds;
        string end = isRecent ? $"{second / 3600:00}:{second / 60 % 60:00}" : $" {year}";
        return $"{Months[month - 1]} {day,2} {end}";
    }

    /// <summary>The form of stat: 2024-05-31 17:30:00.000000000 +0000.</summary>
    public static string Full(FileTime time)
    {
        Split(time.Seconds, out long year, out int month, out int day, out long second);
        string clock = $"{second / 3600:00}:{second / 60 % 60:00}:{second % 60:00}.{time.Nanoseconds:000000000}";
        return $"{year:0000}-{month:00}-{day:00} {clock} +0000";
    }

    /// <summary>The short name of a month, 1 to 12.</summary>
    public static string MonthName(int month) => Months[month - 1];

    /// <summary>The number of a month by its short name; 0 when it is none.</summary>
    public static int MonthOf(string name) => Array.IndexOf(Months, name) + 1;

    /// <summary>The time at which a day of the civil calendar begins: <see cref="Split"/> the other way round.</summary>
    public static long ToSeconds(long year, int month, int day)
    {
        year -= month <= 2 ? 1 : 0;
        long era = (year >= 0 ? year : year - 399) / 400;
        long yearOfEra = year - (era * 400);
        long dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        long dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return ((era * 146_097) + dayOfEra - 719_468) * SecondsPerDay;
    }

    /// <summary>
    /// The civil date of a time, after "chrono-Compatible Low-Level Date Algorithms" (Hinnant): years that start in March,
    /// in eras of 400 years.
    /// </summary>
    public static void Split(long seconds, out long year, out int month, out int day, out long secondOfDay)
    {
        long days = Math.DivRem(seconds, SecondsPerDay, out secondOfDay);
        if (secondOfDay < 0)
        {
            secondOfDay += SecondsPerDay;
            days--;
        }

        days += 719_468;
        long era = (days >= 0 ? days : days - 146_096) / 146_097;
        long dayOfEra = days - (era * 146_097);
        long yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        long dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        long marchMonth = ((5 * dayOfYear) + 2) / 153;
        day = (int)(dayOfYear - (((153 * marchMonth) + 2) / 5) + 1);
        month = (int)(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9);
        year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);
    }
}
