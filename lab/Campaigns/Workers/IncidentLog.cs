namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// What happened to workers: for people, because a worker's last words and whether it died at all may differ from run to run.
/// </summary>
internal sealed class IncidentLog(string path)
{
    private readonly object gate = new();

    /// <summary>Workers that died or hung in a trial and did not do so again in a fresh process.</summary>
    internal int Unrepeated { get; private set; }

    internal void Add(long trial, WorkerAnswer answer, bool isRepeated)
    {
        string what = answer.End switch
        {
            WorkerEnd.Died => $"its worker died with status {answer.ExitStatus}",
            WorkerEnd.Silent => "its worker said nothing and was killed",
            _ => "its worker said what no worker says",
        };
        string again = isRepeated ? "again, in a fresh process" : "now repeated in a fresh process";
        lock (gate)
        {
            File.AppendAllLines(path, [$"trial {trial}: {what}, {again}", .. answer.LastWords.Select(line => "    " + line)]);
        }
    }

    internal void AddUnrepeated(long trial)
    {
        lock (gate)
        {
            Unrepeated++;
            File.AppendAllLines(path, [$"trial {trial}: a fresh process ran it to its end"]);
        }
    }
}
