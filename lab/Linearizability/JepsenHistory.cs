using System.Globalization;
using System.Text.RegularExpressions;

namespace RedLeafSharp.Lab.Linearizability;

/// <summary>
/// Reads histories as Jepsen writes them: a line for each event, either of its log (process, type, function and value with tabs
/// between) or an EDN map with the keys :process, :type, :f, :value and, for a store of several registers, :key.
/// </summary>
/// <remarks>
/// Types are invoke, ok, fail (it did not happen) and info (nobody knows). A failed compare-and-set that names its values was
/// compared: it is part of the history. Functions are read, write and cas of a register without a value at first; or get, put
/// and append of registers that are empty strings at first.
/// </remarks>
internal sealed partial class JepsenHistory
{
    private readonly string file;
    private readonly List<Operation?> operations = [];
    private readonly Dictionary<int, int> pending = [];
    private bool hasStrings;
    private int line;

    private JepsenHistory(string file) => this.file = file;

    /// <inheritdoc cref="HistoryReader.Read"/>
    internal static History Read(string file, IEnumerable<string> lines)
    {
        var reader = new JepsenHistory(file);
        foreach (string text in lines)
        {
            reader.line++;
            if (text.Trim() is { Length: > 0 } trimmed && !trimmed.Contains(":nemesis", StringComparison.Ordinal))
            {
                reader.Add(reader.Parse(trimmed));
            }
        }

        return new History(reader.hasStrings ? string.Empty : null, [.. reader.operations.OfType<Operation>().Where(IsSeen)]);
    }

    /// <summary>A read whose result nobody saw says nothing.</summary>
    private static bool IsSeen(Operation operation) =>
        operation is not { Kind: OperationKind.Read, Completion: Completion.Unknown };

    [GeneratedRegex(@"jepsen\.util - (?<process>\d+)\s+:(?<type>\w+)\s+:(?<f>\w+)\s+(?<value>.*)$")]
    private static partial Regex LogLine();

    [GeneratedRegex("""^\{(?:\s*:(?<name>[\w-]+)\s+(?<text>"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s,{}"\[\]]+)\s*,?)*\s*\}$""")]
    private static partial Regex EdnMap();

    private Fields Parse(string text)
    {
        Match log = LogLine().Match(text);
        if (log.Success)
        {
            int process = Number(log.Groups["process"].Value);
            return new Fields(process, log.Groups["type"].Value, log.Groups["f"].Value, string.Empty, log.Groups["value"].Value);
        }

        Match map = EdnMap().Match(text);
        if (!map.Success)
        {
            throw Malformed("an event: a line of Jepsen's log, or an EDN map");
        }

        var names = new Dictionary<string, string>();
        for (int i = 0; i < map.Groups["name"].Captures.Count; i++)
        {
            names[map.Groups["name"].Captures[i].Value] = map.Groups["text"].Captures[i].Value;
        }

        string Field(string name) => names.GetValueOrDefault(name) ?? throw Malformed($"an event with :{name}");
        string key = names.GetValueOrDefault("key") ?? string.Empty;
        return new Fields(Number(Field("process")), Keyword(Field("type")), Keyword(Field("f")), key, Field("value"));
    }

    private void Add(Fields fields)
    {
        if (fields.Type == "invoke")
        {
            Invoke(fields);
            return;
        }

        if (!pending.Remove(fields.Process, out int index))
        {
            throw Malformed($"an operation that process {fields.Process} has invoked");
        }

        Operation begun = operations[index]!;
        (OperationKind kind, string? expected, string? value) = Meaning(fields);
        if (kind != begun.Kind)
        {
            throw Malformed($"the end of what process {fields.Process} has invoked ({begun})");
        }

        operations[index] = fields.Type switch
        {
            "ok" => begun with { Completion = Completion.Done, Value = kind == OperationKind.Read ? value : begun.Value, ReturnedAt = line, Line = line },
            "fail" when expected is not null => begun with { Completion = Completion.Refused, ReturnedAt = line, Line = line },
            "fail" => null,
            "info" => begun,
            _ => throw Malformed("one of the types :invoke, :ok, :fail and :info"),
        };
    }

    private void Invoke(Fields fields)
    {
        (OperationKind kind, string? expected, string? value) = Meaning(fields);
        if (!pending.TryAdd(fields.Process, operations.Count))
        {
            throw Malformed($"the end of what process {fields.Process} has invoked before");
        }

        operations.Add(new Operation($"{fields.Process}", kind, fields.Key, expected, value, Completion.Unknown, line, Operation.Never) { Line = line });
    }

    private (OperationKind Kind, string? Expected, string? Value) Meaning(Fields fields)
    {
        hasStrings |= fields.Function is "get" or "put" or "append";
        string? value = fields.Value == "nil" ? hasStrings ? string.Empty : null : fields.Value.Trim('"');
        switch (fields.Function)
        {
            case "read" or "get":
                return (OperationKind.Read, null, value);
            case "write" or "put":
                return (OperationKind.Write, null, value);
            case "append":
                return (OperationKind.Append, null, value);
            case "cas":
                string[] pair = fields.Value.Trim('[', ']').Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
                if (pair.Length != 2 && fields.Type == "invoke")
                {
                    throw Malformed("two values of :cas");
                }

                return (OperationKind.CompareAndSet, pair.Length == 2 ? pair[0] : null, pair.Length == 2 ? pair[1] : null);
            default:
                throw Malformed("one of the functions :read, :write, :cas, :get, :put and :append");
        }
    }

    private int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw Malformed("a process's number");

    private string Keyword(string text) => text.StartsWith(':') ? text[1..] : throw Malformed($"a keyword in place of {text}");

    private FormatException Malformed(string expected) => new($"{file}, line {line}: expected {expected}");

    private readonly record struct Fields(int Process, string Type, string Function, string Key, string Value);
}
