using System.Text.Json;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// The folder of a run. <c>experiment.yaml</c> is the experiment, <c>run.json</c> says what decides the results,
/// <c>trials.jsonl</c> has them, <c>incidents.log</c> tells of lost workers; reports are made from those.
/// </summary>
internal sealed class RunFolder
{
    private const string ManifestName = "run.json";
    private const string ExperimentName = "experiment.yaml";

    private RunFolder(string path, RunManifest manifest, string experiment)
    {
        Path = path;
        Manifest = manifest;
        Experiment = new ExperimentText(System.IO.Path.Combine(path, ExperimentName), experiment, manifest.Identity.Seed);
    }

    internal string Path { get; }

    internal RunManifest Manifest { get; }

    internal ExperimentText Experiment { get; }

    internal string LogPath => In("trials.jsonl");

    internal string IncidentsPath => In("incidents.log");

    internal string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Whether a run is there. A runner that was killed at its begin leaves a folder without one.</summary>
    internal static bool Exists(string path) => File.Exists(System.IO.Path.Combine(path, ManifestName));

    /// <summary>Makes the folder of a new run.</summary>
    /// <exception cref="RunException">There is a run already.</exception>
    internal static RunFolder Create(string path, RunManifest manifest, string experiment)
    {
        if (Exists(path))
        {
            throw new RunException($"{path}: a run is there already; go on with it by --resume, or choose another place by --output");
        }

        Directory.CreateDirectory(path);
        WriteWhole(System.IO.Path.Combine(path, ExperimentName), experiment);
        WriteWhole(System.IO.Path.Combine(path, ManifestName), CampaignJson.Write(manifest) + "\n");
        return new RunFolder(path, manifest, experiment);
    }

    /// <summary>Opens the folder of a run.</summary>
    /// <exception cref="RunException">There is none, or it is damaged.</exception>
    internal static RunFolder Open(string path)
    {
        string file = System.IO.Path.Combine(path, ManifestName);
        if (!File.Exists(file))
        {
            throw new RunException($"{path}: no run there ({ManifestName} is missing)");
        }

        try
        {
            RunManifest manifest = CampaignJson.Read<RunManifest>(File.ReadAllText(file));
            return new RunFolder(path, manifest, File.ReadAllText(System.IO.Path.Combine(path, ExperimentName)));
        }
        catch (JsonException exception)
        {
            throw new RunException($"{file}: {exception.Message.Split('\n')[0]}");
        }
    }

    /// <summary>The records in the log, in the order of the trials.</summary>
    /// <exception cref="RunException">A line is not the record of the trial whose turn it is.</exception>
    internal IEnumerable<JudgedTrial> ReadTrials()
    {
        long position = 0;
        foreach (string line in TrialLog.ReadWhole(LogPath))
        {
            yield return ParseLine(line, position++);
        }
    }

    /// <summary>A line of the log as a record.</summary>
    /// <param name="line">The line.</param>
    /// <param name="position">Which it is, from 0.</param>
    internal JudgedTrial ParseLine(string line, long position)
    {
        JudgedTrial record;
        try
        {
            record = CampaignJson.Read<JudgedTrial>(line);
        }
        catch (JsonException exception)
        {
            throw new RunException($"{LogPath}:{position + 1}: {exception.Message.Split('\n')[0]}");
        }

        long expected = Manifest.Shard.TrialAt(position);
        return record.Trial == expected && record.Build == Manifest.Identity.Build && record.Experiment == Manifest.Identity.Experiment
            ? record
            : throw new RunException($"{LogPath}:{position + 1}: expected trial {expected} of this experiment and build");
    }

    /// <summary>Writes a file that is whole or not there, whenever the process ends.</summary>
    private static void WriteWhole(string path, string text)
    {
        string draft = path + ".new";
        using (var file = new FileStream(draft, FileMode.Create))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}

/// <summary>What a run's folder says of it.</summary>
/// <param name="Format">Grows by one when a field of the folder changes its meaning or goes.</param>
/// <param name="Identity">What decides the results.</param>
/// <param name="Shard">Which part of the campaign is in the folder.</param>
internal sealed record RunManifest(int Format, RunIdentity Identity, Shard Shard)
{
    internal const int CurrentFormat = 1;
}

/// <summary>A run's folder cannot be used. The message is one line.</summary>
internal sealed class RunException(string message) : Exception(message);
