using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Systems;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>
/// Mutants of the system's own domains are put in the place of the sound ones: each is refused, or boots, works and is torn
/// down without harm. They run in a child, so that a mutant that ends the process is reported with its seed.
/// </summary>
internal static class FuzzRun
{
    internal const string ChildCommand = "fuzz-child";

    /// <summary>Mutants of one child: what leaks in a child ends with it.</summary>
    private const int Batch = 500;

    /// <summary>What is printed of a child that has ended by itself: the mutant and the start of the runtime's last words.</summary>
    private const int EscapeLines = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The domains that are changed, with the names of their files.</summary>
    private static readonly (string Folder, string Assembly)[] Targets =
    [
        ("Nvme", "RedLeafSharp.Drivers.Nvme.dll"),
        ("BlockShadow", "RedLeafSharp.Domains.BlockShadow.dll"),
        ("Ext4", "RedLeafSharp.Domains.Ext4.dll"),
        ("Personality", "RedLeafSharp.Posix.Personality.dll"),
        ("Programs", "RedLeafSharp.Posix.Programs.dll"),
    ];

    /// <summary>Runs children until all seeds are done; one that ends by itself is noted and the next seed begins.</summary>
    /// <returns>Whether no mutant ended or hung its process.</returns>
    internal static bool Supervise(int count, int seed, TextWriter output)
    {
        int end = seed + count;
        int escapes = 0;
        var totals = new Dictionary<string, int>();
        while (seed < end)
        {
            int length = Math.Min(Batch, end - seed);
            (_, IReadOnlyList<string> printed, IReadOnlyList<string> error) = ChildProcess.Run(ChildCommand, $"{length}", $"{seed}");
            string[] lines = [.. printed, .. error];
            foreach (string line in lines.Where(line => line.StartsWith("= ", StringComparison.Ordinal)))
            {
                string verdict = line.Split(' ', 3)[1];
                totals[verdict] = totals.GetValueOrDefault(verdict) + 1;
            }

            int done = lines.Count(line => line.StartsWith("= ", StringComparison.Ordinal));
            if (done < length)
            {
                escapes++;
                string escaped = $"> {seed + done} ";
                IEnumerable<string> last = lines.SkipWhile(line => !line.StartsWith(escaped, StringComparison.Ordinal));
                output.WriteLine($"ESCAPED seed {seed + done}: {string.Join(" | ", last.Take(EscapeLines))}");
                done++;
            }

            seed += done;
            output.WriteLine($"{string.Join(", ", totals.Select(pair => $"{pair.Value} {pair.Key}").Order())}; {end - seed} to go");
        }

        return escapes == 0;
    }

    /// <summary>The child: a line before each mutant, and one with the verdict after it.</summary>
    internal static int Run(int count, int seed, TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-fuzz-").FullName;
        CopyFolder(TestSystem.DomainsFolder, folder);
        Mutator[] mutators = [.. Targets.Select(target => new Mutator(File.ReadAllBytes(PathOf(folder, target))))];
        for (int n = seed; n < seed + count; n++)
        {
            int target = n % Targets.Length;
            string path = PathOf(folder, Targets[target]);
            byte[] sound = File.ReadAllBytes(path);
            (byte[] mutant, string what) = mutators[target].Mutate(n);
            output.WriteLine($"> {n} {Targets[target].Folder}: {what}");
            output.Flush();
            File.WriteAllBytes(path, mutant);
            string? verdict = Try(folder);
            if (verdict is null)
            {
                return 1;
            }

            output.WriteLine($"= {verdict}");
            output.Flush();
            File.WriteAllBytes(path, sound);
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    /// <summary>Boots with the mutant and does a little of everything; null when it does not end.</summary>
    private static string? Try(string folder)
    {
        string? verdict = null;
        var thread = new Thread(() => verdict = Work(folder)) { IsBackground = true };
        thread.Start();
        return thread.Join(Patience) ? verdict : null;
    }

    private static string Work(string folder)
    {
        try
        {
            using var system = new TestSystem(
                domainsFolder: folder, memoryDiskBytes: 16L << 20, endPatience: TimeSpan.FromSeconds(2));
            (int status, _) = system.Shell("seq 100 > /a && cp /a /b && cmp /a /b && ls / && rm /a");
            system.System.Shutdown();
            return status == 0 ? "harmless" : $"failing {status}";
        }
        catch (BootException exception)
        {
            return exception.Message.Contains("RL0", StringComparison.Ordinal) ? "rejected" : "not-booted";
        }
        catch (InvalidOperationException)
        {
            return "failing"; // the shell could not be started
        }
    }

    private static string PathOf(string folder, (string Folder, string Assembly) target) =>
        Path.Combine(folder, target.Folder, target.Assembly);

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string child in Directory.GetDirectories(from))
        {
            CopyFolder(child, Path.Combine(to, Path.GetFileName(child)));
        }
    }
}
