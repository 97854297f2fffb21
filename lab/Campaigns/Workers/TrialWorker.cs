using System.Collections.Concurrent;
using System.Text.Json;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// The other end of <see cref="WorkerProcess"/>: runs the trials that it is asked for until nobody asks any more.
/// </summary>
internal sealed class TrialWorker
{
    private readonly TextWriter output;
    private readonly Func<ITrialEngine> createEngine;
    private ITrialEngine? engine;
    private CampaignSpec? spec;
    private TrialPlanner? planner;

    private TrialWorker(TextWriter output, Func<ITrialEngine> createEngine)
    {
        this.output = output;
        this.createEngine = createEngine;
    }

    /// <summary>Answers requests, one line each, until the input ends.</summary>
    /// <param name="input">Requests.</param>
    /// <param name="output">Replies; nobody else may write there.</param>
    /// <param name="createEngine">Makes what runs trials.</param>
    /// <param name="abandon">
    /// Is called when the input ends in the middle of a trial: who asked is gone, and a trial that never ends would stay.
    /// </param>
    internal static void Serve(TextReader input, TextWriter output, Func<ITrialEngine> createEngine, Action abandon)
    {
        using var requests = new BlockingCollection<string>();
        int pending = 0;
        var reader = new Thread(() =>
        {
            while (input.ReadLine() is { } line)
            {
                _ = Interlocked.Increment(ref pending);
                requests.Add(line);
            }

            requests.CompleteAdding();
            if (Volatile.Read(ref pending) > 0)
            {
                abandon();
            }
        })
        { IsBackground = true, Name = "requests" };
        reader.Start();
        var worker = new TrialWorker(output, createEngine);
        foreach (string request in requests.GetConsumingEnumerable())
        {
            worker.Answer(request);
            _ = Interlocked.Decrement(ref pending);
        }

        worker.engine?.Dispose();
        reader.Join();
    }

    private void Answer(string line)
    {
        try
        {
            Carry(CampaignJson.Read<WorkerRequest>(line));
        }
        catch (Exception exception) when (exception is JsonException or SpecException)
        {
            Say(new WorkerReply { Refused = exception.Message });
        }
    }

    private void Carry(WorkerRequest request)
    {
        engine ??= createEngine();
        var series = new TrialSeries(engine);
        if (request.Open is { } experiment)
        {
            spec = experiment.Parse();
            planner = new TrialPlanner(spec, engine);
            Say(new WorkerReply
            {
                Opened = new CampaignPlan(
                    spec.Name, spec.Seed, spec.Trials, planner.FaultKinds, planner.SiteCount, engine.Workloads),
            });
        }
        else if (request.Trial is { } trial && spec is not null)
        {
            Say(new WorkerReply { Done = series.Run(planner!, trial, spec.ComparesRecoveryOff, SayPlan) });
        }
        else if (request.Plan is { } plan)
        {
            SayPlan(plan);
            RunPlan(series, plan, request.ComparesRecoveryOff);
        }
        else
        {
            Say(new WorkerReply { Refused = "expected an experiment, a trial of one, or a plan" });
        }
    }

    /// <summary>A plan may come from a file or from another build, and name what this one does not have.</summary>
    private void RunPlan(TrialSeries series, TrialPlan plan, bool comparesRecoveryOff)
    {
        try
        {
            Say(new WorkerReply { Done = series.Run(plan, comparesRecoveryOff) });
        }
        catch (ArgumentException exception)
        {
            Say(new WorkerReply { Refused = exception.Message });
        }
    }

    private void SayPlan(TrialPlan plan) => Say(new WorkerReply { Planned = plan });

    private void Say(WorkerReply reply)
    {
        output.Write(CampaignJson.Write(reply) + "\n");
        output.Flush();
    }
}
