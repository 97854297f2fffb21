namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// A mapping that its schema has accepted. What is not in the file is taken from the schema's defaults, so a default is written
/// down once, where everybody sees it.
/// </summary>
internal sealed class SpecFields
{
    private readonly Schema schema;

    internal SpecFields(SpecNode? node, Schema schema)
    {
        Node = node ?? SpecNode.Mapping([], new Dictionary<string, SpecNode>(), 0, 0);
        this.schema = schema;
    }

    /// <summary>The mapping, which is empty if the file has none.</summary>
    internal SpecNode Node { get; }

    internal string Text(string field) => Find(field)!.Text;

    internal long Number(string field) => (long)Find(field)!.Integer;

    internal ulong Unsigned(string field) => (ulong)Find(field)!.Integer;

    internal double Real(string field) => Find(field)!.Number;

    internal double? OptionalReal(string field) => Find(field)?.Number;

    internal long? OptionalNumber(string field) => (long?)Find(field)?.Integer;

    internal string? OptionalText(string field) => Find(field)?.Text;

    internal bool Flag(string field) => Find(field)!.Text == "true";

    internal IReadOnlyList<string> Texts(string field) => [.. (Find(field)?.Items ?? []).Select(item => item.Text)];

    /// <summary>The node of a field with its place, or null.</summary>
    internal SpecNode? Find(string field) => Node.Fields.GetValueOrDefault(field) ?? Property(field).Default;

    /// <summary>A mapping within this one; an empty one if it is not there.</summary>
    internal SpecFields Fields(string field) => new(Find(field), Property(field));

    /// <summary>A list of mappings.</summary>
    internal IReadOnlyList<SpecFields> List(string field) =>
        [.. (Find(field)?.Items ?? []).Select(item => new SpecFields(item, Property(field).Items!))];

    /// <summary>Names and whole numbers that the schema does not list.</summary>
    internal IReadOnlyDictionary<string, long> Numbers(string field) =>
        (Find(field)?.Fields ?? new Dictionary<string, SpecNode>()).ToDictionary(pair => pair.Key, pair => (long)pair.Value.Integer);

    private Schema Property(string field) => schema.Properties.GetValueOrDefault(field)
        ?? throw new InvalidOperationException($"the schema has no field '{field}'");
}
