using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>kill: sends a signal to processes.</summary>
public sealed class KillProgram : Utility
{
    private const int SignalTerminate = 15;

    private protected override string Synopsis => "[-SIGNAL] PROCESS...";

    private protected override int Run(Libc libc)
    {
        List<string> arguments = libc.Arguments;
        int first = 1;
        int signal = SignalTerminate;
        if (arguments.Count > 1 && arguments[1].Length > 1 && arguments[1][0] == '-')
        {
            bool isSeparate = arguments[1] == "-s" && arguments.Count > 2;
            string name = isSeparate ? arguments[2] : arguments[1][1..];
            first = isSeparate ? 3 : 2;
            if (!TryParseSignal(name, out signal))
            {
                return libc.ComplainUsage($"'{name}': invalid signal");
            }
        }

        if (first >= arguments.Count)
        {
            return libc.ComplainUsage("no process ID specified");
        }

        int status = 0;
        for (int index = first; index < arguments.Count; index++)
        {
            if (!int.TryParse(arguments[index], out int process))
            {
                status = libc.Complain($"'{arguments[index]}': invalid process id");
                continue;
            }

            Errno error = Errors.Of(libc.System.Kill(libc.Context, process, signal));
            status |= error == Errno.None ? 0 : libc.Complain($"'{process}'", error);
        }

        return status;
    }

    private static bool TryParseSignal(string name, out int signal)
    {
        string known = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        signal = known switch
        {
            "KILL" => 9,
            "TERM" => 15,
            _ => -1,
        };
        return signal > 0 || int.TryParse(name, out signal);
    }
}
