using System.Text.Json;
using System.Text.Json.Nodes;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

public sealed class SchemaTests
{
    private const string Judge = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        judge = jsonschema.Draft202012Validator(schema)
        for line in open(sys.argv[2]):
            print("yes" if judge.is_valid(json.loads(line)) else "no")
        """;

    [Fact]
    public void Schema_AsPublished_IsTheOneThatTheParserObeys() => Assert.Equal(
        File.ReadAllText(Path.Combine(Repository.Root, "schemas", "campaign.schema.json")), CampaignSpec.SchemaText);

    [Fact]
    public void Schema_KeywordThatNobodyChecks_IsRefused() =>
        Assert.Throws<FormatException>(() => Schema.Parse("""{"type": "string", "minLength": 3}"""));

    /// <summary>A field of the schema that the parser forgot would be accepted and do nothing.</summary>
    [Fact]
    public void Parser_EachFieldOfTheSchema_IsRead()
    {
        var read = new HashSet<string>();
        JsonNode full = JsonNode.Parse(JsonSerializer.Serialize(Tree(SpecText.Read("full.yaml", SpecTests.Full))))!;
        string expected = Summary(CampaignSpec.Parse("full.json", full.ToJsonString()));
        foreach ((string path, JsonNode changed) in Changes(full))
        {
            string actual;
            try
            {
                actual = Summary(CampaignSpec.Parse("full.json", changed.ToJsonString()));
            }
            catch (SpecException)
            {
                actual = string.Empty; // Checked: what was there was right, what is there now is not.
            }

            Assert.True(expected != actual, $"{path} changes nothing");
            read.Add(string.Concat(path.Where(letter => !char.IsDigit(letter))));
        }

        Assert.Superset(Leaves(CampaignSpec.FileSchema, "").ToHashSet(), read);
    }

    /// <summary>An implementation of JSON Schema that knows nothing of ours says the same of each of 2,000 files.</summary>
    [FactNeeding(Need.JsonSchema)]
    public void Parser_AndAnotherValidator_AgreeOnRandomFiles()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(5);
        JsonNode full = JsonNode.Parse(JsonSerializer.Serialize(Tree(SpecText.Read("full.yaml", SpecTests.Full))))!;
        string[] lines = [.. Enumerable.Range(0, 2_000).Select(_ => SchemaMutation.Of(full, random).ToJsonString())];
        string documents = folder.Write("documents", string.Join('\n', lines));
        string schema = folder.Write("schema.json", CampaignSpec.SchemaText);

        (int status, string output) = Outside.Run("python3", folder.Write("judge.py", Judge), schema, documents);

        Assert.True(status == 0, output);
        string[] verdicts = output.Trim().Split('\n');
        Assert.Equal(lines.Length, verdicts.Length);
        Assert.All(lines.Zip(verdicts), pair => Assert.True(pair.Second == (Accepts(pair.First) ? "yes" : "no"), pair.First));
        Assert.InRange(verdicts.Count(verdict => verdict == "yes"), 100, 1_900);
    }

    private static bool Accepts(string json)
    {
        try
        {
            new SchemaCheck("x").Check(SpecText.Read("x", json), CampaignSpec.FileSchema);
            return true;
        }
        catch (SpecException)
        {
            return false;
        }
    }

    private static string Summary(CampaignSpec spec) => JsonSerializer.Serialize(new
    {
        spec.Name,
        spec.Description,
        spec.Seed,
        spec.Trials,
        Target = spec.Target?.Text,
        Workloads = spec.Workloads.Select(one => new { one.Use, one.Weight, one.Options }),
        Faults = spec.Faults.Select(one => new { one.Pick, one.Target, one.Types, one.IsDuringRecovery, one.Weight }),
        Trigger = new { spec.Trigger.PerTrial, spec.Trigger.Mode, spec.Trigger.EveryMicros, spec.Trigger.Probability, spec.Trigger.While },
        spec.ComparesRecoveryOff,
        spec.HasSecondRound,
        spec.TimelineBucketMicros,
        Goals = spec.Goals.Select(goal =>
            new { goal.Kind, goal.Outcomes, goal.Among, goal.Of, goal.Latency, goal.Quantile, goal.AtLeast, goal.AtMost }),
        Stop = new { spec.Stop.Activated, spec.Stop.OnFirst },
    });

    private static object? Tree(SpecNode node) => node.Kind switch
    {
        SpecKind.Object => node.Fields.ToDictionary(field => field.Key, field => Tree(field.Value)),
        SpecKind.Array => node.Items.Select(Tree).ToArray(),
        SpecKind.Integer => (long)node.Integer,
        SpecKind.Number => node.Number,
        SpecKind.Boolean => node.Text == "true",
        SpecKind.Null => null,
        _ => node.Text,
    };

    /// <summary>The paths of all fields that hold no fields: "goals[].atMost".</summary>
    private static IEnumerable<string> Leaves(Schema schema, string path)
    {
        if (schema.Items is { } items)
        {
            return Leaves(items, path + "[]");
        }

        return schema.Others is not null ? [path + ".operations"]
            : schema.Properties.Count == 0 ? [path]
            : schema.Properties.SelectMany(property => Leaves(property.Value, path.Length == 0 ? property.Key : $"{path}.{property.Key}"));
    }

    /// <summary>The document with one value changed, for each value.</summary>
    private static IEnumerable<(string Path, JsonNode Changed)> Changes(JsonNode document)
    {
        var paths = new List<string>();
        Walk(document, paths);
        foreach (string path in paths)
        {
            JsonNode copy = document.DeepClone();
            JsonNode value = SchemaMutation.Find(copy, path);
            value.ReplaceWith(value.GetValueKind() switch
            {
                JsonValueKind.Number => Number(value.GetValue<double>()),
                JsonValueKind.True or JsonValueKind.False => JsonValue.Create(!value.GetValue<bool>()),
                _ => JsonValue.Create("other"),
            });
            yield return (path.Replace("$.", "", StringComparison.Ordinal), copy);
        }
    }

    private static JsonValue Number(double before) =>
        before == Math.Floor(before) ? JsonValue.Create((long)before + 1) : JsonValue.Create(before / 2);

    private static void Walk(JsonNode node, List<string> paths)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach ((_, JsonNode? value) in fields)
                {
                    Walk(value!, paths);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Walk(item!, paths);
                }

                break;
            default:
                paths.Add(node.GetPath());
                break;
        }
    }
}
