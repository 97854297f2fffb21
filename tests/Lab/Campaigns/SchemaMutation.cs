using System.Text.Json.Nodes;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>Changes documents a little: some stay right, some become wrong in one place.</summary>
internal static class SchemaMutation
{
    private static readonly string[] Values =
    [
        "1", "0", "-1", "0.5", "1e3", "100000001", "true", "\"x\"", "\"A b\"", "\"\"", "[]", "{}", "null", "[\"SDC\"]", "\"once\"",
        "18446744073709551615", "\"a-1\"", "[\"a\"]",
    ];

    internal static JsonNode Of(JsonNode document, Random random)
    {
        JsonNode copy = document.DeepClone();
        for (int edits = random.Next(1, 3); edits > 0; edits--)
        {
            List<JsonNode> inner = [];
            Collect(copy, inner);
            Edit(inner[random.Next(inner.Count)], random);
        }

        return copy;
    }

    /// <summary>The node at a path such as "$.faults[0].pick".</summary>
    internal static JsonNode Find(JsonNode document, string path)
    {
        JsonNode node = document;
        foreach (string step in path.Split('.', '[').Skip(1))
        {
            node = step.EndsWith(']') ? node[int.Parse(step[..^1])]! : node[step]!;
        }

        return node;
    }

    private static void Edit(JsonNode place, Random random)
    {
        JsonNode? value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        switch (place)
        {
            case JsonObject fields when fields.Count > 0:
                string name = fields.ElementAt(random.Next(fields.Count)).Key;
                switch (random.Next(4))
                {
                    case 0:
                        fields.Remove(name);
                        break;
                    case 1:
                        fields["more"] = value;
                        break;
                    default:
                        fields[name] = value;
                        break;
                }

                break;
            case JsonArray items when items.Count > 0:
                items[random.Next(items.Count)] = value;
                break;
        }
    }

    private static void Collect(JsonNode? node, List<JsonNode> inner)
    {
        if (node is JsonObject fields)
        {
            inner.Add(fields);
            fields.ToList().ForEach(field => Collect(field.Value, inner));
        }
        else if (node is JsonArray items)
        {
            inner.Add(items);
            items.ToList().ForEach(item => Collect(item, inner));
        }
    }
}
