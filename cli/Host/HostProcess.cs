using System.Text;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.Host;

/// <summary>Code of the command that runs as a process of the system.</summary>
internal static class HostProcess
{
    /// <summary>A body; it may throw <see cref="CommandFailure"/> and <see cref="IOException"/>.</summary>
    internal delegate void Body(GuestFiles files);

    /// <summary>Runs a body to its end; what it throws is thrown here, after its process has ended orderly.</summary>
    internal static void Run(RedLeafSystem system, string name, Body body)
    {
        Exception? failure = null;
        system.Run(name, (context, posix) =>
        {
            try
            {
                body(new GuestFiles(context, posix));
                return ExitCode.Pass;
            }
            catch (Exception exception) when (exception is CommandFailure or IOException or UnauthorizedAccessException)
            {
                failure = exception;
                return ExitCode.RunFailure;
            }
        });
        if (failure is not null)
        {
            throw new CommandFailure($"{name}: {failure.Message}");
        }
    }

    /// <summary>Starts a program on the console and waits for its end.</summary>
    /// <returns>Its exit status.</returns>
    /// <exception cref="CommandFailure">It could not be started, or the system does not say how it ended.</exception>
    internal static int RunProgram(RedLeafSystem system, params string[] arguments)
    {
        byte[] list = Encoding.UTF8.GetBytes(string.Concat(arguments.Select(argument => argument + "\0")));
        string? failure = null;
        int status = system.Run("init", (context, posix) =>
        {
            Reply<int, Errno> child = posix.Spawn(context, list, 0, 1, 2);
            Reply<ExitStatus, Errno> end = child.IsOk ? posix.WaitForChild(context, child.Value) : default;
            failure = child.IsFault || end.IsFault ? $"{arguments[0]}: the system does not answer any more"
                : !child.IsOk ? $"cannot start {arguments[0]}: {child.Error}"
                : !end.IsOk ? $"cannot wait for {arguments[0]}: {end.Error}"
                : null;
            return end.Value.Status;
        });
        return failure is null ? status : throw new CommandFailure(failure);
    }
}
