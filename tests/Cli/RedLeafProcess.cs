using System.Diagnostics;

namespace RedLeafSharp.Tests.Cli;

/// <summary>The built command as a process of its own, as a user starts it.</summary>
internal sealed class RedLeafProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> error;

    private RedLeafProcess(Process process)
    {
        this.process = process;
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The program that runs <see cref="Command"/>.</summary>
    internal static string Host { get; } =
        Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    internal static string Command { get; } = Path.Combine(AppContext.BaseDirectory, "redleaf.dll");

    internal StreamReader Output => process.StandardOutput;

    internal int Id => process.Id;

    internal static RedLeafProcess Start(params string[] arguments) => Launch(Host, [Command, .. arguments]);

    /// <summary>Starts the command as another user of the host, without root's rights.</summary>
    internal static RedLeafProcess StartAs(int user, params string[] arguments) => Launch(
        "setpriv",
        [$"--reuid={user}", $"--regid={user}", "--clear-groups", "--inh-caps=-all", Host, Command, .. arguments]);

    private static RedLeafProcess Launch(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new RedLeafProcess(Process.Start(start)!);
    }

    /// <summary>Runs the command to its end, with this text as its input.</summary>
    internal static (int Status, string Output, string Error) Run(string input, params string[] arguments)
    {
        using RedLeafProcess command = Start(arguments);
        command.process.StandardInput.Write(input);
        command.process.StandardInput.Close();
        string output = command.Output.ReadToEnd();
        (int status, string error) = command.WaitForEnd();
        return (status, output, error);
    }

    internal (int Status, string Error) WaitForEnd()
    {
        process.WaitForExit();
        return (process.ExitCode, error.Result);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
