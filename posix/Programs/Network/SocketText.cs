using System.Globalization;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>Addresses and ports as programs read and write them.</summary>
internal static class SocketText
{
    /// <summary>Finds the first address of a host, and complains when there is none.</summary>
    public static bool TryResolve(Libc libc, string host, out IpAddress address)
    {
        DnsResult result = Resolver.Lookup(libc, host, DnsSpec.TypeA, out List<IpAddress> addresses);
        address = result == DnsResult.Success ? addresses[0] : default;
        if (result != DnsResult.Success)
        {
            libc.Complain($"{host}: {Resolver.TextOf(result)}");
        }

        return result == DnsResult.Success;
    }

    public static bool TryParsePort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    /// <summary>A whole number from 0 to a limit.</summary>
    public static bool TryParseNumber(string? text, int max, out int value)
    {
        value = 0;
        return text is not null && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;
    }

    /// <summary>Seconds with a fraction, as microseconds.</summary>
    public static bool TryParseSeconds(string text, out long micros)
    {
        bool isRead = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds);
        micros = isRead && seconds < 1e9 ? (long)(seconds * 1e6) : 0;
        return isRead && seconds < 1e9;
    }

    /// <summary>Microseconds of the clock.</summary>
    public static long NowMicros(Libc libc)
    {
        FileTime now = libc.System.GetTime(libc.Context).Value;
        return (now.Seconds * 1_000_000) + (now.Nanoseconds / 1_000);
    }
}
