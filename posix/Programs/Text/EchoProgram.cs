namespace RedLeafSharp.Posix.Programs;

/// <summary>echo: writes its arguments. Only -n is an option; backslashes are ordinary.</summary>
public sealed class EchoProgram : Utility
{
    private protected override string Synopsis => "[-n] [STRING]...";

    private protected override int Run(Libc libc)
    {
        bool hasNewline = libc.Arguments.Count < 2 || libc.Arguments[1] != "-n";
        int first = hasNewline ? 1 : 2;
        for (int index = first; index < libc.Arguments.Count; index++)
        {
            libc.Print(index > first ? " " : "");
            libc.Print(libc.Arguments[index]);
        }

        libc.Print(hasNewline ? "\n" : "");
        return 0;
    }
}
