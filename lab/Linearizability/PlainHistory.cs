using System.Globalization;
using System.Text;

namespace RedLeafSharp.Lab.Linearizability;

/// <summary>
/// The lab's own form of a history, a line for each operation: the name of the register, the client, when it was invoked and when it
/// returned, the operation with its arguments, an arrow, the result. docs/lab.md describes it.
/// </summary>
internal sealed class PlainHistory
{
    private const string Arrow = "->";
    private const string Unknown = "?";
    private const string NotReturned = "-";
    private const string Nil = "nil";
    private const int Columns = 5;

    private readonly string file;
    private readonly List<(Operation Operation, long Invoked, long? Returned)> operations = [];
    private string? initial;
    private int line;

    private PlainHistory(string file) => this.file = file;

    /// <inheritdoc cref="HistoryReader.Read"/>
    internal static History Read(string file, IEnumerable<string> lines)
    {
        var reader = new PlainHistory(file);
        foreach (string text in lines)
        {
            reader.line++;
            reader.Add(reader.Split(text));
        }

        reader.CheckClients();
        return new History(reader.initial, reader.Order());
    }

    /// <summary>Writes a history in a form that <see cref="Read"/> reads.</summary>
    internal static void Write(History history, TextWriter output)
    {
        output.WriteLine("# name client invoked returned operation -> result");
        output.WriteLine($"initial {Quote(history.Initial)}");
        foreach (Operation one in history.Operations)
        {
            string returned = one.ReturnedAt == Operation.Never ? NotReturned : one.ReturnedAt.ToString(CultureInfo.InvariantCulture);
            (string what, string result) = one.Kind switch
            {
                OperationKind.Read => ("read", Quote(one.Value)),
                OperationKind.Write => ($"write {Quote(one.Value)}", "ok"),
                OperationKind.Append => ($"append {Quote(one.Value)}", "ok"),
                _ => ($"cas {Quote(one.Expected)} {Quote(one.Value)}", one.Completion == Completion.Refused ? "refused" : "ok"),
            };
            result = one.Completion == Completion.Unknown ? Unknown : result;
            output.WriteLine($"{Quote(one.Key)} {Quote(one.Process)} {one.InvokedAt} {returned} {what} {Arrow} {result}");
        }
    }

    private void Add(List<Word> words)
    {
        if (words.Count == 0)
        {
            return;
        }

        if (words is [{ Text: "initial", IsQuoted: false }, var value])
        {
            initial = operations.Count == 0 ? ValueOf(value) : throw Malformed("'initial' before the first operation");
            return;
        }

        int arrow = words.FindIndex(word => word is { Text: Arrow, IsQuoted: false });
        if (arrow < Columns || arrow != words.Count - 2)
        {
            throw Malformed($"NAME CLIENT INVOKED RETURNED OPERATION {Arrow} RESULT");
        }

        long invoked = Time(words[2], "the time of the invocation");
        long? returned = words[3].Text == NotReturned ? null : Time(words[3], $"the time of the return, or {NotReturned}");
        if (returned < invoked)
        {
            throw Malformed($"a return at {invoked} or later, not at {returned}");
        }

        (OperationKind kind, string? expected, string? argument) = Meaning(words[4].Text, words[5..arrow]);
        (Completion completion, string? result, bool hasHappened) = Result(kind, words[^1], returned is not null);
        var operation = new Operation(words[1].Text, kind, words[0].Text, expected, kind == OperationKind.Read ? result : argument, completion, 0, 0)
        {
            Line = line,
        };
        if (hasHappened && (kind != OperationKind.Read || completion != Completion.Unknown))
        {
            operations.Add((operation, invoked, returned));
        }
    }

    /// <summary>A client does one thing after the other; one whose operation never returned may go on all the same.</summary>
    private void CheckClients()
    {
        foreach (var client in operations.Where(one => one.Returned is not null).GroupBy(one => one.Operation.Process))
        {
            var ordered = client.OrderBy(one => one.Invoked).ThenBy(one => one.Returned).ToArray();
            for (int index = 1; index < ordered.Length; index++)
            {
                (Operation before, long begin, long? end) = ordered[index - 1];
                if (ordered[index].Invoked < end)
                {
                    line = ordered[index].Operation.Line;
                    throw Malformed($"one operation of client {client.Key} at a time; that of line {before.Line} lasts from {begin} to {end}");
                }
            }
        }
    }

    private (OperationKind Kind, string? Expected, string? Value) Meaning(string name, List<Word> arguments) => (name, arguments) switch
    {
        ("read", []) => (OperationKind.Read, null, null),
        ("write", [var value]) => (OperationKind.Write, null, ValueOf(value)),
        ("append", [var value]) => (OperationKind.Append, null, ValueOf(value)),
        ("cas", [var expected, var value]) => (OperationKind.CompareAndSet, ValueOf(expected), ValueOf(value)),
        _ => throw Malformed("one of the operations read, write VALUE, append VALUE and cas EXPECTED VALUE"),
    };

    private (Completion Completion, string? Value, bool HasHappened) Result(OperationKind kind, Word result, bool hasReturned)
    {
        if (result is { Text: Unknown, IsQuoted: false })
        {
            return (Completion.Unknown, null, true);
        }

        if (!hasReturned)
        {
            throw Malformed($"the result {Unknown} of an operation that has not returned");
        }

        return (kind, result.IsQuoted ? string.Empty : result.Text) switch
        {
            (OperationKind.Read, _) => (Completion.Done, ValueOf(result), true),
            (_, "ok") => (Completion.Done, null, true),
            (_, "failed") => (Completion.Done, null, false),
            (OperationKind.CompareAndSet, "refused") => (Completion.Refused, null, true),
            (OperationKind.CompareAndSet, _) => throw Malformed($"one of the results ok, refused, failed and {Unknown}"),
            _ => throw Malformed($"one of the results ok, failed and {Unknown}"),
        };
    }

    /// <summary>Of events at the same time invocations come first: such operations count as concurrent.</summary>
    private Operation[] Order()
    {
        var events = operations.SelectMany((one, index) => new[]
        {
            (Time: one.Invoked, IsReturn: false, Index: index),
            (Time: one.Returned ?? long.MaxValue, IsReturn: true, Index: index),
        }).OrderBy(one => one.Time).ThenBy(one => one.IsReturn).ThenBy(one => one.Index).ToArray();
        Operation[] ordered = [.. operations.Select(one => one.Operation)];
        for (int position = 0; position < events.Length; position++)
        {
            ref Operation one = ref ordered[events[position].Index];
            bool isNever = operations[events[position].Index].Returned is null;
            one = !events[position].IsReturn ? one with { InvokedAt = position }
                : one with { ReturnedAt = isNever || one.Completion == Completion.Unknown ? Operation.Never : position };
        }

        return [.. ordered.OrderBy(one => one.InvokedAt)];
    }

    private long Time(Word word, string what) => long.TryParse(word.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long time)
        ? time
        : throw Malformed($"a whole number as {what}, not '{word.Text}'");

    private static string? ValueOf(Word word) => word is { Text: Nil, IsQuoted: false } ? null : word.Text;

    /// <summary>Words between blanks; quotes keep blanks together, and a # outside of them begins a comment.</summary>
    private List<Word> Split(string text)
    {
        var words = new List<Word>();
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == '#')
            {
                break;
            }

            if (char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            else if (text[at] == '"')
            {
                words.Add(new Word(Unquote(text, ref at), IsQuoted: true));
            }
            else
            {
                int begin = at;
                while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not ('"' or '#'))
                {
                    at++;
                }

                words.Add(new Word(text[begin..at], IsQuoted: false));
            }
        }

        return words;
    }

    private string Unquote(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            at += text[at] == '\\' ? 1 : 0;
            _ = at < text.Length ? value.Append(text[at]) : value;
        }

        return at++ < text.Length ? value.ToString() : throw Malformed("a quote at the end of a text that begins with one");
    }

    private static string Quote(string? text) => text is null ? Nil
        : text.Length > 0 && text is not (Nil or Unknown or Arrow or "initial") && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') ? text
        : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private FormatException Malformed(string expected) => new($"{file}, line {line}: expected {expected}");

    private readonly record struct Word(string Text, bool IsQuoted);
}
