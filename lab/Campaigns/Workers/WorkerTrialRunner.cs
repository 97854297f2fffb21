using System.Text.Json;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Runs trials in a worker process, and another one when that is lost.</summary>
/// <remarks>
/// A worker's death is a trial's outcome only if it happens again in a process that has run nothing else: then it follows from
/// the experiment alone. Otherwise it came from outside, or from damage by an earlier trial; the fresh process's result
/// counts, and the incident is told at the end, because the second would be worse than any outcome.
/// </remarks>
internal sealed class WorkerTrialRunner : ITrialRunner
{
    private readonly WorkerCommand command;
    private readonly ExperimentText experiment;
    private readonly RunIdentity identity;
    private readonly IncidentLog incidents;
    private readonly TimeSpan patience;
    private WorkerProcess? worker;
    private int trialsOfWorker;

    internal WorkerTrialRunner(
        WorkerCommand command, ExperimentText experiment, RunIdentity identity, IncidentLog incidents, TimeSpan patience)
    {
        this.command = command;
        this.experiment = experiment;
        this.identity = identity;
        this.incidents = incidents;
        this.patience = patience;
    }

    public string Run(long trial) => CampaignJson.Write(Run(new WorkerRequest { Trial = trial }, trial));

    /// <summary>Runs a plan that need not be one of the experiment's.</summary>
    internal JudgedTrial Run(TrialPlan plan, bool comparesRecoveryOff) =>
        Run(new WorkerRequest { Plan = plan, ComparesRecoveryOff = comparesRecoveryOff }, (long)plan.Trial);

    public void Dispose() => DropWorker();

    /// <summary>Is told what its workers took.</summary>
    internal WorkerClock Clock { get; init; } = new();

    /// <summary>Starts a worker and has it open an experiment.</summary>
    /// <exception cref="SpecException">It refused the experiment.</exception>
    /// <exception cref="HarnessException">It did not come up.</exception>
    internal static (WorkerProcess Worker, CampaignPlan Plan) Open(WorkerCommand command, ExperimentText experiment)
    {
        WorkerProcess worker = WorkerProcess.Start(command);
        WorkerAnswer answer = worker.Ask(
            CampaignJson.Write(new WorkerRequest { Open = experiment }), IsAnswer, CampaignLimits.StartPatience);
        WorkerReply? reply = answer.End == WorkerEnd.Answered ? CampaignJson.Read<WorkerReply>(answer.Lines[^1]) : null;
        if (reply?.Opened is { } plan)
        {
            return (worker, plan);
        }

        worker.Dispose();
        throw reply?.Refused is { } reason
            ? new SpecException(reason)
            : new HarnessException($"a worker did not come up ({answer.End}, status {answer.ExitStatus}): {string.Join(" / ", answer.LastWords)}");
    }

    private static bool? IsAnswer(string line)
    {
        try
        {
            return CampaignJson.Read<WorkerReply>(line).IsAnswer;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private JudgedTrial Run(WorkerRequest request, long trial)
    {
        string line = CampaignJson.Write(request);
        WorkerAnswer answer = Ask(line);
        if (answer.End != WorkerEnd.Answered)
        {
            incidents.Add(trial, answer, isRepeated: false);
            answer = Ask(line);
            if (answer.End == WorkerEnd.Answered)
            {
                incidents.AddUnrepeated(trial);
            }
            else
            {
                incidents.Add(trial, answer, isRepeated: true);
            }
        }

        WorkerReply? last = answer.Lines.Count > 0 && IsAnswer(answer.Lines[^1]) is not null
            ? CampaignJson.Read<WorkerReply>(answer.Lines[^1])
            : null;
        JudgedTrial record = answer.End switch
        {
            WorkerEnd.Answered when last?.Done is { } done => done,
            WorkerEnd.Answered => throw new HarnessException($"trial {trial}: {last?.Refused ?? "no answer to what was asked"}"),
            WorkerEnd.Babbled => throw new HarnessException($"trial {trial}: the worker said what no worker says"),
            _ => Lost(trial, answer, last?.Planned),
        };
        return record with { Build = identity.Build, Experiment = identity.Experiment };
    }

    /// <summary>The record of a trial that took its process with it.</summary>
    private static JudgedTrial Lost(long trial, WorkerAnswer answer, TrialPlan? plan) => new()
    {
        Trial = trial,
        Class = plan is null ? string.Empty : JudgedTrial.ClassOf(plan),
        Outcome = answer.End == WorkerEnd.Died ? Outcome.KernelCrash : Outcome.Hang,
        Detector = string.Empty,
        Detail = answer.End == WorkerEnd.Died ? $"the process ended with status {answer.ExitStatus}" : "the process had to be killed",
        Plan = plan,
    };

    private WorkerAnswer Ask(string line)
    {
        if (trialsOfWorker == CampaignLimits.TrialsPerWorkerMax)
        {
            DropWorker();
        }

        worker ??= StartWorker();
        trialsOfWorker++;
        WorkerAnswer answer = worker.Ask(line, IsAnswer, patience);
        if (answer.End != WorkerEnd.Answered)
        {
            DropWorker();
        }

        return answer;
    }

    private WorkerProcess StartWorker()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Open(command, experiment).Worker;
            }
            catch (HarnessException) when (attempt < CampaignLimits.StartAttemptsMax)
            {
                // Memory may be short for a moment; the last attempt's failure is told.
            }
            catch (SpecException exception)
            {
                throw new HarnessException($"a worker refuses what another accepted: {exception.Message}");
            }
        }
    }

    private void DropWorker()
    {
        worker?.Dispose();
        Clock.Add(worker?.ProcessorTime ?? TimeSpan.Zero);
        worker = null;
        trialsOfWorker = 0;
    }
}
