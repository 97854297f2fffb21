using System.Diagnostics;
using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.Hostile.Fuzzing;

/// <summary>
/// Mutants of the system's own domains: each is rejected, or a system that is booted with it works or fails and is torn down without
/// harm. They run in children, so that a mutant that ends the process is reported with its seed, and the next child goes on.
/// </summary>
internal static class FuzzRun
{
    internal const string ChildCommand = "fuzz-child";

    /// <summary>Mutants of one child: what leaks in a child ends with it.</summary>
    private const int Batch = 2000;

    /// <summary>What is printed of a child that has ended by itself: the mutant and the start of the runtime's last words.</summary>
    private const int EscapeLines = 12;

    /// <summary>Mutants between two collections of what has been loaded.</summary>
    private const int CollectEvery = 64;

    /// <summary>What a child exits with when a mutant has not come to an end in time.</summary>
    private const int HungStatus = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs children until all seeds are done; one that ends by itself is noted and the next seed begins.</summary>
    /// <remarks>
    /// A mutant that does not end in time is run again in a child of its own: on a machine that is busy with other things it may just not
    /// have had its turn. That it was is said.
    /// </remarks>
    /// <returns>Whether no mutant ended or hung its process.</returns>
    internal static bool Supervise(int count, int seed, int runEvery, TextWriter output)
    {
        long start = Stopwatch.GetTimestamp();
        int end = seed + count;
        int escapes = 0;
        var totals = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int next = seed; next < end;)
        {
            int length = Math.Min(Batch, end - next);
            (int status, string[] lines, string[] verdicts) = RunChild(length, next, runEvery);
            if (status == HungStatus && length > 1)
            {
                int hung = next + verdicts.Length;
                output.WriteLine($"seed {hung} did not end within {Patience.TotalSeconds} s; once more, alone");
                (_, string[] linesAlone, string[] verdictAlone) = RunChild(1, hung, runEvery);
                (lines, verdicts) = ([.. lines, .. linesAlone], [.. verdicts, .. verdictAlone]);
                length = verdicts.Length + 1 - verdictAlone.Length;
            }

            foreach (string verdict in verdicts)
            {
                totals[verdict] = totals.GetValueOrDefault(verdict) + 1;
            }

            next += verdicts.Length;
            if (verdicts.Length < length)
            {
                escapes++;
                IEnumerable<string> last = lines.SkipWhile(line => !line.StartsWith($"> {next} ", StringComparison.Ordinal));
                output.WriteLine($"ESCAPED seed {next}: {string.Join(" | ", last.Take(EscapeLines))}");
                next++;
            }

            double rate = (next - seed) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            output.WriteLine($"{end - next} to go, {rate:F1} mutants/s, {escapes} escaped");
        }

        Print(totals, output);
        return escapes == 0;
    }

    /// <summary>The child: a line before each mutant, and one with the verdict after it.</summary>
    /// <param name="count">Mutants.</param>
    /// <param name="seed">Of the first.</param>
    /// <param name="runEvery">One in so many of those that are not rejected is run.</param>
    /// <param name="output">For the lines.</param>
    internal static int Run(int count, int seed, int runEvery, TextWriter output)
    {
        using var trial = new MutantTrial();
        for (int n = seed; n < seed + count; n++)
        {
            FuzzTarget target = FuzzTarget.Of(n);
            (byte[] mutant, string what) = trial.Mutate(target, n);
            output.WriteLine($"> {n} {target.Folder}: {what}");
            output.Flush();
            string? verdict = null;
            bool isRun = n % runEvery == 0;
            var work = new BackgroundWork("mutant", () => verdict = trial.Judge(mutant, target, isRun));
            if (!work.Join(Patience))
            {
                return HungStatus;
            }

            output.WriteLine($"= {verdict}");
            output.Flush();
            if (n % CollectEvery == 0)
            {
                GC.Collect();
            }
        }

        return 0;
    }

    private static (int Status, string[] Lines, string[] Verdicts) RunChild(int count, int seed, int runEvery)
    {
        (int status, IReadOnlyList<string> printed, IReadOnlyList<string> error) =
            ChildProcess.Run(ChildCommand, $"{count}", $"{seed}", $"{runEvery}");
        return (status, [.. printed, .. error],
            [.. printed.Where(line => line.StartsWith("= ", StringComparison.Ordinal)).Select(line => line[2..])]);
    }

    /// <summary>A table in Markdown.</summary>
    private static void Print(SortedDictionary<string, int> totals, TextWriter output)
    {
        int all = totals.Values.Sum();
        output.WriteLine("| outcome | mutants | share |\n|---|---|---|");
        foreach ((string verdict, int count) in totals)
        {
            output.WriteLine($"| {verdict} | {count} | {100.0 * count / all:F2} % |");
        }
    }
}
