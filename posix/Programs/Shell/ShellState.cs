namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Why a list of commands is being left early.</summary>
internal enum Flow
{
    /// <summary>It is not.</summary>
    Normal,

    /// <summary>break.</summary>
    Break,

    /// <summary>continue.</summary>
    Continue,

    /// <summary>return.</summary>
    Return,

    /// <summary>exit.</summary>
    Exit,
}

/// <summary>The execution environment of a shell (POSIX.1-2017, XCU 2.12).</summary>
internal sealed class ShellState
{
    public ShellVariables Variables { get; } = new();

    /// <summary>What the running function's own variables were before; null outside of functions.</summary>
    public List<(string Name, string? Value)>? Locals { get; set; }

    public Dictionary<string, FunctionDefinition> Functions { get; } = new();

    /// <summary>$1 and so on.</summary>
    public List<string> Parameters { get; set; } = new();

    /// <summary>$0.</summary>
    public string Name { get; set; } = "sh";

    /// <summary>$?.</summary>
    public int Status { get; set; }

    /// <summary>$!; 0 when nothing has run in the background.</summary>
    public int BackgroundProcess { get; set; }

    /// <summary>Children in the background that have not been waited for.</summary>
    public List<int> BackgroundProcesses { get; } = new();

    public Flow Flow { get; set; }

    /// <summary>Loops that break or continue has yet to leave.</summary>
    public int FlowDepth { get; set; }

    /// <summary>What trap has asked for at the shell's end; null for nothing.</summary>
    public string? ExitTrap { get; set; }

    /// <summary>set -e: the first failure ends the shell.</summary>
    public bool ExitsOnError { get; set; }

    /// <summary>set -x: commands are shown before they run.</summary>
    public bool ShowsCommands { get; set; }

    /// <summary>set -u: a variable without a value is an error.</summary>
    public bool RefusesUnset { get; set; }

    /// <summary>set -f: no pathname expansion.</summary>
    public bool IsGlobbingOff { get; set; }

    /// <summary>The streams of commands without redirections; exec changes them.</summary>
    public Streams Streams { get; set; } = Streams.Standard;

    public int CallDepth { get; set; }
}
