using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// A process that runs trials, so that one that takes its process down takes down nothing else. It is asked and answers in
/// lines over its standard input and output.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process process;
    private readonly BlockingCollection<string> lines = new(boundedCapacity: 16);
    private readonly Queue<string> lastWords = new();
    private readonly Thread outputReader;
    private readonly Thread errorReader;

    private WorkerProcess(Process process)
    {
        this.process = process;
        outputReader = new Thread(ReadOutput) { IsBackground = true, Name = "worker output" };
        errorReader = new Thread(ReadErrors) { IsBackground = true, Name = "worker errors" };
        outputReader.Start();
        errorReader.Start();
    }

    internal static WorkerProcess Start(WorkerCommand command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };

        // A worker compiles more than it computes. W^X maps and unmaps each method that is compiled or patched: a sixth of a worker's
        // time in its first thousand trials. It hardens a runtime against memory errors, which is not what trials are about.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return new WorkerProcess(Process.Start(start)!);
    }

    /// <summary>Says a line and collects what the worker says until a line is the answer.</summary>
    /// <param name="request">The line.</param>
    /// <param name="isAnswer">Whether a line is the last one; null if no worker says such a thing.</param>
    /// <param name="patience">How long each line may take.</param>
    internal WorkerAnswer Ask(string request, Func<string, bool?> isAnswer, TimeSpan patience)
    {
        var heard = new List<string>();
        try
        {
            process.StandardInput.Write(request + "\n");
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            return End(WorkerEnd.Died, heard);
        }

        while (true)
        {
            if (!lines.TryTake(out string? line, patience))
            {
                return End(lines.IsCompleted ? WorkerEnd.Died : WorkerEnd.Silent, heard);
            }

            heard.Add(line);
            bool? isLast = isAnswer(line);
            if (isLast is null)
            {
                return End(WorkerEnd.Babbled, heard);
            }

            if (isLast.Value)
            {
                return new WorkerAnswer(WorkerEnd.Answered, heard, 0, []);
            }
        }
    }

    /// <summary>What it had taken when it was told to end; zero if it ended by itself.</summary>
    internal TimeSpan ProcessorTime { get; private set; }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    private WorkerAnswer End(WorkerEnd end, IReadOnlyList<string> heard)
    {
        if (end == WorkerEnd.Died)
        {
            // Its output is closed, so it is about to end: its own status says more than that of a kill.
            _ = process.WaitForExit(CampaignLimits.EndPatience);
        }

        Kill();
        errorReader.Join();
        return new WorkerAnswer(end, heard, process.ExitCode, [.. lastWords]);
    }

    /// <summary>Ends the process and what it has started, and waits until it is gone.</summary>
    private void Kill()
    {
        if (!process.HasExited)
        {
            ProcessorTime = Measure();
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();

        // The reader may be waiting for room: there is nobody to make it any more.
        while (!lines.IsCompleted)
        {
            _ = lines.TryTake(out _, Timeout.Infinite);
        }
    }

    private TimeSpan Measure()
    {
        try
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
        catch (InvalidOperationException)
        {
            // It has ended just now.
            return TimeSpan.Zero;
        }
    }

    private void ReadOutput()
    {
        var line = new StringBuilder();
        char[] buffer = new char[1 << 14];
        for (int read; (read = process.StandardOutput.Read(buffer)) > 0;)
        {
            int start = 0;
            for (int end; (end = Array.IndexOf(buffer, '\n', start, read - start)) >= 0; start = end + 1)
            {
                lines.Add(line.Append(buffer, start, end - start).ToString());
                line.Clear();
            }

            line.Append(buffer, start, read - start);
            if (line.Length > CampaignLimits.LineCharactersMax)
            {
                line.Clear().Append("(a line without end)");
            }
        }

        lines.CompleteAdding();
    }

    private void ReadErrors()
    {
        while (process.StandardError.ReadLine() is { } line)
        {
            lastWords.Enqueue(line.Length > CampaignLimits.ErrorLineCharactersMax ? line[..CampaignLimits.ErrorLineCharactersMax] : line);
            if (lastWords.Count > CampaignLimits.ErrorLinesMax)
            {
                _ = lastWords.Dequeue();
            }
        }
    }
}
