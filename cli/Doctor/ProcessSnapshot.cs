using System.Globalization;
using Microsoft.Diagnostics.Runtime;
using RedLeafSharp.Cli.CommandLine;

namespace RedLeafSharp.Cli.Doctor;

/// <summary>A .NET process, stopped while this is open and going on afterwards.</summary>
internal sealed class ProcessSnapshot : IDisposable
{
    private readonly DataTarget target;

    private ProcessSnapshot(DataTarget target, ClrRuntime runtime)
    {
        this.target = target;
        Runtime = runtime;
    }

    internal ClrRuntime Runtime { get; }

    /// <summary>Stops the process and finds its runtime.</summary>
    /// <exception cref="CommandFailure">There is no such process, it is none of .NET, or this user may not look into it.</exception>
    internal static ProcessSnapshot Attach(int pid)
    {
        if (pid == Environment.ProcessId)
        {
            throw new CommandFailure("a process cannot be stopped by itself to be looked into");
        }

        if (!Directory.Exists(Path.Combine("/proc", pid.ToString(CultureInfo.InvariantCulture))))
        {
            throw new CommandFailure($"no such process: {pid}");
        }

        DataTarget? target = null;
        try
        {
            // Without symbol servers: the runtime's own library for this lies beside the runtime, and nothing is fetched.
            target = DataTarget.AttachToProcess(pid, suspend: true, new DataTargetOptions { SymbolPaths = [] });
            ClrInfo clr = target.ClrVersions.FirstOrDefault() ?? throw new CommandFailure($"process {pid} does not run .NET");
            ClrRuntime runtime = clr.CreateRuntime();
            if (!runtime.Heap.CanWalkHeap)
            {
                throw new CommandFailure($"process {pid} was stopped amid a garbage collection; try again");
            }

            return new ProcessSnapshot(target, runtime);
        }
        catch (Exception exception) when (Explain(exception, pid) is { } message)
        {
            target?.Dispose();
            throw new CommandFailure(message);
        }
    }

    /// <summary>Lets the process go on.</summary>
    public void Dispose()
    {
        Runtime.Dispose();
        target.Dispose();
    }

    private static string? Explain(Exception exception, int pid) => exception switch
    {
        CommandFailure => exception.Message,
        UnauthorizedAccessException => Refused(pid),
        ClrDiagnosticsException or IOException or ArgumentException or InvalidOperationException =>
            exception.Message.Contains("ptrace", StringComparison.OrdinalIgnoreCase)
                ? Refused(pid)
                : $"process {pid} cannot be looked into: {exception.Message.Split('\n')[0].Trim()}",
        _ => null,
    };

    private static string Refused(int pid) =>
        $"no permission to look into process {pid}: be its user with kernel.yama.ptrace_scope at 0, or root (CAP_SYS_PTRACE)";
}
