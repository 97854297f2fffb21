namespace RedLeafSharp.Posix.Programs;

/// <summary>seq: prints whole numbers from a first to a last.</summary>
public sealed class SeqProgram : Utility
{
    private protected override string Synopsis => "[FIRST [STEP]] LAST";

    private protected override int Run(Libc libc)
    {
        List<string> arguments = libc.Arguments;
        if (arguments.Count is < 2 or > 4)
        {
            return libc.ComplainUsage(arguments.Count < 2 ? "missing operand" : $"extra operand '{arguments[4]}'");
        }

        var numbers = new long[3];
        for (int index = 1; index < arguments.Count; index++)
        {
            if (!long.TryParse(arguments[index], out numbers[index - 1]))
            {
                return libc.ComplainUsage($"invalid integer argument: '{arguments[index]}'");
            }
        }

        long first = arguments.Count > 2 ? numbers[0] : 1;
        long step = arguments.Count > 3 ? numbers[1] : 1;
        long last = numbers[arguments.Count - 2];
        if (step == 0)
        {
            return libc.ComplainUsage($"invalid Zero increment value: '{arguments[2]}'");
        }

        for (long number = first; (step > 0 ? number <= last : number >= last) && !libc.IsOutputClosed; number += step)
        {
            libc.PrintLine($"{number}");
            if (step > 0 ? number > long.MaxValue - step : number < long.MinValue - step)
            {
                break;
            }
        }

        return 0;
    }
}
