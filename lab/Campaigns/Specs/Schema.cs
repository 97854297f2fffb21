using System.Text.Json;
using System.Text.RegularExpressions;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// A part of a JSON schema: what a node of an experiment's file may be. The published schema is the one that the parser obeys,
/// so an editor and <c>redleaf lab</c> cannot disagree on what is right.
/// </summary>
/// <remarks>
/// Of JSON Schema 2020-12 only the keywords that are needed. A keyword that is not known here is an error when the schema is
/// loaded: it would be published and not checked.
/// </remarks>
internal sealed class Schema
{
    private static readonly HashSet<string> Keywords =
    [
        "$schema", "$id", "title", "description", "$defs", "$ref", "type", "const", "enum", "pattern", "minimum", "maximum", "properties",
        "required", "additionalProperties", "items", "minItems", "maxItems", "default",
    ];

    private Schema()
    {
    }

    /// <summary>The kinds that are allowed; all if empty.</summary>
    internal IReadOnlyList<SpecKind> Kinds { get; private init; } = [];

    /// <summary>The texts that are allowed; all if empty.</summary>
    internal IReadOnlyList<string> Choices { get; private init; } = [];

    internal Regex? Pattern { get; private init; }

    internal double? Minimum { get; private init; }

    internal double? Maximum { get; private init; }

    internal IReadOnlyDictionary<string, Schema> Properties { get; private init; } = new Dictionary<string, Schema>();

    internal IReadOnlyList<string> Required { get; private init; } = [];

    /// <summary>What fields without a name of their own must be; null: there are none.</summary>
    internal Schema? Others { get; private init; }

    internal Schema? Items { get; private init; }

    internal int ItemsMin { get; private init; }

    internal int ItemsMax { get; private init; } = int.MaxValue;

    /// <summary>The value of a field that is not there; null: it has none.</summary>
    internal SpecNode? Default { get; private init; }

    internal string Description { get; private init; } = string.Empty;

    /// <exception cref="FormatException">It has a keyword that is not known here, or refers to nothing.</exception>
    internal static Schema Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Build(document.RootElement, document.RootElement);
    }

    private static Schema Build(JsonElement element, JsonElement root)
    {
        if (element.EnumerateObject().FirstOrDefault(property => !Keywords.Contains(property.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new FormatException($"the schema's keyword '{unknown.Name}' is not known");
        }

        if (Find(element, "$ref") is { } reference)
        {
            return Build(Resolve(root, reference.GetString()!), root);
        }

        if (Find(element, "properties") is not null && Find(element, "additionalProperties") is null)
        {
            throw new FormatException("the schema has properties and does not say whether there may be others");
        }

        return new Schema
        {
            Kinds = Find(element, "type") is { } type ? [.. Texts(type).Select(ParseKind)] : [],
            Choices = Find(element, "const") is { } only ? [only.GetString()!] : Find(element, "enum") is { } several ? Texts(several) : [],
            Pattern = Find(element, "pattern") is { } pattern ? ToRegex(pattern.GetString()!) : null,
            Minimum = Find(element, "minimum")?.GetDouble(),
            Maximum = Find(element, "maximum")?.GetDouble(),
            Properties = Find(element, "properties") is { } properties
                ? properties.EnumerateObject().ToDictionary(property => property.Name, property => Build(property.Value, root))
                : new Dictionary<string, Schema>(),
            Required = Find(element, "required") is { } required ? Texts(required) : [],
            Others = Find(element, "additionalProperties") is { ValueKind: JsonValueKind.Object } others ? Build(others, root) : null,
            Items = Find(element, "items") is { } items ? Build(items, root) : null,
            ItemsMin = Find(element, "minItems")?.GetInt32() ?? 0,
            ItemsMax = Find(element, "maxItems")?.GetInt32() ?? int.MaxValue,
            Default = Find(element, "default") is { } value ? ToNode(value) : null,
            Description = Find(element, "description")?.GetString() ?? string.Empty,
        };
    }

    private static JsonElement? Find(JsonElement element, string keyword) =>
        element.TryGetProperty(keyword, out JsonElement value) ? value : null;

    private static JsonElement Resolve(JsonElement root, string reference) =>
        reference.StartsWith("#/$defs/", StringComparison.Ordinal)
            && root.GetProperty("$defs").TryGetProperty(reference["#/$defs/".Length..], out JsonElement definition)
            ? definition
            : throw new FormatException($"the schema's '{reference}' refers to nothing");

    private static string[] Texts(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? [.. element.EnumerateArray().Select(one => one.GetString()!)]
        : [element.GetString()!];

    /// <summary>
    /// In a schema "$" is the end of the text (ECMA-262, 22.2.2.4), in .NET also the place before a last line break.
    /// </summary>
    private static Regex ToRegex(string pattern) => new(
        pattern.EndsWith('$') ? pattern[..^1] + @"\z" : pattern, RegexOptions.CultureInvariant);

    private static SpecKind ParseKind(string name) => Enum.Parse<SpecKind>(name, ignoreCase: true);

    private static SpecNode ToNode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => SpecNode.Scalar(value.GetString()!, isPlain: false, 0, 0),
        JsonValueKind.Array => SpecNode.List([.. value.EnumerateArray().Select(ToNode)], 0, 0),
        JsonValueKind.Object => SpecNode.Mapping(
            [], value.EnumerateObject().ToDictionary(property => property.Name, property => ToNode(property.Value)), 0, 0),
        _ => SpecNode.Scalar(value.GetRawText(), isPlain: true, 0, 0),
    };
}
