using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <content>Simple commands, pipelines and the processes that they run as.</content>
internal sealed partial class Interpreter
{
    private const int StatusNotFound = 127;
    private const int StatusNotExecutable = 126;

    // What Spawn failed with; never a process id.
    private const int NoProcess = -1;

    private int spawnStatus;
    private int substitutionStatus;

    private int ExecuteSimple(Libc libc, SimpleCommand command, Streams streams)
    {
        substitutionStatus = 0;
        List<string> arguments = expander.ExpandWords(libc, command.Words);
        var redirector = new Redirector(expander);
        int status = 1;
        if (redirector.Apply(libc, command.Redirections, ref streams))
        {
            status = arguments.Count == 0 ? Assign(libc, command) : RunCommand(libc, command, arguments, streams);
        }

        // exec keeps what it has opened.
        if (arguments.Count == 1 && arguments[0] == "exec" && status == 0)
        {
            state.Streams = streams;
        }
        else
        {
            redirector.Close(libc);
        }

        return status;
    }

    private int Assign(Libc libc, SimpleCommand command)
    {
        foreach ((string name, string word) in command.Assignments)
        {
            state.Variables[name] = expander.ExpandText(libc, word);
        }

        return substitutionStatus;
    }

    private int RunCommand(Libc libc, SimpleCommand command, List<string> arguments, Streams streams)
    {
        Show(libc, arguments);
        string name = arguments[0];
        bool isFunction = state.Functions.TryGetValue(name, out FunctionDefinition? function);
        if (!isFunction && !builtins.Contains(name))
        {
            return WaitFor(libc, Spawn(libc, arguments, ExpandAssignments(libc, command), streams));
        }

        var saved = new List<(string Name, string? Value)>();
        foreach ((string variable, string value) in ExpandAssignments(libc, command))
        {
            saved.Add((variable, state.Variables.GetValueOrDefault(variable)));
            state.Variables[variable] = value;
        }

        int status = isFunction
            ? CallFunction(libc, function!, arguments, streams)
            : builtins.Run(libc.With(arguments, streams));
        RestoreVariables(saved);
        return status;
    }

    private List<(string Name, string Value)> ExpandAssignments(Libc libc, SimpleCommand command)
    {
        var values = new List<(string Name, string Value)>();
        foreach ((string name, string word) in command.Assignments)
        {
            values.Add((name, expander.ExpandText(libc, word)));
        }

        return values;
    }

    /// <summary>The last one first: a name may be there twice.</summary>
    private void RestoreVariables(List<(string Name, string? Value)> saved)
    {
        for (int index = saved.Count - 1; index >= 0; index--)
        {
            state.Variables.Restore(saved[index].Name, saved[index].Value);
        }
    }

    /// <summary>Runs a program and waits for it, whatever functions and built-in utilities have its name.</summary>
    public int RunProgram(Libc libc, List<string> arguments) => WaitFor(libc, Spawn(libc, arguments, [], libc.Streams));

    private void Show(Libc libc, List<string> arguments)
    {
        if (state.ShowsCommands)
        {
            _ = libc.WriteAll(state.Streams.Error, ByteText.ToBytes($"+ {string.Join(' ', arguments.ToArray())}\n"));
        }
    }

    private int ExecutePipeline(Libc libc, Pipeline pipeline, Streams streams)
    {
        if (pipeline.Stages.Count == 1)
        {
            return ExecuteCondition(libc, pipeline.Stages[0], streams) == 0 ? 1 : 0;
        }

        int status = RunStages(libc, pipeline.Stages, streams);
        if (pipeline.IsNegated)
        {
            return status == 0 ? 1 : 0;
        }

        EndOnError(status);
        return status;
    }

    private int RunStages(Libc libc, List<Node> stages, Streams streams)
    {
        var processes = new List<(int Id, int Status)>();
        int input = streams.Input;
        for (int index = 0; index < stages.Count; index++)
        {
            bool isLast = index == stages.Count - 1;
            Reply<PipeEnds, Errno> pipe = isLast ? default : libc.System.MakePipe(libc.Context);
            if (!isLast && !pipe.IsOk)
            {
                libc.Complain("cannot make a pipe", Errors.Of(pipe));
                break;
            }

            Streams own = streams with { Input = input, Output = isLast ? streams.Output : pipe.Value.WriteEnd };
            int process = SpawnStage(libc, stages[index], own);
            processes.Add((process, spawnStatus));
            CloseUnless(libc, input, streams.Input);
            input = isLast ? streams.Input : pipe.Value.ReadEnd;
            CloseUnless(libc, own.Output, streams.Output);
        }

        CloseUnless(libc, input, streams.Input);
        int status = 1;
        foreach ((int id, int failure) in processes)
        {
            status = id == NoProcess ? failure : WaitFor(libc, id);
        }

        return processes.Count == stages.Count ? status : 1;
    }

    private static void CloseUnless(Libc libc, int descriptor, int keptDescriptor)
    {
        if (descriptor != keptDescriptor)
        {
            libc.Close(descriptor);
        }
    }

    /// <summary>Starts one stage of a pipeline, or a command in the background, as a process.</summary>
    private int SpawnStage(Libc libc, Node stage, Streams streams)
    {
        var redirector = new Redirector(expander);
        spawnStatus = 1;
        int process = NoProcess;
        if (stage is SimpleCommand command && command.Assignments.Count == 0)
        {
            List<string> arguments = expander.ExpandWords(libc, command.Words);
            bool isProgram = arguments.Count > 0 && !state.Functions.ContainsKey(arguments[0])
                && (!builtins.Contains(arguments[0]) || Builtins.IsProgram(arguments[0]));
            if (redirector.Apply(libc, command.Redirections, ref streams))
            {
                string text = Quoting.Join(arguments);
                process = isProgram ? Spawn(libc, arguments, [], streams) : SpawnSubshell(libc, text, streams);
            }
        }
        else if (stage is SimpleCommand || redirector.Apply(libc, stage.Redirections, ref streams))
        {
            process = SpawnSubshell(libc, stage.Text, streams);
        }

        redirector.Close(libc);
        return process;
    }

    private int ExecuteInBackground(Libc libc, Node command, Streams streams)
    {
        // A command in the background does not compete for the input (XCU 2.9.3.1).
        Errno error = libc.OpenToRead("/dev/null", out int input);
        int process = SpawnStage(libc, command, streams with { Input = input });
        if (error == Errno.None)
        {
            libc.Close(input);
        }

        if (process == NoProcess)
        {
            return spawnStatus;
        }

        state.BackgroundProcess = process;
        state.BackgroundProcesses.Add(process);
        return 0;
    }

    /// <summary>Starts a program.</summary>
    /// <returns>The process, or <see cref="NoProcess"/> with the status in <see cref="spawnStatus"/>.</returns>
    private int Spawn(Libc libc, List<string> arguments, List<(string Name, string Value)> assignments, Streams streams)
    {
        List<string> environment = state.Variables.ToEnvironment(assignments);
        Reply<int, Errno> reply = libc.Spawn(arguments, environment, streams);
        if (reply.IsOk)
        {
            return reply.Value;
        }

        Errno error = Errors.Of(reply);
        if (error == Errno.NotExecutable)
        {
            // No program, so a script (XCU 2.9.1.1).
            var script = new List<string>(arguments);
            script.Insert(0, "sh");
            reply = libc.Spawn(script, environment, streams);
            return reply.IsOk ? reply.Value : NoProcess;
        }

        string name = arguments[0];
        bool isUnknown = error == Errno.NoEntry && !name.Contains('/', StringComparison.Ordinal);
        string message = isUnknown ? "not found" : Errors.TextOf(error);
        libc.With(libc.Arguments, streams).Complain($"{name}: {message}");
        spawnStatus = error == Errno.NoEntry ? StatusNotFound : StatusNotExecutable;
        return NoProcess;
    }

    /// <summary>Runs a text in a shell that starts as a copy of this one.</summary>
    private int SpawnSubshell(Libc libc, string text, Streams streams) =>
        Spawn(libc, ShellCopy.ToArguments(state, text), [], streams);

    /// <summary>Waits for a process that has been started, or failed to start.</summary>
    public int WaitFor(Libc libc, int process)
    {
        if (process == NoProcess)
        {
            return spawnStatus;
        }

        Reply<ExitStatus, Errno> reply = libc.System.WaitForChild(libc.Context, process);
        return reply.IsOk ? reply.Value.Status : StatusNotFound;
    }

    /// <summary>Command substitution (XCU 2.6.3): what the commands print, without the newlines at its end.</summary>
    public string Substitute(Libc libc, string text)
    {
        Reply<PipeEnds, Errno> pipe = libc.System.MakePipe(libc.Context);
        if (!pipe.IsOk)
        {
            throw new ShellExpansionException($"cannot make a pipe: {Errors.TextOf(Errors.Of(pipe))}");
        }

        int process = SpawnSubshell(libc, text, state.Streams with { Output = pipe.Value.WriteEnd });
        libc.Close(pipe.Value.WriteEnd);
        string output = ReadAll(libc, pipe.Value.ReadEnd);
        libc.Close(pipe.Value.ReadEnd);
        substitutionStatus = WaitFor(libc, process);
        return output.TrimEnd('\n');
    }

    /// <summary>Reads until the end.</summary>
    /// <exception cref="ShellExpansionException">It cannot be read to its end, or is too long.</exception>
    public static string ReadAll(Libc libc, int descriptor)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new byte[16 * 1024];
        Errno error = libc.Read(descriptor, buffer, out int length);
        while (error == Errno.None && length > 0)
        {
            if (text.Length + length > ShellLimits.TextBytesMax)
            {
                throw new ShellExpansionException("text too long");
            }

            text.Append(ByteText.ToText(buffer.AsSpan(0, length)));
            error = libc.Read(descriptor, buffer, out length);
        }

        // Half a script must not pass for one that has succeeded.
        return error == Errno.None ? text.ToString() : throw new ShellExpansionException($"read error: {Errors.TextOf(error)}");
    }
}
