using System.Globalization;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>sleep: waits for the sum of its arguments, in seconds or with a unit (s, m, h, d).</summary>
public sealed class SleepProgram : Utility
{
    private const double MicrosPerSecond = 1e6;

    // Ten thousand years, so that the sum stays a number of microseconds.
    private const double SecondsMax = 3.2e11;

    private protected override string Synopsis => "NUMBER[smhd]...";

    private protected override int Run(Libc libc)
    {
        if (libc.Arguments.Count < 2)
        {
            return libc.ComplainUsage("missing operand");
        }

        double seconds = 0;
        for (int index = 1; index < libc.Arguments.Count; index++)
        {
            string text = libc.Arguments[index];
            int unitSeconds = text.Length == 0 ? 1 : text[^1] switch
            {
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                _ => 1,
            };
            string number = text.TrimEnd('s', 'm', 'h', 'd');
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            {
                return libc.ComplainUsage($"invalid time interval '{text}'");
            }

            seconds += value * unitSeconds;
        }

        long micros = (long)(Math.Min(seconds, SecondsMax) * MicrosPerSecond);
        Errno error = Errors.Of(libc.System.Sleep(libc.Context, micros));
        return error == Errno.None ? 0 : libc.Complain("cannot sleep", error);
    }
}
