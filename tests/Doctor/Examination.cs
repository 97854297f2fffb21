using System.Diagnostics;
using System.Globalization;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Tests.Cli;

namespace RedLeafSharp.Tests.Doctor;

/// <summary>One run of the doctor on one <see cref="PinningProgram"/>, for all tests; made when the first asks.</summary>
public sealed class Examination
{
    private readonly Lazy<(int Status, string Output, string Error)> result = new(Run);

    internal int Status => result.Value.Status;

    internal string Output => result.Value.Output;

    internal string Error => result.Value.Error;

    /// <summary>The lines about one domain.</summary>
    internal string[] About(string domain) =>
    [
        .. Output.Split('\n').SkipWhile(line => !line.StartsWith(domain + ":", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith(' ')).Select(line => line.Trim()),
    ];

    private static (int Status, string Output, string Error) Run()
    {
        using Process program = Process.Start(
            new ProcessStartInfo(RedLeafProcess.Host, [typeof(PinningProgram).Assembly.Location, PinningProgram.Command])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        try
        {
            if (program.StandardOutput.ReadLine() != "ready")
            {
                throw new InvalidOperationException("the pinning program did not come up");
            }

            // In a process of its own: in this one, the runtime looks after the child that Process has started, and its handler of
            // SIGCHLD takes the stops away that the doctor waits for.
            return RedLeafProcess.Run("", "doctor", program.Id.ToString(CultureInfo.InvariantCulture));
        }
        finally
        {
            program.Kill();
            program.WaitForExit();
        }
    }

    internal static (int Status, string Output, string Error) Command(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int status = RedLeafCommand.Invoke(arguments, output, error);
        return (status, output.ToString(), error.ToString());
    }
}
