using System.Diagnostics;
using System.Globalization;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Verification;

namespace RedLeafSharp.Bench.Verification;

/// <summary>
/// How fast the verifier judges our own images, as delivered and as rewritten, turn by turn; and that it rejects none of them. The
/// first pass of the process is a row of its own: in it the verifier itself is compiled.
/// </summary>
internal static class VerifierBench
{
    private const int DefaultRounds = 20;

    internal static int Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : DefaultRounds;
        Subject[] subjects = [.. Files().Select(Read)];
        long start = Stopwatch.GetTimestamp();
        int methods = subjects.Sum(subject => Verify(subject.Delivered, VerificationOptions.Delivered).MethodCount);
        double firstMillis = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        Console.WriteLine($"{rounds} rounds of {subjects.Length} images, milliseconds, best (median)");
        Console.WriteLine($"{"image",-44} {"methods",8} {"as delivered",18} {"rewritten",18} {"ratio",6}");
        foreach (Subject subject in subjects)
        {
            Rewrite(subject);
        }

        for (int round = 0; round < rounds; round++)
        {
            Array.ForEach(subjects, TakeTurn);
        }

        Array.ForEach(subjects, Print);
        double best = subjects.Sum(subject => subject.DeliveredMillis.Min());
        double median = subjects.Sum(subject => Median(subject.DeliveredMillis));
        double rewritten = subjects.Sum(subject => subject.RewrittenMillis.Min());
        Console.WriteLine($"{methods} methods, 0 rejected: best {methods / best * 1000:F0}, median {methods / median * 1000:F0} methods/s; "
            + $"rewritten {methods / rewritten * 1000:F0}; the first pass of the process {methods / firstMillis * 1000:F0} ({firstMillis:F0} ms)");
        return 0;
    }

    private static IEnumerable<string> Files() =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "domains"), "RedLeafSharp.*.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static Subject Read(string file)
    {
        string symbols = Path.ChangeExtension(file, ".pdb");
        return new Subject(file, File.ReadAllBytes(file), File.Exists(symbols) ? File.ReadAllBytes(symbols) : null);
    }

    private static void Rewrite(Subject subject) => subject.Rewritten =
        ImageRewriter.RewriteNew(subject.Delivered, subject.Symbols, subject.File, RewritePasses.Safepoints).Assembly;

    private static void TakeTurn(Subject subject)
    {
        VerificationReport report = Verify(subject.Delivered, VerificationOptions.Delivered);
        subject.MethodCount = report.MethodCount;
        subject.DeliveredMillis.Add(report.Duration.TotalMilliseconds);
        subject.RewrittenMillis.Add(Verify(subject.Rewritten, VerificationOptions.Rewritten).Duration.TotalMilliseconds);
    }

    private static VerificationReport Verify(byte[] image, VerificationOptions options)
    {
        VerificationReport report = ImageVerifier.Verify(image, symbols: null, "image", options);
        return report.IsClean ? report : throw new InvalidOperationException($"falsely rejected: {report.Violations[0]}");
    }

    private static void Print(Subject subject)
    {
        (double delivered, double rewritten) = (subject.DeliveredMillis.Min(), subject.RewrittenMillis.Min());
        Console.WriteLine(
            $"{Path.GetFileNameWithoutExtension(subject.File),-44} {subject.MethodCount,8} "
            + $"{$"{delivered:F2} ({Median(subject.DeliveredMillis):F2})",18} {$"{rewritten:F2} ({Median(subject.RewrittenMillis):F2})",18} "
            + $"{rewritten / delivered,6:F2}");
    }

    private static double Median(List<double> samples) => samples.Order().ElementAt(samples.Count / 2);

    private sealed class Subject(string file, byte[] delivered, byte[]? symbols)
    {
        internal string File { get; } = file;

        internal byte[] Delivered { get; } = delivered;

        internal byte[]? Symbols { get; } = symbols;

        internal byte[] Rewritten { get; set; } = [];

        internal int MethodCount { get; set; }

        internal List<double> DeliveredMillis { get; } = [];

        internal List<double> RewrittenMillis { get; } = [];
    }
}
