namespace RedLeafSharp.Posix.Programs.Shell;

/// <content>Compound commands (POSIX.1-2017, XCU 2.9.4).</content>
internal sealed partial class Parser
{
    private Node? ParseCompound()
    {
        if (IsOperator("("))
        {
            return ParseSubshell();
        }

        return token.Kind != TokenKind.Word ? null : token.Text switch
        {
            "{" => ParseGroup(),
            "if" => ParseIf(),
            "while" or "until" => ParseLoop(),
            "for" => ParseFor(),
            "case" => ParseCase(),
            _ => null,
        };
    }

    private Subshell ParseSubshell()
    {
        int start = token.End;
        Advance();
        Node body = ParseBody();
        int end = token.Start;
        ExpectOperator(")");
        return new Subshell { Body = body, BodyText = lexer.Text[start..end] };
    }

    private Group ParseGroup()
    {
        Advance();
        Node body = ParseBody();
        ExpectWord("}");
        return new Group { Body = body };
    }

    private IfCommand ParseIf()
    {
        var command = new IfCommand();
        do
        {
            Advance();
            Node condition = ParseBody();
            ExpectWord("then");
            command.Branches.Add((condition, ParseBody()));
        }
        while (IsWord("elif"));

        if (IsWord("else"))
        {
            Advance();
            command.Else = ParseBody();
        }

        ExpectWord("fi");
        return command;
    }

    private LoopCommand ParseLoop()
    {
        bool isUntil = token.Text == "until";
        Advance();
        Node condition = ParseBody();
        return new LoopCommand { IsUntil = isUntil, Condition = condition, Body = ParseDoGroup() };
    }

    private Node ParseDoGroup()
    {
        ExpectWord("do");
        Node body = ParseBody();
        ExpectWord("done");
        return body;
    }

    private ForCommand ParseFor()
    {
        Advance();
        string name = token.Text;
        if (token.Kind != TokenKind.Word || !IsName(name))
        {
            throw Unexpected();
        }

        Advance();
        SkipNewlines();
        List<string>? words = null;
        if (IsWord("in"))
        {
            Advance();
            words = new List<string>();
            while (token.Kind == TokenKind.Word)
            {
                words.Add(token.Text);
                Advance();
            }
        }

        if (IsOperator(";"))
        {
            Advance();
        }

        SkipNewlines();
        return new ForCommand { Name = name, Words = words, Body = ParseDoGroup() };
    }

    private CaseCommand ParseCase()
    {
        Advance();
        string word = TakeWord();
        SkipNewlines();
        ExpectWord("in");
        SkipNewlines();
        var command = new CaseCommand { Word = word };
        while (!IsWord("esac"))
        {
            if (IsOperator("("))
            {
                Advance();
            }

            var patterns = new List<string> { TakeWord() };
            while (IsOperator("|"))
            {
                Advance();
                patterns.Add(TakeWord());
            }

            ExpectOperator(")");
            command.Branches.Add((patterns, ParseList()));
            if (IsOperator(";;"))
            {
                Advance();
            }
            else if (!IsWord("esac"))
            {
                throw Unexpected();
            }

            SkipNewlines();
        }

        Advance();
        return command;
    }
}
