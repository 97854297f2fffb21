using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>ps: lists the processes, with the domain that each runs as.</summary>
public sealed class PsProgram : Utility
{
    private const int ProcessCountMax = 1024;
    private const int NameBytes = 256;

    private protected override string Synopsis => "";

    private protected override int Run(Libc libc)
    {
        var processes = new ProcessStatus[ProcessCountMax];
        Reply<int, Errno> count = libc.System.ListProcesses(libc.Context, processes);
        if (!count.IsOk)
        {
            return libc.Complain(Errors.TextOf(Errors.Of(count)));
        }

        var name = new byte[NameBytes];
        libc.PrintLine("    PID    PPID DOMAIN S     TIME COMMAND");
        foreach (ProcessStatus process in processes.AsSpan(0, count.Value))
        {
            Reply<int, Errno> length = libc.System.GetProcessName(libc.Context, process.ProcessId, name);
            string text = length.IsOk ? ByteText.ToText(name.AsSpan(0, length.Value)) : "?";
            long seconds = process.AgeMicros / 1_000_000;
            string time = $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}";
            string command = process.IsZombie ? $"[{text}] <defunct>" : text;
            char mark = process.IsZombie ? 'Z' : 'S';
            libc.PrintLine($"{process.ProcessId,7} {process.ParentId,7} {process.Domain.Value,6} {mark} {time} {command}");
        }

        return 0;
    }
}
