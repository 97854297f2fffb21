using System.Text;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>
/// A C# program made from a seed. Its functions loop, call each other, throw, catch, filter and clean up at random; each ends,
/// because every round and call takes a step, and when there are none left, loops end and calls return. What runs, in which order,
/// goes into a hash.
/// </summary>
internal sealed partial class RandomProgram
{
    /// <summary>Many in one image: it costs more to make and to load one than to write and run a function.</summary>
    internal const int FunctionCount = 24;

    private const int NestingMax = 3;

    private readonly Random random;
    private readonly StringBuilder text = new();
    private int names;
    private int loops;
    private bool mayReturn = true;
    private bool mayRethrow;

    private RandomProgram(int seed) => random = new Random(seed);

    internal static string SourceOf(int seed)
    {
        var program = new RandomProgram(seed);
        program.text.AppendLine(Prelude).AppendLine("public static partial class Sample {");
        for (int index = 0; index < FunctionCount; index++)
        {
            program.WriteFunction(index);
            program.WriteIterator(index);
        }

        return program.text.AppendLine("}").ToString();
    }

    private void WriteFunction(int index)
    {
        text.AppendLine($"public static long F{index}(int a, int b, int depth) {{ if (depth <= 0 || --steps < 0) return a ^ b; {Locals}");
        WriteBlock(NestingMax);
        text.AppendLine("return sum + a - b + pair.Left + text.Length; }");
    }

    private void WriteIterator(int index)
    {
        text.AppendLine($"static IEnumerable<int> G{index}(int a, int b) {{ {Locals} const int depth = 1;");
        text.AppendLine($"try {{ foreach (int item in values) {{ if (--steps < 0) yield break; yield return item + {Number(1)}; sum += {Number(2)}; }} }}");
        text.AppendLine("finally { Mix(a); }");
        text.AppendLine($"if ({Condition()}) {{ yield break; }} yield return (int)sum + depth; }}");
    }

    private void WriteBlock(int nesting)
    {
        text.AppendLine("{");
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            WriteStatement(nesting);
        }

        text.AppendLine("}");
    }

    private void WriteStatement(int nesting)
    {
        int kind = random.Next(nesting > 0 ? 10 : 5);
        switch (kind)
        {
            case < 4: text.AppendLine(Simple()); break;
            case 4: WriteJump(); break;
            case 5: WriteChoice(nesting - 1); break;
            case 6: WriteLoop(nesting - 1); break;
            default: WriteTry(nesting - 1); break;
        }
    }

    private void WriteJump() => text.AppendLine($"if ({Condition()} && {Condition()} && (sum & 7) == {random.Next(8)}) " + random.Next(5) switch
    {
        0 when mayReturn => $"return {Number(2)};",
        1 when loops > 0 => "break;",
        2 when loops > 0 => "continue;",
        3 when mayRethrow => "throw;",
        _ => $"throw new {Thrown()}();",
    });

    private void WriteChoice(int nesting)
    {
        if (random.Next(2) == 0)
        {
            text.AppendLine($"if ({Condition()})");
            WriteBlock(nesting);
            text.AppendLine("else");
            WriteBlock(nesting);
            return;
        }

        // A break would leave the switch instead of a loop: that is one more shape of code.
        text.AppendLine($"switch ({Number(2)} & 7) {{");
        for (int label = 0; label < random.Next(2, 8); label++)
        {
            text.AppendLine($"case {label}:");
            WriteBlock(nesting);
            text.AppendLine("break;");
        }

        text.AppendLine($"default: {Simple()} break; }}");
    }

    private void WriteLoop(int nesting)
    {
        int name = names++;
        (string head, string tail) = random.Next(5) switch
        {
            0 => ($"for (int i{name} = 0; i{name} < ({Number(1)} & 7); i{name}++)", string.Empty),
            1 => ($"foreach (int i{name} in values)", string.Empty),
            2 => ($"int w{name} = {Number(1)} & 7; while (w{name}-- > 0)", string.Empty),
            3 => ($"int d{name} = {random.Next(6)}; do", $"while (--d{name} > 0);"),
            _ => ($"foreach (int i{name} in G{random.Next(FunctionCount)}({Number(1)}, {Number(1)}))", string.Empty),
        };
        text.AppendLine(head).AppendLine("{ if (--steps < 0) break;");
        loops++;
        WriteBlock(nesting);
        loops--;
        text.AppendLine($"}} {tail}");
        if (random.Next(4) == 0)
        {
            text.AppendLine($"again{name}: {Simple()} if (--steps > 0 && {Condition()}) goto again{name};");
        }
    }

    private void WriteTry(int nesting)
    {
        text.AppendLine("try");
        WriteBlock(nesting);
        int clauses = random.Next(3);
        bool couldRethrow = mayRethrow;
        mayRethrow = true;
        for (int clause = 0; clause < clauses; clause++)
        {
            // A filter, and the catch of everything last: what follows it would be refused by the compiler.
            text.AppendLine(clause == 1 ? "catch" : $"catch ({Caught()} e{names}) when (Accepts({Number(1)}, e{names++}))");
            WriteBlock(nesting);
        }

        mayRethrow = couldRethrow;
        if (clauses == 0 || random.Next(2) == 0)
        {
            (int outerLoops, bool couldReturn) = (loops, mayReturn);
            (loops, mayReturn, mayRethrow) = (0, false, false);
            text.AppendLine("finally");
            WriteBlock(nesting);
            (loops, mayReturn, mayRethrow) = (outerLoops, couldReturn, couldRethrow);
        }
    }
}
