using System.Diagnostics;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>Runs this assembly's Main as a process of its own.</summary>
internal static class ChildProcess
{
    /// <summary>What is kept of the error output: the runtime's last words begin with what matters.</summary>
    private const int ErrorLinesMax = 12;

    /// <summary>Runs a command and waits for its end.</summary>
    /// <returns>The exit status, the lines of the output, and the start of the error output.</returns>
    internal static (int ExitStatus, IReadOnlyList<string> Output, IReadOnlyList<string> Error) Run(params string[] command)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChildProcess).Assembly.Location, .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process child = Process.Start(start)!;
        Task<string> error = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output.Split('\n'), [.. error.Result.Split('\n').Take(ErrorLinesMax)]);
    }
}
