namespace RedLeafSharp.Cli.Demo;

/// <summary>What the user decides about a demonstration.</summary>
internal sealed record DemoOptions
{
    /// <summary>Shortest duration of the undisturbed and of the disturbed run, each.</summary>
    internal required TimeSpan Phase { get; init; }

    /// <summary>Time between two crashes.</summary>
    internal required TimeSpan KillEvery { get; init; }

    /// <summary>Decides where the driver crashes.</summary>
    internal required ulong Seed { get; init; }

    /// <summary>The tree to work on; null for the .NET framework's own directory.</summary>
    internal required DirectoryInfo? Source { get; init; }

    internal string SourceFolder => Source?.FullName ?? Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    /// <summary>The command line that repeats the run.</summary>
    internal string CommandLine
    {
        get
        {
            string source = Source is null ? "" : $" --source {Source.FullName}";
            return $"redleaf demo --seed {Seed} --seconds {(int)Phase.TotalSeconds} "
                + $"--kill-every-ms {(int)KillEvery.TotalMilliseconds}{source}";
        }
    }
}
