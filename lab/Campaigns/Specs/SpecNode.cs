using System.Globalization;
using System.Text.RegularExpressions;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>What a node of an experiment's file is; names as JSON Schema has them.</summary>
internal enum SpecKind
{
    /// <summary>Nothing, or <c>null</c>.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A whole number, decimal or 0x.</summary>
    Integer,

    /// <summary>A number with a fraction or an exponent.</summary>
    Number,

    /// <summary>A text.</summary>
    String,

    /// <summary>A list.</summary>
    Array,

    /// <summary>Fields with values.</summary>
    Object,
}

/// <summary>A node of an experiment's file with the place where it begins.</summary>
internal sealed partial class SpecNode
{
    /// <summary>Up to here every whole number is a number of 64-bit floating point.</summary>
    private const double ExactDoubleMax = 1L << 53;

    private SpecNode(SpecKind kind, string text, long line, long column)
    {
        Kind = kind;
        Text = text;
        Line = line;
        Column = column;
    }

    internal SpecKind Kind { get; }

    /// <summary>A scalar as it is written; empty for lists and mappings.</summary>
    internal string Text { get; }

    internal long Line { get; }

    internal long Column { get; }

    /// <summary>The elements of a list.</summary>
    internal IReadOnlyList<SpecNode> Items { get; private init; } = [];

    /// <summary>The values of a mapping.</summary>
    internal IReadOnlyDictionary<string, SpecNode> Fields { get; private init; } = new Dictionary<string, SpecNode>();

    /// <summary>The names of the fields of a mapping: where each is written.</summary>
    internal IReadOnlyList<SpecNode> Names { get; private init; } = [];

    /// <summary>The value of a node for which <see cref="IsInteger"/> holds.</summary>
    internal Int128 Integer => Text.StartsWith("0x", StringComparison.Ordinal)
        ? Int128.Parse("0" + Text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : Kind == SpecKind.Number ? (Int128)Number : Int128.Parse(Text, CultureInfo.InvariantCulture);

    /// <summary>Whether it is a whole number: as JSON Schema has it, 1e6 is one however it is written.</summary>
    internal bool IsInteger => Kind == SpecKind.Integer
        || (Kind == SpecKind.Number && Math.Abs(Number) <= ExactDoubleMax && Number == Math.Floor(Number));

    /// <summary>The value of a node that is a number of either kind.</summary>
    internal double Number => Kind == SpecKind.Integer ? (double)Integer : double.Parse(Text, CultureInfo.InvariantCulture);

    /// <summary>For messages: what a reader finds there.</summary>
    internal string Description => Kind switch
    {
        SpecKind.Null => "nothing",
        SpecKind.Array => "a list",
        SpecKind.Object => "a mapping",
        _ when Text.Length > SpecLimits.QuotedCharactersMax => $"'{Text[..SpecLimits.QuotedCharactersMax]}...'",
        _ => $"'{Text}'",
    };

    internal static SpecNode Scalar(string text, bool isPlain, long line, long column) =>
        new(isPlain ? KindOf(text) : SpecKind.String, text, line, column);

    internal static SpecNode List(IReadOnlyList<SpecNode> items, long line, long column) =>
        new(SpecKind.Array, string.Empty, line, column) { Items = items };

    internal static SpecNode Mapping(
        IReadOnlyList<SpecNode> names, IReadOnlyDictionary<string, SpecNode> fields, long line, long column) =>
        new(SpecKind.Object, string.Empty, line, column) { Names = names, Fields = fields };

    /// <summary>
    /// The core schema of YAML 1.2 (section 10.3.2), without octal numbers, infinities and what is not a number.
    /// </summary>
    private static SpecKind KindOf(string text) => text switch
    {
        "" or "~" or "null" => SpecKind.Null,
        "true" or "false" => SpecKind.Boolean,
        _ when IntegerText().IsMatch(text) => SpecKind.Integer,
        _ when NumberText().IsMatch(text) && double.IsFinite(double.Parse(text, CultureInfo.InvariantCulture)) => SpecKind.Number,
        _ => SpecKind.String,
    };

    // As many digits as surely fit: more than any field has a use for, and still a number for its message.
    [GeneratedRegex(@"\A(-?[0-9]{1,36}|0x[0-9a-fA-F]{1,16})\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntegerText();

    [GeneratedRegex(@"\A-?[0-9]{1,36}(\.[0-9]{1,36})?([eE][-+]?[0-9]{1,4})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberText();
}
