namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>A command of the shell (POSIX.1-2017, XCU 2.9). Words are kept as written; expansion takes the quotes away.</summary>
internal abstract class Node
{
    /// <summary>The command as written, for a shell that runs it as a process of its own.</summary>
    public string Text { get; set; } = "";

    public List<Redirection> Redirections { get; } = new();
}

/// <summary>Assignments, words and redirections.</summary>
internal sealed class SimpleCommand : Node
{
    public List<(string Name, string Word)> Assignments { get; } = new();

    public List<string> Words { get; } = new();
}

/// <summary>Commands with pipes between them, perhaps negated.</summary>
internal sealed class Pipeline : Node
{
    public List<Node> Stages { get; } = new();

    public bool IsNegated { get; init; }
}

/// <summary>Pipelines with &amp;&amp; and || between them, from left to right.</summary>
internal sealed class AndOrList : Node
{
    public required Node First { get; init; }

    public List<(bool IsAnd, Node Next)> Rest { get; } = new();
}

/// <summary>Commands one after another, some of them in the background.</summary>
internal sealed class Sequence : Node
{
    public List<(Node Command, bool IsBackground)> Commands { get; } = new();
}

/// <summary>{ ... }.</summary>
internal sealed class Group : Node
{
    public required Node Body { get; init; }
}

/// <summary>( ... ).</summary>
internal sealed class Subshell : Node
{
    public required Node Body { get; init; }

    /// <summary>The text between the parentheses.</summary>
    public required string BodyText { get; init; }
}

/// <summary>if ... then ... elif ... else ... fi.</summary>
internal sealed class IfCommand : Node
{
    public List<(Node Condition, Node Body)> Branches { get; } = new();

    public Node? Else { get; set; }
}

/// <summary>while or until.</summary>
internal sealed class LoopCommand : Node
{
    public required bool IsUntil { get; init; }

    public required Node Condition { get; init; }

    public required Node Body { get; init; }
}

/// <summary>for NAME in WORDS.</summary>
internal sealed class ForCommand : Node
{
    public required string Name { get; init; }

    /// <summary>Null without "in": the positional parameters.</summary>
    public required List<string>? Words { get; init; }

    public required Node Body { get; init; }
}

/// <summary>case WORD in PATTERN) ... ;; esac.</summary>
internal sealed class CaseCommand : Node
{
    public required string Word { get; init; }

    public List<(List<string> Patterns, Node Body)> Branches { get; } = new();
}

/// <summary>NAME() COMMAND.</summary>
internal sealed class FunctionDefinition : Node
{
    public required string Name { get; init; }

    public required Node Body { get; init; }
}

/// <summary>One redirection (XCU 2.7).</summary>
/// <param name="Descriptor">0, 1 or 2; -1 for both output streams.</param>
/// <param name="Operator">As written.</param>
/// <param name="Word">The file or the descriptor.</param>
/// <param name="Document">The here-document, if it is one.</param>
internal sealed record Redirection(int Descriptor, string Operator, string Word, HereDocument? Document);

/// <summary>A here-document; its body is known once the line that announces it has been read.</summary>
/// <param name="delimiter">The line that ends it.</param>
/// <param name="stripsTabs">Whether the tabs at the start of its lines go.</param>
/// <param name="isLiteral">Whether nothing in it is expanded: its delimiter was quoted.</param>
internal sealed class HereDocument(string delimiter, bool stripsTabs, bool isLiteral)
{
    public string Delimiter { get; } = delimiter;

    public bool StripsTabs { get; } = stripsTabs;

    public bool IsLiteral { get; } = isLiteral;

    public string Body { get; set; } = "";
}
