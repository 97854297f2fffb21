using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Runs commands. The streams of a command are an argument: the shell's own descriptors stay where they are.</summary>
internal sealed partial class Interpreter
{
    private readonly ShellState state;
    private readonly Expander expander;
    private readonly Builtins builtins;
    private int depth;
    private int conditionDepth;

    public Interpreter(ShellState state)
    {
        this.state = state;
        expander = new Expander(state, this);
        builtins = new Builtins(state, this);
    }

    /// <summary>Parses and runs a text.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="ShellSyntaxException">It is not a list of commands.</exception>
    public int Run(Libc libc, string text) => Execute(libc, Parser.Parse(text), state.Streams);

    /// <summary>Runs a command and notes its status.</summary>
    public int Execute(Libc libc, Node node, Streams streams)
    {
        if (++depth > ShellLimits.DepthMax)
        {
            depth = 0;
            throw new ShellExpansionException("commands nested too deeply");
        }

        bool isSimple = node is SimpleCommand or FunctionDefinition;
        state.Status = isSimple ? ExecuteSimpleNode(libc, node, streams) : ExecuteRedirected(libc, node, streams);
        depth--;
        return state.Status;
    }

    private int ExecuteSimpleNode(Libc libc, Node node, Streams streams)
    {
        if (node is FunctionDefinition function)
        {
            state.Functions[function.Name] = function;
            return 0;
        }

        int status = ExecuteSimple(libc, (SimpleCommand)node, streams);
        EndOnError(status);
        return status;
    }

    private void EndOnError(int status)
    {
        if (status != 0 && state.ExitsOnError && conditionDepth == 0 && state.Flow == Flow.Normal)
        {
            state.Flow = Flow.Exit;
        }
    }

    private int ExecuteRedirected(Libc libc, Node node, Streams streams)
    {
        if (node.Redirections.Count == 0)
        {
            return ExecuteCompound(libc, node, streams);
        }

        var redirector = new Redirector(expander);
        int status = redirector.Apply(libc, node.Redirections, ref streams) ? ExecuteCompound(libc, node, streams) : 1;
        redirector.Close(libc);
        return status;
    }

    private int ExecuteCompound(Libc libc, Node node, Streams streams) => node switch
    {
        Sequence sequence => ExecuteSequence(libc, sequence, streams),
        AndOrList list => ExecuteAndOr(libc, list, streams),
        Pipeline pipeline => ExecutePipeline(libc, pipeline, streams),
        Group group => Execute(libc, group.Body, streams),
        Subshell subshell => WaitFor(libc, SpawnSubshell(libc, subshell.BodyText, streams)),
        IfCommand command => ExecuteIf(libc, command, streams),
        LoopCommand loop => ExecuteLoop(libc, loop, streams),
        ForCommand loop => ExecuteFor(libc, loop, streams),
        CaseCommand command => ExecuteCase(libc, command, streams),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is no compound command"),
    };

    private int ExecuteSequence(Libc libc, Sequence sequence, Streams streams)
    {
        int status = 0;
        foreach ((Node command, bool isBackground) in sequence.Commands)
        {
            status = isBackground ? ExecuteInBackground(libc, command, streams) : Execute(libc, command, streams);
            if (state.Flow != Flow.Normal)
            {
                return state.Status;
            }
        }

        return status;
    }

    private int ExecuteAndOr(Libc libc, AndOrList list, Streams streams)
    {
        // Only the last command of the list counts for set -e.
        int status = ExecuteCondition(libc, list.First, streams);
        for (int index = 0; index < list.Rest.Count && state.Flow == Flow.Normal; index++)
        {
            (bool isAnd, Node next) = list.Rest[index];
            bool isLast = index == list.Rest.Count - 1;
            if (isAnd == (status == 0))
            {
                status = isLast ? Execute(libc, next, streams) : ExecuteCondition(libc, next, streams);
            }
        }

        return status;
    }

    /// <summary>Runs what is allowed to fail under set -e.</summary>
    private int ExecuteCondition(Libc libc, Node node, Streams streams)
    {
        conditionDepth++;
        int status = Execute(libc, node, streams);
        conditionDepth--;
        return status;
    }

    private int ExecuteIf(Libc libc, IfCommand command, Streams streams)
    {
        foreach ((Node condition, Node body) in command.Branches)
        {
            int status = ExecuteCondition(libc, condition, streams);
            if (state.Flow != Flow.Normal)
            {
                return state.Status;
            }

            if (status == 0)
            {
                return Execute(libc, body, streams);
            }
        }

        return command.Else is null ? 0 : Execute(libc, command.Else, streams);
    }

    private int ExecuteLoop(Libc libc, LoopCommand loop, Streams streams)
    {
        int status = 0;
        while (true)
        {
            // A loop of builtins makes no call otherwise: a call is where a process gives way to others, and where it is killed.
            _ = libc.System.GetProcessId(libc.Context);
            int condition = ExecuteCondition(libc, loop.Condition, streams);
            if (LeavesLoop())
            {
                return state.Flow == Flow.Normal ? status : state.Status;
            }

            if ((condition == 0) == loop.IsUntil)
            {
                return status;
            }

            status = Execute(libc, loop.Body, streams);
            if (LeavesLoop())
            {
                return status;
            }
        }
    }

    private int ExecuteFor(Libc libc, ForCommand loop, Streams streams)
    {
        List<string> values = loop.Words is null ? new List<string>(state.Parameters) : expander.ExpandWords(libc, loop.Words);
        int status = 0;
        foreach (string value in values)
        {
            state.Variables[loop.Name] = value;
            status = Execute(libc, loop.Body, streams);
            if (LeavesLoop())
            {
                break;
            }
        }

        return status;
    }

    /// <summary>Whether break, return or exit ends the loop; a break or continue for this loop has been obeyed then.</summary>
    private bool LeavesLoop()
    {
        if (state.Flow is Flow.Normal or Flow.Return or Flow.Exit)
        {
            return state.Flow != Flow.Normal;
        }

        state.FlowDepth--;
        bool leaves = state.Flow == Flow.Break || state.FlowDepth > 0;
        if (state.FlowDepth == 0)
        {
            state.Flow = Flow.Normal;
        }

        return leaves;
    }

    private int ExecuteCase(Libc libc, CaseCommand command, Streams streams)
    {
        string word = expander.ExpandText(libc, command.Word);
        foreach ((List<string> patterns, Node body) in command.Branches)
        {
            foreach (string pattern in patterns)
            {
                if (Pattern.Matches(expander.ExpandPattern(libc, pattern), word))
                {
                    return Execute(libc, body, streams);
                }
            }
        }

        return 0;
    }

    private int CallFunction(Libc libc, FunctionDefinition function, List<string> arguments, Streams streams)
    {
        if (state.CallDepth >= ShellLimits.CallDepthMax)
        {
            throw new ShellExpansionException($"{function.Name}: functions called too deeply");
        }

        List<string> saved = state.Parameters;
        state.Parameters = arguments.GetRange(1, arguments.Count - 1);
        state.CallDepth++;
        List<(string Name, string? Value)>? savedLocals = state.Locals;
        state.Locals = new List<(string, string?)>();
        int savedDepth = depth;
        depth = 0;
        int status = Execute(libc, function.Body, streams);
        depth = savedDepth;
        state.CallDepth--;
        state.Parameters = saved;
        RestoreVariables(state.Locals);
        state.Locals = savedLocals;
        if (state.Flow == Flow.Return)
        {
            state.Flow = Flow.Normal;
            status = state.Status;
        }

        return status;
    }
}
