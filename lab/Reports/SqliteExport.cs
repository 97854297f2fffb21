using Microsoft.Data.Sqlite;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Reports;

/// <summary>A campaign's log as a database, for questions that no table of the report answers.</summary>
internal static class SqliteExport
{
    private const string Schema = """
        CREATE TABLE run (name TEXT NOT NULL, value TEXT NOT NULL);
        CREATE TABLE trial (
          trial INTEGER PRIMARY KEY, class TEXT NOT NULL, workload TEXT, outcome TEXT NOT NULL, without_recovery TEXT,
          detector TEXT NOT NULL, detail TEXT NOT NULL, detect_micros REAL, standby_micros REAL, first_reply_micros REAL,
          recoveries INTEGER, replayed INTEGER, retried INTEGER, virtual_micros INTEGER, trace_hash TEXT);
        CREATE TABLE fault (
          trial INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, site INTEGER NOT NULL,
          occurrence INTEGER NOT NULL, reached INTEGER, activated INTEGER, place TEXT, PRIMARY KEY (trial, number));
        CREATE TABLE death (
          trial INTEGER NOT NULL, number INTEGER NOT NULL, domain TEXT NOT NULL, generation INTEGER NOT NULL, cause TEXT NOT NULL,
          micros INTEGER NOT NULL, PRIMARY KEY (trial, number));
        CREATE INDEX trial_by_outcome ON trial (outcome, class);
        """;

    private static int hasProvider;

    /// <summary>Writes a new database in the place of what is there.</summary>
    internal static void Write(RunFolder folder, string path)
    {
        if (Interlocked.Exchange(ref hasProvider, 1) == 0)
        {
            SQLitePCL.Batteries_V2.Init();
        }

        File.Delete(path);
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        using var connection = new SqliteConnection(settings.ToString());
        connection.Open();
        Execute(connection, Schema);
        using SqliteTransaction transaction = connection.BeginTransaction();
        WriteIdentity(connection, folder.Manifest.Identity);
        using var trials = new Insertion(connection, "trial", 15);
        using var faults = new Insertion(connection, "fault", 9);
        using var deaths = new Insertion(connection, "death", 6);
        foreach (JudgedTrial trial in folder.ReadTrials())
        {
            WriteTrial(trials, trial);
            WriteFaults(faults, trial);
            WriteDeaths(deaths, trial);
        }

        transaction.Commit();
    }

    private static void WriteIdentity(SqliteConnection connection, RunIdentity identity)
    {
        using var run = new Insertion(connection, "run", 2);
        run.Add("name", identity.Name);
        run.Add("experiment", identity.Experiment);
        run.Add("seed", $"{identity.Seed}");
        run.Add("build", identity.Build);
        run.Add("trials", $"{identity.Trials}");
    }

    private static void WriteTrial(Insertion trials, JudgedTrial trial)
    {
        TrialResult? result = trial.Result;
        RecoveryTimes? times = result?.Times;
        double? Time(string name) => times is null ? null : Latencies.Of(name, times);
        trials.Add(
            trial.Trial, trial.Class, trial.Plan?.Workload, trial.Outcome.Name(), trial.WithoutRecovery?.Name(), trial.Detector, trial.Detail,
            Time("detect"), Time("standby"), Time("firstReply"), times?.Recoveries, times?.Replayed, times?.Retried, result?.VirtualMicros,
            result?.TraceHash.ToString("x16"));
    }

    private static void WriteFaults(Insertion faults, JudgedTrial trial)
    {
        for (int index = 0; index < (trial.Plan?.Faults.Count ?? 0); index++)
        {
            FaultPlan fault = trial.Plan!.Faults[index];
            FaultRecord? record = trial.Result?.Faults.ElementAtOrDefault(index);
            faults.Add(
                trial.Trial, index, fault.Kind, fault.Target, fault.Site, fault.Occurrence, record?.Reached, record?.Activated, record?.Place);
        }
    }

    private static void WriteDeaths(Insertion deaths, JudgedTrial trial)
    {
        for (int index = 0; index < (trial.Result?.Deaths.Count ?? 0); index++)
        {
            DeathRecord death = trial.Result!.Deaths[index];
            deaths.Add(trial.Trial, index, death.Domain, death.Generation, death.Cause, death.Micros);
        }
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>A statement that adds a row to a table, made once.</summary>
    private sealed class Insertion : IDisposable
    {
        private readonly SqliteCommand command;

        internal Insertion(SqliteConnection connection, string table, int columns)
        {
            command = connection.CreateCommand();
            string[] names = [.. Enumerable.Range(0, columns).Select(column => $"$c{column}")];
            command.CommandText = $"INSERT INTO {table} VALUES ({string.Join(", ", names)})";
            Array.ForEach(names, name => command.Parameters.Add(new SqliteParameter(name, null)));
        }

        public void Dispose() => command.Dispose();

        internal void Add(params ReadOnlySpan<object?> values)
        {
            for (int column = 0; column < values.Length; column++)
            {
                command.Parameters[column].Value = values[column] ?? DBNull.Value;
            }

            _ = command.ExecuteNonQuery();
        }
    }
}
