using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>test and [: evaluates a condition. Parentheses, -a and -o are understood, with -a binding tighter.</summary>
public sealed class TestProgram : Utility
{
    private const int StatusError = 2;

    private List<string> words = new();
    private int position;
    private string? problem;

    private protected override string Synopsis => "[EXPRESSION]";

    private protected override int Run(Libc libc)
    {
        words = libc.Arguments.GetRange(1, libc.Arguments.Count - 1);
        position = 0;
        problem = null;
        if (libc.Name == "[")
        {
            if (words.Count == 0 || words[^1] != "]")
            {
                return libc.Complain("missing ']'") + 1;
            }

            words.RemoveAt(words.Count - 1);
        }

        if (words.Count == 0)
        {
            return 1;
        }

        bool isTrue = Or(libc);
        if (problem is null && position < words.Count)
        {
            problem = $"extra argument '{words[position]}'";
        }

        if (problem is not null)
        {
            libc.Complain(problem);
            return StatusError;
        }

        return isTrue ? 0 : 1;
    }

    private bool Or(Libc libc)
    {
        bool isTrue = And(libc);
        while (TryTake("-o"))
        {
            isTrue |= And(libc);
        }

        return isTrue;
    }

    private bool And(Libc libc)
    {
        bool isTrue = Primary(libc);
        while (TryTake("-a"))
        {
            isTrue &= Primary(libc);
        }

        return isTrue;
    }

    private bool Primary(Libc libc)
    {
        if (position >= words.Count)
        {
            problem ??= "argument expected";
            return false;
        }

        int left = words.Count - position;
        bool isBinary = left >= 3 && IsBinary(words[position + 1]);
        if (isBinary)
        {
            string first = words[position];
            string symbol = words[position + 1];
            string second = words[position + 2];
            position += 3;
            return Compare(libc, first, symbol, second);
        }

        if (left > 1 && TryTake("!"))
        {
            return !Primary(libc);
        }

        if (left > 1 && TryTake("("))
        {
            bool isTrue = Or(libc);
            problem = TryTake(")") ? problem : problem ?? "missing ')'";
            return isTrue;
        }

        string word = words[position];
        position++;
        if (left > 1 && word.Length == 2 && word[0] == '-' && char.IsAsciiLetter(word[1]))
        {
            string operand = words[position];
            position++;
            return Ask(libc, word[1], operand);
        }

        return word.Length > 0;
    }

    private bool TryTake(string word)
    {
        bool isNext = position < words.Count && words[position] == word;
        position += isNext ? 1 : 0;
        return isNext;
    }

    private static bool IsBinary(string symbol) =>
        symbol is "=" or "==" or "!=" or "<" or ">"
            or "-eq" or "-ne" or "-lt" or "-le" or "-gt" or "-ge" or "-ef" or "-nt" or "-ot";

    private bool Compare(Libc libc, string first, string symbol, string second)
    {
        switch (symbol)
        {
            case "=" or "==":
                return first == second;
            case "!=":
                return first != second;
            case "<":
                return string.CompareOrdinal(first, second) < 0;
            case ">":
                return string.CompareOrdinal(first, second) > 0;
            case "-ef" or "-nt" or "-ot":
                return CompareFiles(libc, first, symbol, second);
            default:
                return CompareNumbers(first, symbol, second);
        }
    }

    private bool CompareNumbers(string first, string symbol, string second)
    {
        bool isFirst = long.TryParse(first, out long left);
        if (!isFirst || !long.TryParse(second, out long right))
        {
            problem ??= $"Illegal number: {(isFirst ? second : first)}";
            return false;
        }

        return symbol switch
        {
            "-eq" => left == right,
            "-ne" => left != right,
            "-lt" => left < right,
            "-le" => left <= right,
            "-gt" => left > right,
            _ => left >= right,
        };
    }

    private static bool CompareFiles(Libc libc, string first, string symbol, string second)
    {
        bool hasFirst = libc.GetAttributes(first, followsLinks: true, out FileAttributes left) == Errno.None;
        bool hasSecond = libc.GetAttributes(second, followsLinks: true, out FileAttributes right) == Errno.None;
        (long, uint) leftTime = (left.ModificationTime.Seconds, left.ModificationTime.Nanoseconds);
        (long, uint) rightTime = (right.ModificationTime.Seconds, right.ModificationTime.Nanoseconds);
        return symbol switch
        {
            "-ef" => hasFirst && hasSecond && left.Inode == right.Inode,
            "-nt" => hasFirst && (!hasSecond || leftTime.CompareTo(rightTime) > 0),
            _ => hasSecond && (!hasFirst || leftTime.CompareTo(rightTime) < 0),
        };
    }

    private bool Ask(Libc libc, char question, string operand)
    {
        switch (question)
        {
            case 'n':
                return operand.Length > 0;
            case 'z':
                return operand.Length == 0;
            case 't':
                return int.TryParse(operand, out int descriptor) && libc.System.IsTerminal(libc.Context, descriptor).Value;
        }

        bool followsLinks = question is not ('h' or 'L');
        if (libc.GetAttributes(operand, followsLinks, out FileAttributes file) != Errno.None)
        {
            return false;
        }

        uint type = file.Mode & FileMode.TypeMask;
        switch (question)
        {
            case 'e' or 'r' or 'w':
                // Programs run as the privileged user, who may read and write everything.
                return true;
            case 'f':
                return type == FileMode.Regular;
            case 'd':
                return type == FileMode.Directory;
            case 'h' or 'L':
                return type == FileMode.SymbolicLink;
            case 'p':
                return type == FileMode.Fifo;
            case 'c':
                return type == FileMode.CharacterDevice;
            case 'b':
                return type == FileMode.BlockDevice;
            case 's':
                return file.SizeBytes > 0;
            case 'x':
                return type == FileMode.Directory || (file.Mode & 0x49) != 0;
            default:
                problem ??= $"-{question}: unary operator expected";
                return false;
        }
    }
}
