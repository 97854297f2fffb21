using System.Globalization;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// Holds a file to its schema; the first thing that is wrong ends it, with its place and what was expected there.
/// </summary>
internal sealed class SchemaCheck(string file)
{
    /// <exception cref="SpecException">The node is not what the schema says.</exception>
    internal void Check(SpecNode node, Schema schema, string path = "")
    {
        CheckKind(node, schema, path);
        CheckScalar(node, schema, path);
        if (node.Kind == SpecKind.Array)
        {
            CheckItems(node, schema, path);
        }
        else if (node.Kind == SpecKind.Object)
        {
            CheckFields(node, schema, path);
        }
    }

    private static string Name(string path) => path.Length == 0 ? "the file" : $"'{path}'";

    private static string Below(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    private static string Words(SpecKind kind) => kind switch
    {
        SpecKind.Null => "nothing",
        SpecKind.Boolean => "true or false",
        SpecKind.Integer => "a whole number",
        SpecKind.Number => "a number",
        SpecKind.String => "a text",
        SpecKind.Array => "a list",
        _ => "a mapping",
    };

    private void CheckKind(SpecNode node, Schema schema, string path)
    {
        bool fits = schema.Kinds.Count == 0 || schema.Kinds.Any(kind =>
            kind == node.Kind || (kind == SpecKind.Number && node.Kind == SpecKind.Integer) || (kind == SpecKind.Integer && node.IsInteger));
        if (!fits)
        {
            throw Error(node, $"{Name(path)} must be {string.Join(" or ", schema.Kinds.Select(Words))}, not {node.Description}");
        }
    }

    private void CheckScalar(SpecNode node, Schema schema, string path)
    {
        if (schema.Choices.Count > 0 && !schema.Choices.Contains(node.Text))
        {
            throw Error(node, $"{Name(path)} must be {string.Join(" or ", schema.Choices)}, not {node.Description}");
        }

        if (node.Kind == SpecKind.String && schema.Pattern is { } pattern && !pattern.IsMatch(node.Text))
        {
            string expected = schema.Description.Length > 0 ? schema.Description : $"of the form {pattern}";
            throw Error(node, $"{Name(path)} must be {expected}; {node.Description} is not");
        }

        if (node.Kind is SpecKind.Integer or SpecKind.Number && (node.Number < schema.Minimum || node.Number > schema.Maximum))
        {
            throw Error(node, $"{Name(path)} must be {Range(schema)}, not {node.Description}");
        }
    }

    private static string Range(Schema schema) => (schema.Minimum, schema.Maximum) switch
    {
        ({ } least, { } most) => string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}"),
        ({ } least, null) => string.Create(CultureInfo.InvariantCulture, $"at least {least}"),
        (_, { } most) => string.Create(CultureInfo.InvariantCulture, $"at most {most}"),
        _ => "a number",
    };

    private void CheckItems(SpecNode node, Schema schema, string path)
    {
        if (node.Items.Count < schema.ItemsMin || node.Items.Count > schema.ItemsMax)
        {
            string most = schema.ItemsMax == int.MaxValue ? "" : $" and at most {schema.ItemsMax}";
            throw Error(node, $"{Name(path)} must have at least {schema.ItemsMin}{most} elements, not {node.Items.Count}");
        }

        for (int index = 0; index < node.Items.Count && schema.Items is not null; index++)
        {
            Check(node.Items[index], schema.Items, $"{path}[{index}]");
        }
    }

    private void CheckFields(SpecNode node, Schema schema, string path)
    {
        foreach (SpecNode name in node.Names)
        {
            Schema expected = schema.Properties.GetValueOrDefault(name.Text) ?? schema.Others ?? throw Error(
                name, $"{Name(Below(path, name.Text))} is unknown; known here: {string.Join(", ", schema.Properties.Keys.Order())}");
            Check(node.Fields[name.Text], expected, Below(path, name.Text));
        }

        foreach (string required in schema.Required.Where(required => !node.Fields.ContainsKey(required)))
        {
            throw Error(node, $"{Name(Below(path, required))} is missing");
        }
    }

    private SpecException Error(SpecNode node, string message) => SpecException.At(file, node.Line, node.Column, message);
}
