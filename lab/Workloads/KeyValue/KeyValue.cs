using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Lab.Workloads.Network;

namespace RedLeafSharp.Lab.Workloads.KeyValue;

/// <summary>
/// A key-value store over TCP with several clients at once; what they see is written down, and must be what some order of their operations
/// gives, one at a time, each between its begin and its end.
/// </summary>
/// <param name="makeStore">Makes the store.</param>
internal sealed class KeyValue(Func<KeyValueStore> makeStore) : NetworkWorkload
{
    internal const string Oracle = "linearizability";

    internal KeyValue()
        : this(() => new KeyValueStore())
    {
    }

    internal override WorkloadInfo Info { get; } = new(
        "kv",
        "reads, writes and compare-and-sets of a key-value store over the shadowed network driver, judged for linearizability",
        [
            new OptionInfo("operations", "operations of each client", 30, 1, WorkloadLimits.StoreOperationsMax),
            new OptionInfo("clients", "clients at once", 4, 1, WorkloadLimits.StoreClientsMax),
            new OptionInfo("keys", "registers; fewer are fought for more", 3, 1, WorkloadLimits.StoreKeysMax),
            GapOption,
        ]);

    internal override RoundResult Run(WorkloadContext trial)
    {
        var state = (StoreState?)trial.State ?? new StoreState(makeStore(), new HistoryRecorder(initial: null));
        trial.State = state;
        RoundResult round = RunParties(trial, "store", (context, table) =>
        {
            var clients = new Party[trial.Option("clients")];
            for (int number = 0; number < clients.Length; number++)
            {
                clients[number] = new KeyValueClient(
                    table, Stack(trial, Client), state.Recorder, number > 0 ? clients[number - 1] : null, number);
            }

            TrialSocket listener = TrialSocket.Listen(
                context, table, Stack(trial, Server), StreamAddress.OfServer(trial.Round), clients.Length);
            return
            [
                new Acceptor(
                    table, listener, () => Array.TrueForAll(clients, one => one.IsDone),
                    (socket, _) => new KeyValueServer(table, socket, state.Store)),
                .. clients,
            ];
        });
        return Judge(trial, state.Recorder.History, round);
    }

    /// <summary>The history goes on from round to round, as the store does.</summary>
    private static RoundResult Judge(WorkloadContext trial, History history, RoundResult round)
    {
        trial.History = history;
        Verdict verdict = LinearizabilityChecker.Check(history, WorkloadLimits.ConfigurationCountMax);
        if (verdict.Kind == VerdictKind.Violated)
        {
            trial.Report(
                ViolationKind.SilentCorruption,
                Oracle,
                $"{verdict.Key}: '{verdict.Blocked}' fits nowhere after the {verdict.Longest.Count} operations of the longest order");
            return round with { Violations = [.. trial.Violations] };
        }

        return verdict.Kind == VerdictKind.Undecided && round.End == RoundEnd.Completed ? round with { End = RoundEnd.Unjudged } : round;
    }

    /// <summary>What lasts from one round to the next.</summary>
    private sealed record StoreState(KeyValueStore Store, HistoryRecorder Recorder);
}
