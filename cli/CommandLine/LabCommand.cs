using System.CommandLine;
using RedLeafSharp.Lab.Linearizability;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf lab</c>: experiments and their judges.</summary>
internal static class LabCommand
{
    internal static Command Create(TextWriter output)
    {
        var command = new Command("lab", "Experiments and their judges.") { Linearizable(output), FaultCommands.Create(output) };
        foreach (Command one in TrialCommands.Create(output).Concat(CampaignCommands.Create(output)).Concat(ReplayCommands.Create(output))
            .Concat(PlantingCommands.Create(output)))
        {
            command.Add(one);
        }

        return command;
    }

    private static Command Linearizable(TextWriter output)
    {
        var files = new Argument<FileInfo[]>("FILE")
        {
            Description = "Histories: a line for each operation, or Jepsen's log lines or EDN maps; docs/lab.md describes them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "linearizable", "Says whether histories of a key-value store are linearizable; exit status 1 if one is not, 3 if one is undecided.")
        {
            files,
        };
        command.SetAction(parsed => parsed.GetRequiredValue(files).Max(file => Judge(output, file)));
        return command;
    }

    private static int Judge(TextWriter output, FileInfo file)
    {
        _ = Inputs.ExistingFile("lab linearizable", file);
        History history;
        try
        {
            history = HistoryReader.Read(file.ToString(), File.ReadLines(file.FullName));
        }
        catch (FormatException exception)
        {
            throw new CommandFailure(exception.Message, ExitCode.Usage);
        }

        Verdict verdict = LinearizabilityChecker.Check(history);
        int registers = history.Operations.DistinctBy(operation => operation.Key).Count();
        output.WriteLine($"{file}: {Words(verdict)} ({history.Operations.Count} operations, registers: {registers})");
        if (verdict is { Kind: VerdictKind.Violated, Blocked: { } blocked })
        {
            output.WriteLine($"  line {blocked.Line}: {blocked}");
            output.WriteLine($"  fits nowhere after the {verdict.Longest.Count} operations of the longest order that was found");
        }

        return verdict.Kind switch
        {
            VerdictKind.Linearizable => ExitCode.Pass,
            VerdictKind.Violated => ExitCode.RunFailure,
            _ => ExitCode.Undecided,
        };
    }

    private static string Words(Verdict verdict) => verdict.Kind switch
    {
        VerdictKind.Linearizable => "linearizable",
        VerdictKind.Violated => "not linearizable",
        _ => $"undecided after {verdict.Configurations} configurations",
    };
}
