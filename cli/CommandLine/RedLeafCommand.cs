using System.CommandLine;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary>The <c>redleaf</c> command: parses, runs, and turns every expected failure into one line and a status.</summary>
internal static class RedLeafCommand
{
    /// <summary>Runs the command.</summary>
    /// <param name="arguments">The arguments, without the name of the command.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">Errors, one line each.</param>
    /// <returns>The exit status.</returns>
    internal static int Invoke(string[] arguments, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("An operating system in one process: domains instead of address spaces.")
        {
            RunCommand.Create(),
            MountCommand.Create(output),
            MkfsCommand.Create(),
            DemoCommand.Create(output),
            DomainCommands.Reload(output),
            DomainCommands.Load(output),
            DomainCommands.Unload(output),
            CheckCommand.Create(output),
            PackCommand.Create(),
            LabCommand.Create(output),
            DoctorCommand.Create(output),
        };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            // The last one is the most specific: an unknown command is also a missing one.
            error.WriteLine($"redleaf: {parsed.Errors[^1].Message.TrimEnd('.')} (see redleaf --help)");
            return ExitCode.Usage;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = output,
                Error = error,
            });
        }
        catch (CommandFailure failure)
        {
            error.WriteLine($"redleaf: {failure.Message}");
            return failure.ExitCode;
        }
        catch (BootException exception)
        {
            error.WriteLine($"redleaf: {exception.Message}");
            return ExitCode.RunFailure;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"redleaf: {exception.Message}");
            return ExitCode.RunFailure;
        }
    }
}
