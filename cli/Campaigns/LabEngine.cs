using System.Diagnostics;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Cli.Campaigns;

/// <summary>What carries out the trials of this command's campaigns, in processes of its own.</summary>
internal static class LabEngine
{
    internal const string WorkerVerb = "worker";
    internal const string AssemblyName = "redleaf.dll";

    /// <summary>This command as a worker: started as it was started itself.</summary>
    internal static WorkerCommand Command { get; } = FindCommand();

    /// <summary>A build in another folder as a worker.</summary>
    internal static WorkerCommand CommandIn(string folder) => new("dotnet", Path.Combine(folder, AssemblyName), "lab", WorkerVerb);

    internal static string Build => BuildIdentity.Of(AppContext.BaseDirectory);

    /// <summary>Serves whoever started this process until its requests end.</summary>
    internal static void Serve()
    {
        // What a trial prints must not get among the replies.
        using var output = new StreamWriter(Console.OpenStandardOutput());
        Console.SetOut(Console.Error);
        TrialWorker.Serve(Console.In, output, Create, () => Process.GetCurrentProcess().Kill());
    }

    /// <summary>Runs a trial in this process and prints each of its events.</summary>
    internal static void WriteTrace(TrialPlan plan, TextWriter output)
    {
        using var engine = new TrialEngine(Domains.Folder);
        foreach (TraceRecord record in engine.Run(plan, new TrialOptions { KeepsTrace = true }).Trace.Records)
        {
            output.WriteLine(record);
        }
    }

    private static ITrialEngine Create() => new TrialEngine(Domains.Folder);

    private static WorkerCommand FindCommand()
    {
        string program = Environment.ProcessPath ?? "dotnet";
        string assembly = Path.Combine(AppContext.BaseDirectory, AssemblyName);
        return Path.GetFileNameWithoutExtension(program) == "redleaf"
            ? new WorkerCommand(program, "lab", WorkerVerb)
            : new WorkerCommand(Path.GetFileName(program) == "dotnet" ? program : "dotnet", assembly, "lab", WorkerVerb);
    }
}
