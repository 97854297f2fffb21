using RedLeafSharp.Cli.CommandLine;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace RedLeafSharp.Cli.Host;

/// <summary>
/// The log of a system. It goes to a file or, on request, to standard error; a failure is told in one line by the command, so
/// without either there is no log at all.
/// </summary>
internal sealed class HostLog : IDisposable
{
    private const string Template = "{Timestamp:HH:mm:ss.ffffff} {Level:u3} [{EventId}] {Message:lj}{NewLine}{Exception}";

    private readonly Logger logger;

    private HostLog(Logger logger) => this.logger = logger;

    internal ILogger Logger => logger;

    public void Dispose() => logger.Dispose();

    internal static HostLog Open(string? file, bool isVerbose)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Debug();
        if (isVerbose)
        {
            configuration.WriteTo.Console(outputTemplate: Template, standardErrorFromLevel: LogEventLevel.Verbose);
        }

        if (file is not null)
        {
            CheckWritable(file);
            configuration.WriteTo.File(file, outputTemplate: Template);
        }

        return new HostLog(configuration.CreateLogger());
    }

    /// <summary>Serilog drops lines silently when it cannot write its file.</summary>
    private static void CheckWritable(string file)
    {
        try
        {
            File.Open(file, FileMode.Append).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"--log: {exception.Message}", ExitCode.Usage);
        }
    }
}
