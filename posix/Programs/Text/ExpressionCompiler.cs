namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// From the text of a regular expression (POSIX.1-2017, XBD 9.3 and 9.4) to its steps. Each part is compiled to go on at steps
/// that are there already, so that they are made from the end; an interval repeats the steps of its part. Back-references are
/// refused: they are what makes matching exponential.
/// </summary>
/// <param name="isExtended">Whether it is an extended regular expression, else a basic one.</param>
/// <param name="ignoresCase">Whether letters stand for both cases.</param>
internal sealed class ExpressionCompiler(bool isExtended, bool ignoresCase)
{
    // Enough for an interval of the greatest count, RE_DUP_MAX (255), over a dozen characters.
    private const int StepCountMax = 4096;

    private const int DepthMax = 64;
    private const int RepeatMax = 255;

    private readonly List<Step> steps = new();
    private string text = "";

    private string UnmatchedBrace => isExtended ? "Unmatched {" : "Unmatched \\{";

    /// <exception cref="ExpressionSyntaxException">It is not well-formed, or too large.</exception>
    public RegularExpression Compile(string expression)
    {
        text = expression;
        int accept = Add(new Step(StepKind.Accept, null, 0, 0));
        int position = 0;
        Node node = ParseAlternatives(ref position, 0);
        if (position < text.Length)
        {
            throw new ExpressionSyntaxException("Unmatched ) or \\)");
        }

        int first = Emit(node, accept);
        return new RegularExpression(steps, first);
    }

    private int Add(Step step)
    {
        if (steps.Count == StepCountMax)
        {
            throw new ExpressionSyntaxException("Regular expression too big");
        }

        steps.Add(step);
        return steps.Count - 1;
    }

    private Node ParseAlternatives(ref int position, int depth)
    {
        if (depth > DepthMax)
        {
            throw new ExpressionSyntaxException("Regular expression too big");
        }

        Node node = ParseSequence(ref position, depth);
        while (IsOperator(position, '|'))
        {
            position += isExtended ? 1 : 2;
            node = new Node(NodeKind.Either, null, new List<Node> { node, ParseSequence(ref position, depth) }, 0, 0);
        }

        return node;
    }

    private Node ParseSequence(ref int position, int depth)
    {
        var parts = new List<Node>();
        int start = position;
        while (position < text.Length && !IsOperator(position, '|') && !(IsOperator(position, ')') && (depth > 0 || !isExtended)))
        {
            Node part = ParseAtom(ref position, start, depth);
            while (TryParseRepeat(ref position, out int least, out int most))
            {
                part = new Node(NodeKind.Repeat, null, new List<Node> { part }, least, most);
            }

            parts.Add(part);
        }

        return Sequence(parts);
    }

    private Node ParseAtom(ref int position, int start, int depth)
    {
        if (IsOperator(position, '('))
        {
            position += isExtended ? 1 : 2;
            Node inner = ParseAlternatives(ref position, depth + 1);
            if (!IsOperator(position, ')'))
            {
                throw new ExpressionSyntaxException("Unmatched ( or \\(");
            }

            position += isExtended ? 1 : 2;
            return inner;
        }

        char character = text[position];
        bool isFirst = position == start;
        position++;
        switch (character)
        {
            case '^' when isExtended || isFirst:
                // A star after it is ordinary (XBD 9.3.3).
                return position < text.Length && text[position] == '*' && !isExtended
                    ? Sequence(new List<Node> { Assertion(NodeKind.Start), Literal(text[position++]) })
                    : Assertion(NodeKind.Start);
            case '$' when isExtended || position == text.Length || IsOperator(position, ')') || IsOperator(position, '|'):
                return Assertion(NodeKind.End);
            case '.':
                var any = new bool[256];
                Array.Fill(any, true);
                return new Node(NodeKind.Take, any, new List<Node>(), 0, 0);
            case '[':
                return new Node(NodeKind.Take, BracketSet.Parse(text, ref position, ignoresCase), new List<Node>(), 0, 0);
            case '\\' when position == text.Length:
                throw new ExpressionSyntaxException("Trailing backslash");
            case '\\' when text[position] is >= '1' and <= '9':
                throw new ExpressionSyntaxException("Back-references are not supported");
            case '\\':
                return Literal(text[position++]);
            default:
                return Literal(character);
        }
    }

    private static Node Sequence(List<Node> parts) => new(NodeKind.Sequence, null, parts, 0, 0);

    private static Node Assertion(NodeKind kind) => new(kind, null, new List<Node>(), 0, 0);

    private Node Literal(char character)
    {
        var set = new bool[256];
        BracketSet.Add(set, character, ignoresCase);
        return new Node(NodeKind.Take, set, new List<Node>(), 0, 0);
    }

    private bool IsOperator(int position, char character) => isExtended
        ? position < text.Length && text[position] == character
        : position + 1 < text.Length && text[position] == '\\' && text[position + 1] == character;

    private bool TryParseRepeat(ref int position, out int least, out int most)
    {
        (least, most) = (0, -1);
        if (position < text.Length && text[position] == '*')
        {
            position++;
            return true;
        }

        if (IsOperator(position, '+') || IsOperator(position, '?'))
        {
            position += isExtended ? 0 : 1;
            (least, most) = text[position] == '+' ? (1, -1) : (0, 1);
            position++;
            return true;
        }

        if (!IsOperator(position, '{'))
        {
            return false;
        }

        position += isExtended ? 1 : 2;
        least = ParseCount(ref position) ?? 0;
        most = least;
        if (position < text.Length && text[position] == ',')
        {
            position++;
            most = ParseCount(ref position) ?? -1;
        }

        if (!IsOperator(position, '}') || (most >= 0 && most < least))
        {
            throw new ExpressionSyntaxException(position == text.Length ? UnmatchedBrace : "Invalid content of \\{\\}");
        }

        position += isExtended ? 1 : 2;
        return true;
    }

    private int? ParseCount(ref int position)
    {
        int? count = null;
        while (position < text.Length && text[position] is >= '0' and <= '9')
        {
            count = ((count ?? 0) * 10) + text[position] - '0';
            position++;
            if (count > RepeatMax)
            {
                throw new ExpressionSyntaxException("Regular expression too big");
            }
        }

        return count;
    }

    /// <summary>Makes the steps of a part that goes on at <paramref name="next"/>.</summary>
    /// <returns>The first of them.</returns>
    private int Emit(Node node, int next)
    {
        switch (node.Kind)
        {
            case NodeKind.Take:
                return Add(new Step(StepKind.Take, node.Set, next, 0));
            case NodeKind.Start:
                return Add(new Step(StepKind.Start, null, next, 0));
            case NodeKind.End:
                return Add(new Step(StepKind.End, null, next, 0));
            case NodeKind.Either:
                int left = Emit(node.Parts[0], next);
                return Add(new Step(StepKind.Split, null, left, Emit(node.Parts[1], next)));
            case NodeKind.Repeat:
                return EmitRepeat(node, next);
            default:
                for (int index = node.Parts.Count - 1; index >= 0; index--)
                {
                    next = Emit(node.Parts[index], next);
                }

                return next;
        }
    }

    private int EmitRepeat(Node node, int next)
    {
        int first = next;
        if (node.Most < 0)
        {
            // The loop is a split that its part comes back to.
            first = Add(new Step(StepKind.Split, null, next, next));
            int body = Emit(node.Parts[0], first);
            steps[first] = new Step(StepKind.Split, null, next, body);
        }

        for (int count = node.Least; count < node.Most; count++)
        {
            first = Add(new Step(StepKind.Split, null, next, Emit(node.Parts[0], first)));
        }

        for (int count = 0; count < node.Least; count++)
        {
            first = Emit(node.Parts[0], first);
        }

        return first;
    }

    private enum NodeKind
    {
        Sequence,
        Either,
        Repeat,
        Take,
        Start,
        End,
    }

    private sealed record Node(NodeKind Kind, bool[]? Set, List<Node> Parts, int Least, int Most);
}
