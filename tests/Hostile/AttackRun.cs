using System.Diagnostics;
using System.Text.RegularExpressions;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>How an attack ended.</summary>
/// <param name="Attack">The attack.</param>
/// <param name="Wall">What stopped it; null when nothing did.</param>
/// <param name="By">The rule, the exception, "kill", "quota", "answer", "loader" or what went wrong.</param>
/// <param name="Micros">From the start to the refusal, or from the kill to the end.</param>
/// <param name="Residue">Empty, or what it left behind.</param>
internal sealed record AttackResult(Attack Attack, Wall? Wall, string By, double Micros, string Residue)
{
    /// <summary>Whether it was stopped as the corpus says, and left nothing.</summary>
    internal bool IsAsExpected => Wall == Attack.Wall && Attack.Admits(By) && Residue.Length == 0;

    public override string ToString() =>
        $"{Attack}: expected {Attack.Wall} {Attack.By}, found {Wall?.ToString() ?? "nothing"} {By}"
        + (Residue.Length > 0 ? $", left {Residue}" : string.Empty);
}

/// <summary>Runs attacks in one system, one after another, and says what stopped each.</summary>
internal sealed partial class AttackRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a silent attack goes on before it is killed.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(50);

    private readonly HostileSystem system;
    private readonly string folder;
    private int count;

    internal AttackRun(HostileSystem system, string folder)
    {
        this.system = system;
        this.folder = folder;
    }

    /// <exception cref="EscapeException">It could not be stopped: the process must not go on.</exception>
    internal AttackResult Run(Attack attack)
    {
        string program = $"attack{++count}";
        string home = Path.Combine(folder, program);
        Directory.CreateDirectory(home);
        File.WriteAllText(Path.Combine(home, "domain.yaml"), $"name: {program}\nprograms: {{{program}: {attack.Entry}}}\n");
        File.WriteAllBytes(Path.Combine(home, "Attack.dll"), attack.Build());
        long start = Stopwatch.GetTimestamp();
        try
        {
            system.System.AddPrograms(home);
        }
        catch (BootException exception)
        {
            return Refused(attack, exception.Message, start);
        }

        return Start(attack, program);
    }

    private AttackResult Start(Attack attack, string program)
    {
        system.Inside.Reset();
        Reply<int, Errno> child = default;
        int status = 0;
        long start = Stopwatch.GetTimestamp();
        var work = new BackgroundWork(program, () => (child, status) = system.Start(program));
        if (attack.IsEndless)
        {
            AwaitInside(work, attack.IsSilent ? Silence : Patience);
            start = Stopwatch.GetTimestamp();
            while (system.System.KillProcesses(program) == 0 && !work.Join(Pause) && Stopwatch.GetElapsedTime(start) < Patience)
            {
            }
        }

        if (!work.Join(Patience))
        {
            throw new EscapeException(attack, "it goes on");
        }

        double micros = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        IReadOnlyList<(int Event, string Text)> lines = system.TakeLines(program);
        if (!child.IsOk)
        {
            return Refused(attack, string.Join('\n', lines.Where(line => line.Event == 300).Select(line => line.Text)), start);
        }

        (Wall? wall, string by) = Judge(attack, lines, status);
        return new AttackResult(attack, wall, by, micros, ResidueOf(program));
    }

    /// <summary>Waits until an endless attack says that it is inside, or has ended before it could.</summary>
    private void AwaitInside(BackgroundWork work, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (!system.Inside.Wait(1) && work.IsAlive && Stopwatch.GetElapsedTime(start) < patience)
        {
        }
    }

    private static AttackResult Refused(Attack attack, string message, long start)
    {
        double micros = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        string[] rules = [.. Rule().Matches(message).Select(match => match.Value).Distinct()];
        string by = rules.FirstOrDefault(attack.Admits) ?? rules.FirstOrDefault() ?? "loader";
        return new AttackResult(attack, rules.Length > 0 ? Wall.Verifier : Wall.Loader, by, micros, string.Empty);
    }

    private static (Wall? Wall, string By) Judge(Attack attack, IReadOnlyList<(int Event, string Text)> lines, int status)
    {
        if (lines.FirstOrDefault(line => line.Event is 200 or 201) is { Text: not null } death)
        {
            string cause = death.Text[(death.Text.IndexOf("died: ", StringComparison.Ordinal) + 6)..].Trim('"');
            return death.Event == 200 ? (WallOf(ShortName(cause)), ShortName(cause))
                : cause == "killed from outside" ? (attack.Wall, "kill") : (Wall.Runtime, "quota");
        }

        if (lines.Any(line => line.Event == 202))
        {
            return (Wall.Runtime, "quota");
        }

        return status == Guest.Breach ? (null, "breach") : (Wall.Runtime, "answer");
    }

    /// <summary>Stack guards are planted code, like the polls that a kill needs.</summary>
    private static Wall WallOf(string exception) =>
        exception == nameof(InsufficientExecutionStackException) ? Wall.Rewriter : Wall.Runtime;

    private static string ShortName(string type) => type.Split('[')[0].Split('.')[^1];

    private string ResidueOf(string program)
    {
        if (!system.System.WaitForReclaims(Patience))
        {
            return "a generation that is not reclaimed";
        }

        foreach (ReclaimRecord record in system.System.Reclaims.Where(one => one.Domain == program))
        {
            if (!record.IsCollected || record.ExchangeBytesLeft != 0)
            {
                return $"{record.ExchangeBytesLeft} bytes, {record.Detail}";
            }
        }

        long bytes = system.System.Census().UnattributedBytes;
        return bytes == 0 ? string.Empty : $"{bytes} bytes of the exchange heap that nobody owns";
    }

    [GeneratedRegex(@"RL\d{4}")]
    private static partial Regex Rule();
}

/// <summary>An attack that nothing stops: whoever runs the corpus has to end with it.</summary>
internal sealed class EscapeException(Attack attack, string how) : Exception($"{attack} ({attack.Tries}): {how}");
