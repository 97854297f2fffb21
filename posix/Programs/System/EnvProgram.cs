using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>env: prints the environment, or runs a program in a changed one. Exit status as POSIX.1-2017 has it.</summary>
public sealed class EnvProgram : Utility
{
    private const int StatusFailed = 125;
    private const int StatusNotExecutable = 126;
    private const int StatusNotFound = 127;

    private protected override string Synopsis => "[-i] [-u NAME] [NAME=VALUE]... [PROGRAM [ARGUMENT]...]";

    private protected override int Run(Libc libc)
    {
        var environment = Libc.ReadEnvironment(libc.Context, libc.System);
        int index = 1;
        while (index < libc.Arguments.Count && libc.Arguments[index].StartsWith('-'))
        {
            string option = libc.Arguments[index];
            index++;
            if (option is "-i" or "-")
            {
                environment.Clear();
            }
            else if (option == "-u" && index < libc.Arguments.Count)
            {
                Remove(environment, libc.Arguments[index]);
                index++;
            }
            else if (option == "--")
            {
                break;
            }
            else
            {
                _ = libc.ComplainUsage(option == "-u" ? "option requires an argument -- 'u'" : $"invalid option -- '{option[1]}'");
                return StatusFailed;
            }
        }

        while (index < libc.Arguments.Count && libc.Arguments[index].IndexOf('=') is > 0 and int equals)
        {
            Remove(environment, libc.Arguments[index][..equals]);
            environment.Add(libc.Arguments[index]);
            index++;
        }

        return index < libc.Arguments.Count
            ? RunProgram(libc, libc.Arguments.GetRange(index, libc.Arguments.Count - index), environment)
            : Print(libc, environment);
    }

    private static void Remove(List<string> environment, string name)
    {
        for (int index = environment.Count - 1; index >= 0; index--)
        {
            if (environment[index].StartsWith($"{name}=", StringComparison.Ordinal))
            {
                environment.RemoveAt(index);
            }
        }
    }

    private static int Print(Libc libc, List<string> environment)
    {
        foreach (string variable in environment)
        {
            libc.PrintLine(variable);
        }

        return 0;
    }

    private static int RunProgram(Libc libc, List<string> arguments, List<string> environment)
    {
        Reply<int, Errno> process = libc.Spawn(arguments, environment, Streams.Standard);
        if (!process.IsOk)
        {
            Errno error = Errors.Of(process);
            libc.Complain(arguments[0], error);
            return error == Errno.NoEntry ? StatusNotFound : StatusNotExecutable;
        }

        Reply<ExitStatus, Errno> end = libc.System.WaitForChild(libc.Context, process.Value);
        return end.IsOk ? end.Value.Status : StatusFailed;
    }
}
