namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Arithmetic expansion (POSIX.1-2017, XCU 2.6.4): C's integer expressions over 64-bit numbers and variables.</summary>
internal ref struct Arithmetic
{
    // By rising precedence; each level's operators, longer ones before their beginnings.
    private static readonly string[][] Levels =
    [
        ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"],
    ];

    private readonly ShellState state;
    private readonly string text;
    private int position;
    private int depth;

    private Arithmetic(ShellState state, string text)
    {
        this.state = state;
        this.text = text;
    }

    /// <summary>The value of an expression.</summary>
    public static long Evaluate(ShellState state, string text)
    {
        var arithmetic = new Arithmetic(state, text);
        arithmetic.SkipBlanks();
        if (arithmetic.position == text.Length)
        {
            return 0;
        }

        long value = arithmetic.Assignment();
        return arithmetic.position == text.Length ? value : throw arithmetic.Wrong();
    }

    private long Assignment()
    {
        if (++depth > ShellLimits.DepthMax)
        {
            throw new ShellExpansionException($"arithmetic nested too deeply: {text}");
        }

        int start = position;
        int nameEnd = WordScanner.SkipName(text, position);
        if (nameEnd > start)
        {
            string name = text[start..nameEnd];
            position = nameEnd;
            SkipBlanks();
            int operatorStart = position;
            while (position < text.Length && "+-*/%&|^<>".Contains(text[position], StringComparison.Ordinal))
            {
                position++;
            }

            string symbol = text[operatorStart..position];
            bool isAssignment = position < text.Length && text[position] == '='
                && (position + 1 == text.Length || text[position + 1] != '=') && symbol is not ("<" or ">");
            if (isAssignment)
            {
                position++;
                SkipBlanks();
                long value = Assignment();
                value = symbol.Length == 0 ? value : Apply(symbol, ValueOf(name), value);
                state.Variables[name] = $"{value}";
                depth--;
                return value;
            }
        }

        position = start;
        long result = Conditional();
        depth--;
        return result;
    }

    private long Conditional()
    {
        long condition = Binary(0);
        if (!Take("?"))
        {
            return condition;
        }

        long whenTrue = Assignment();
        if (!Take(":"))
        {
            throw Wrong();
        }

        long whenFalse = Assignment();
        return condition != 0 ? whenTrue : whenFalse;
    }

    private long Binary(int level)
    {
        if (level == Levels.Length)
        {
            return Unary();
        }

        long left = Binary(level + 1);
        while (TakeOperator(level) is { } symbol)
        {
            left = Apply(symbol, left, Binary(level + 1));
        }

        return left;
    }

    private string? TakeOperator(int level)
    {
        foreach (string symbol in Levels[level])
        {
            int end = position + symbol.Length;
            bool isDoubled = end < text.Length && (symbol is "|" or "&" or "<" or ">") && text[end] == symbol[0];
            bool isAssigning = end < text.Length && text[end] == '=' && symbol is not ("==" or "!=" or "<=" or ">=");
            bool isLonger = isDoubled || isAssigning;
            if (!isLonger && Take(symbol))
            {
                return symbol;
            }
        }

        return null;
    }

    private long Apply(string symbol, long left, long right) => symbol switch
    {
        "||" => left != 0 || right != 0 ? 1 : 0,
        "&&" => left != 0 && right != 0 ? 1 : 0,
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => left == right ? 1 : 0,
        "!=" => left != right ? 1 : 0,
        "<=" => left <= right ? 1 : 0,
        ">=" => left >= right ? 1 : 0,
        "<" => left < right ? 1 : 0,
        ">" => left > right ? 1 : 0,
        "<<" => left << (int)right,
        ">>" => left >> (int)right,
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" or "%" when right == 0 => throw new ShellExpansionException($"division by zero: {text}"),
        "/" => right == -1 ? -left : left / right,
        "%" => right == -1 ? 0 : left % right,
        _ => throw Wrong(),
    };

    private long Unary()
    {
        if (++depth > ShellLimits.DepthMax)
        {
            throw new ShellExpansionException($"arithmetic nested too deeply: {text}");
        }

        long value = Take("-") ? -Unary()
            : Take("+") ? Unary()
            : Take("!") ? (Unary() == 0 ? 1 : 0)
            : Take("~") ? ~Unary()
            : Primary();
        depth--;
        return value;
    }

    private long Primary()
    {
        if (Take("("))
        {
            long inner = Assignment();
            return Take(")") ? inner : throw Wrong();
        }

        int start = position;
        int nameEnd = WordScanner.SkipName(text, start);
        if (nameEnd > start)
        {
            position = nameEnd;
            SkipBlanks();
            return ValueOf(text[start..nameEnd]);
        }

        while (position < text.Length && char.IsAsciiLetterOrDigit(text[position]))
        {
            position++;
        }

        string digits = text[start..position];
        SkipBlanks();
        return TryParse(digits, out long value) ? value : throw Wrong();
    }

    private long ValueOf(string name)
    {
        string value = state.Variables.GetValueOrDefault(name, "").Trim();
        bool isNegative = value.StartsWith('-');
        return value.Length == 0 ? 0
            : TryParse(isNegative ? value[1..] : value, out long number) ? (isNegative ? -number : number)
            : throw new ShellExpansionException($"Illegal number: {value}");
    }

    /// <summary>A decimal, octal (0...) or hexadecimal (0x...) constant.</summary>
    private static bool TryParse(string digits, out long value)
    {
        int numberBase = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 16 : digits.StartsWith('0') ? 8 : 10;
        value = 0;
        for (int index = numberBase == 16 ? 2 : 0; index < digits.Length; index++)
        {
            int digit = char.IsAsciiHexDigit(digits[index]) ? Convert.ToInt32(digits[index].ToString(), 16) : numberBase;
            if (digit >= numberBase)
            {
                return false;
            }

            value = (value * numberBase) + digit;
        }

        return digits.Length > (numberBase == 16 ? 2 : 0);
    }

    private bool Take(string symbol)
    {
        if (string.CompareOrdinal(text, position, symbol, 0, symbol.Length) != 0)
        {
            return false;
        }

        position += symbol.Length;
        SkipBlanks();
        return true;
    }

    private void SkipBlanks()
    {
        while (position < text.Length && text[position] is ' ' or '\t' or '\n')
        {
            position++;
        }
    }

    private ShellExpansionException Wrong() => new($"arithmetic expression: syntax error: \"{text}\"");
}
