using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Cli.Lab;

/// <summary>The same trials in a process of their own: another heap, other hash codes, another order of compiling.</summary>
/// <param name="name">What to call it.</param>
/// <param name="command">The program and its first arguments, up to <c>lab</c>.</param>
/// <param name="environment">What is different in its environment.</param>
internal sealed class OtherProcess(string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment) : IOtherRun
{
    public string Name => name;

    /// <summary>This build of the command, once more.</summary>
    internal static OtherProcess OfThisBuild(string name, IReadOnlyDictionary<string, string> environment)
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new OtherProcess(name, isHost ? [program, typeof(OtherProcess).Assembly.Location] : [program], environment);
    }

    public IReadOnlyList<ulong> Hashes(IReadOnlyList<TrialPlan> plans) =>
        [.. Execute(plans, null).Select(line => ulong.Parse(line, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    public IReadOnlyList<TraceRecord> Events(TrialPlan plan)
    {
        string path = Path.GetTempFileName();
        try
        {
            _ = Execute([plan], path);
            return TraceFile.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private string[] Execute(IReadOnlyList<TrialPlan> plans, string? tracePath)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in command.Skip(1).Concat(["lab", TrialCommands.HashesVerb]).Concat(tracePath is null ? [] : [tracePath]))
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string key, string value) in environment)
        {
            start.Environment[key] = value;
        }

        using Process process = Process.Start(start)!;
        foreach (TrialPlan plan in plans)
        {
            process.StandardInput.WriteLine(JsonSerializer.Serialize(plan));
        }

        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new CommandFailure($"{name} ended with status {process.ExitCode}");
    }
}
