using System.CommandLine;
using RedLeafSharp.Cli.Doctor;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf doctor</c>: names what keeps the code of unloaded domains in memory.</summary>
internal static class DoctorCommand
{
    internal static Command Create(TextWriter output)
    {
        var process = new Argument<int>("PID") { Description = "The process to look into. It stands still meanwhile." };
        process.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int pid) && pid <= 0)
            {
                result.AddError("PID must be greater than 0");
            }
        });
        var command = new Command("doctor", "Names what keeps the code of unloaded domains in memory.") { process };
        command.SetAction(parsed => Examine(parsed.GetRequiredValue(process), output));
        return command;
    }

    private static int Examine(int pid, TextWriter output)
    {
        ContextCensus census;
        using (ProcessSnapshot snapshot = ProcessSnapshot.Attach(pid))
        {
            census = new ContextCensus(snapshot.Runtime);
            PinSearch.Run(snapshot.Runtime, census);
        }

        DoctorReport.Write(output, census.Held);
        return census.Held.Any(context => context.Pins.Count > 0) ? ExitCode.RunFailure : ExitCode.Pass;
    }
}
