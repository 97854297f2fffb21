namespace RedLeafSharp.Lab.Campaigns;

/// <summary>An experiment, as its file asks for it. docs/lab-campaigns.md explains each field.</summary>
internal sealed record CampaignSpec
{
    /// <summary>The schema that is published as schemas/campaign.schema.json.</summary>
    internal static string SchemaText { get; } = ReadSchema();

    internal static Schema FileSchema { get; } = Schema.Parse(SchemaText);

    /// <summary>Where it was read from, for messages.</summary>
    internal required string File { get; init; }

    internal required string Name { get; init; }

    internal required string Description { get; init; }

    internal required ulong Seed { get; init; }

    /// <summary>How many trials there are, unless the campaign stops early.</summary>
    internal required long Trials { get; init; }

    /// <summary>The driver that is shot at; null for those that the systems of the workloads have.</summary>
    internal required SpecNode? Target { get; init; }

    internal required IReadOnlyList<WorkloadChoice> Workloads { get; init; }

    internal required IReadOnlyList<FaultChoice> Faults { get; init; }

    internal required TriggerChoice Trigger { get; init; }

    /// <summary>Whether each trial is also run without recovery.</summary>
    internal required bool ComparesRecoveryOff { get; init; }

    /// <summary>Whether each trial ends with a round without faults, for damage that shows late.</summary>
    internal required bool HasSecondRound { get; init; }

    /// <summary>The length of a bucket of each trial's throughput over time; 0 for none.</summary>
    internal required long TimelineBucketMicros { get; init; }

    internal required IReadOnlyList<Goal> Goals { get; init; }

    internal required StopRule Stop { get; init; }

    /// <exception cref="SpecException">The file is not an experiment; the message names file, line, column and what was
    /// expected.</exception>
    internal static CampaignSpec Parse(string file, string text)
    {
        SpecNode root = SpecText.Read(file, text);
        new SchemaCheck(file).Check(root, FileSchema);
        var fields = new SpecFields(root, FileSchema);
        SpecFields metadata = fields.Fields("metadata");
        SpecFields compare = fields.Fields("compare");
        return new CampaignSpec
        {
            File = file,
            Name = metadata.Text("name"),
            Description = metadata.Text("description"),
            Seed = metadata.Unsigned("seed"),
            Trials = fields.Number("trials"),
            Target = root.Fields.GetValueOrDefault("target"),
            Workloads = [.. fields.List("workloads").Select(WorkloadChoice.Parse)],
            Faults = [.. fields.List("faults").Select(FaultChoice.Parse)],
            Trigger = TriggerChoice.Parse(fields.Fields("trigger")),
            ComparesRecoveryOff = compare.Flag("recoveryOff"),
            HasSecondRound = compare.Flag("secondRound"),
            TimelineBucketMicros = fields.Fields("timeline").Number("bucketMicros"),
            Goals = [.. fields.List("goals").Select(goal => Goal.Parse(file, goal))],
            Stop = StopRule.Parse(fields.Fields("stop")),
        };
    }

    private static string ReadSchema()
    {
        using Stream stream = typeof(CampaignSpec).Assembly.GetManifestResourceStream("campaign.schema.json")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
