using System.Globalization;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>Addresses and ports as programs read and write them.</summary>
internal static class SocketText
{
    /// <summary>Finds the address of a host to talk to, and complains when there is none.</summary>
    public static bool TryResolve(Libc libc, string host, out SocketAddress address)
    {
        DnsResult result = Resolver.Choose(libc, host, out address);
        if (result != DnsResult.Success)
        {
            libc.Complain($"{host}: {Resolver.TextOf(result)}");
        }

        return result == DnsResult.Success;
    }

    /// <summary>Reads an address, perhaps with its link behind a percent sign (RFC 4007 section 11.2).</summary>
    public static bool TryParse(Libc libc, string text, out SocketAddress address)
    {
        int percent = text.IndexOf('%');
        int link = percent < 0 ? 0 : Math.Max(0, IpProgram.IndexOf(libc, text[(percent + 1)..]));
        bool isRead = IpAddress.TryParse(percent < 0 ? text : text[..percent], out IpAddress parsed) && (percent < 0 || link > 0);
        address = new SocketAddress(parsed, 0, link);
        return isRead;
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
