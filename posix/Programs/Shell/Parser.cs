namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>The shell's grammar (POSIX.1-2017, XCU 2.10), by recursive descent.</summary>
internal sealed partial class Parser
{
    private readonly Lexer lexer;
    private Token token;
    private int previousEnd;
    private int depth;

    private Parser(string text)
    {
        lexer = new Lexer(text);
        token = lexer.Next();
    }

    /// <summary>Parses a whole text.</summary>
    /// <exception cref="ShellSyntaxException">It is not a list of commands.</exception>
    public static Node Parse(string text)
    {
        var parser = new Parser(text);
        Node list = parser.ParseList();
        return parser.token.Kind == TokenKind.End ? list : throw parser.Unexpected();
    }

    /// <summary>Whether a word is the name of a variable.</summary>
    public static bool IsName(string word) => word.Length > 0 && WordScanner.SkipName(word, 0) == word.Length;

    private Node ParseList()
    {
        if (++depth > ShellLimits.DepthMax)
        {
            throw new ShellSyntaxException("commands nested too deeply", isIncomplete: false);
        }

        var list = new Sequence();
        int start = token.Start;
        SkipNewlines();
        while (StartsCommand())
        {
            Node command = ParseAndOr();
            bool isBackground = IsOperator("&");
            list.Commands.Add((command, isBackground));
            if (!isBackground && !IsOperator(";") && token.Kind != TokenKind.Newline)
            {
                break;
            }

            Advance();
            SkipNewlines();
        }

        depth--;
        return WithText(list, start);
    }

    /// <summary>A list that may not be empty.</summary>
    private Node ParseBody()
    {
        Node list = ParseList();
        return ((Sequence)list).Commands.Count > 0 ? list : throw Unexpected();
    }

    private bool StartsCommand() => token.Kind switch
    {
        TokenKind.End or TokenKind.Newline => false,
        TokenKind.Operator => token.Text == "(" || IsRedirection(token.Text),
        TokenKind.Word => token.Text is not ("then" or "elif" or "else" or "fi" or "do" or "done" or "esac" or "}"),
        _ => true,
    };

    private static bool IsRedirection(string symbol) => symbol[0] is '<' or '>' || symbol is "&>" or "&>>";

    private Node ParseAndOr()
    {
        int start = token.Start;
        var list = new AndOrList { First = ParsePipeline() };
        while (IsOperator("&&") || IsOperator("||"))
        {
            bool isAnd = token.Text == "&&";
            Advance();
            SkipNewlines();
            list.Rest.Add((isAnd, ParsePipeline()));
        }

        return list.Rest.Count == 0 ? list.First : WithText(list, start);
    }

    private Node ParsePipeline()
    {
        int start = token.Start;
        bool isNegated = IsWord("!");
        if (isNegated)
        {
            Advance();
        }

        var pipeline = new Pipeline { IsNegated = isNegated };
        pipeline.Stages.Add(ParseCommand());
        while (IsOperator("|"))
        {
            Advance();
            SkipNewlines();
            pipeline.Stages.Add(ParseCommand());
        }

        return pipeline.Stages.Count > ShellLimits.PipelineStagesMax ? throw new ShellSyntaxException("pipeline too long", false)
            : pipeline.Stages.Count == 1 && !isNegated ? pipeline.Stages[0]
            : WithText(pipeline, start);
    }

    private Node ParseCommand()
    {
        int start = token.Start;
        if (!StartsCommand())
        {
            throw Unexpected();
        }

        Node? compound = ParseCompound();
        if (compound is null)
        {
            return ParseSimple();
        }

        // The text is without the redirections: a shell that runs it as a process gets its streams redirected already.
        WithText(compound, start);
        while (ParseRedirection() is { } redirection)
        {
            compound.Redirections.Add(redirection);
        }

        return compound;
    }

    private Node ParseSimple()
    {
        int start = token.Start;
        var command = new SimpleCommand();
        while (true)
        {
            if (ParseRedirection() is { } redirection)
            {
                command.Redirections.Add(redirection);
            }
            else if (token.Kind == TokenKind.Word)
            {
                AddWord(command, token.Text);
                Advance();
            }
            else if (IsOperator("(") && command.Words.Count == 1 && command.Assignments.Count == 0 && IsName(command.Words[0]))
            {
                return ParseFunction(command.Words[0], start);
            }
            else
            {
                return WithText(command, start);
            }
        }
    }

    private static void AddWord(SimpleCommand command, string word)
    {
        int equals = WordScanner.SkipName(word, 0);
        bool isAssignment = command.Words.Count == 0 && equals > 0 && equals < word.Length && word[equals] == '=';
        if (isAssignment)
        {
            command.Assignments.Add((word[..equals], word[(equals + 1)..]));
        }
        else
        {
            command.Words.Add(word);
        }
    }

    private Node ParseFunction(string name, int start)
    {
        Advance();
        ExpectOperator(")");
        SkipNewlines();
        Node body = ParseCommand();
        return WithText(new FunctionDefinition { Name = name, Body = body }, start);
    }

    private Redirection? ParseRedirection()
    {
        int descriptor = -2;
        if (token.Kind == TokenKind.Number)
        {
            descriptor = token.Text.Length == 1 && token.Text[0] is >= '0' and <= '2'
                ? token.Text[0] - '0'
                : throw new ShellSyntaxException($"{token.Text}: only the descriptors 0, 1 and 2 are passed on", false);
            Advance();
        }

        if (token.Kind != TokenKind.Operator || !IsRedirection(token.Text))
        {
            return null;
        }

        string symbol = token.Text;
        if (descriptor == -2)
        {
            descriptor = symbol[0] == '&' ? -1 : symbol[0] == '<' ? 0 : 1;
        }

        Advance();
        if (token.Kind != TokenKind.Word && token.Kind != TokenKind.Number)
        {
            throw Unexpected();
        }

        string word = token.Text;
        if (symbol is not ("<<" or "<<-"))
        {
            Advance();
            return new Redirection(descriptor, symbol, word, null);
        }

        string delimiter = word.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)
            .Replace("\\", "", StringComparison.Ordinal);
        HereDocument document = lexer.Expect(delimiter, stripsTabs: symbol == "<<-", isLiteral: delimiter != word);
        Advance();
        return new Redirection(descriptor, symbol, word, document);
    }

    private TNode WithText<TNode>(TNode node, int start)
        where TNode : Node
    {
        node.Text = lexer.Text[start..Math.Max(start, previousEnd)];
        return node;
    }

    private void Advance()
    {
        previousEnd = token.End;
        token = lexer.Next();
    }

    private void SkipNewlines()
    {
        while (token.Kind == TokenKind.Newline)
        {
            Advance();
        }
    }

    private bool IsOperator(string symbol) => token.Kind == TokenKind.Operator && token.Text == symbol;

    private bool IsWord(string word) => token.Kind == TokenKind.Word && token.Text == word;

    private string TakeWord()
    {
        if (token.Kind is not (TokenKind.Word or TokenKind.Number))
        {
            throw Unexpected();
        }

        string word = token.Text;
        Advance();
        return word;
    }

    private void ExpectWord(string word)
    {
        if (!IsWord(word))
        {
            throw Unexpected();
        }

        Advance();
    }

    private void ExpectOperator(string symbol)
    {
        if (!IsOperator(symbol))
        {
            throw Unexpected();
        }

        Advance();
    }

    private ShellSyntaxException Unexpected()
    {
        bool isEnd = token.Kind == TokenKind.End;
        string what = token.Kind is TokenKind.End or TokenKind.Newline ? token.Text : $"\"{token.Text}\"";
        return new ShellSyntaxException($"Syntax error: {what} unexpected", isEnd);
    }
}
