using System.Reflection;
using System.Runtime.CompilerServices;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Systems;
using RedLeafSharp.Verification;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>
/// Mutants of the system's own domains: each is rejected, or can be rewritten, loaded and compiled, and a system that is booted with
/// it works or fails and is torn down without harm. They run in a child, so that a mutant that ends the process is reported with its
/// seed.
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

    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The domains that are changed, with their files; the small ones more often, since a mutant of them takes less time.</summary>
    private static readonly (string Folder, string Assembly)[] Targets =
    [
        ("Nvme", "RedLeafSharp.Drivers.Nvme.dll"),
        ("BlockShadow", "RedLeafSharp.Domains.BlockShadow.dll"),
        ("Nvme", "RedLeafSharp.Drivers.Nvme.dll"),
        ("BlockShadow", "RedLeafSharp.Domains.BlockShadow.dll"),
        ("Nvme", "RedLeafSharp.Drivers.Nvme.dll"),
        ("BlockShadow", "RedLeafSharp.Domains.BlockShadow.dll"),
        ("Ext4", "RedLeafSharp.Domains.Ext4.dll"),
        ("Personality", "RedLeafSharp.Posix.Personality.dll"),
        ("Programs", "RedLeafSharp.Posix.Programs.dll"),
    ];

    /// <summary>Runs children until all seeds are done; one that ends by itself is noted and the next seed begins.</summary>
    /// <returns>Whether no mutant ended or hung its process.</returns>
    internal static bool Supervise(int count, int seed, int bootEvery, TextWriter output)
    {
        int end = seed + count;
        int escapes = 0;
        var totals = new Dictionary<string, int>();
        while (seed < end)
        {
            int length = Math.Min(Batch, end - seed);
            (_, IReadOnlyList<string> printed, IReadOnlyList<string> error) =
                ChildProcess.Run(ChildCommand, $"{length}", $"{seed}", $"{bootEvery}");
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
    /// <param name="count">Mutants.</param>
    /// <param name="seed">Of the first.</param>
    /// <param name="bootEvery">One in so many of those that are not rejected is booted.</param>
    /// <param name="output">For the lines.</param>
    internal static int Run(int count, int seed, int bootEvery, TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-fuzz-").FullName;
        CopyFolder(TestSystem.DomainsFolder, folder);
        Dictionary<string, Mutator> mutators = Targets.Distinct()
            .ToDictionary(target => target.Folder, target => new Mutator(File.ReadAllBytes(PathOf(folder, target))));
        for (int n = seed; n < seed + count; n++)
        {
            (string Folder, string Assembly) target = Targets[n % Targets.Length];
            (byte[] mutant, string what) = mutators[target.Folder].Mutate(n);
            output.WriteLine($"> {n} {target.Folder}: {what}");
            output.Flush();

            // The seeds of a target are Targets.Length apart, so the quotient, not the seed, decides who is booted.
            bool boots = n / Targets.Length % bootEvery == 0;
            if (Try(() => Judge(mutant, boots ? folder : null, target)) is not { } verdict)
            {
                return 1;
            }

            output.WriteLine($"= {verdict}");
            output.Flush();
            if (n % CollectEvery == 0)
            {
                GC.Collect();
            }
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    /// <summary>Null when it does not end.</summary>
    private static string? Try(Func<string> judge)
    {
        string? verdict = null;
        var work = new BackgroundWork("mutant", () => verdict = judge());
        return work.Join(Patience) ? verdict : null;
    }

    private static string Judge(byte[] mutant, string? folder, (string Folder, string Assembly) target)
    {
        try
        {
            VerifiedImages.ThrowUnlessClean(mutant, null, target.Assembly, VerificationOptions.Delivered);
        }
        catch (BootException)
        {
            return "rejected";
        }

        try
        {
            RewrittenImage image = DomainLoader.Rewrite(mutant, null, target.Assembly, RewritePasses.None);
            Compile(image, target.Assembly);
        }
        catch (BootException exception)
        {
            return exception.Message.Contains("RL0", StringComparison.Ordinal) ? "rejected-once-rewritten" : $"not-loadable {exception.Message}";
        }

        return folder is null ? "compiled" : Boot(mutant, folder, target);
    }

    /// <summary>Loads a mutant as a domain is loaded, and has the runtime compile each of its methods.</summary>
    private static void Compile(RewrittenImage image, string name)
    {
        var context = new DomainLoadContext(name);
        try
        {
            Assembly assembly = context.LoadFromStream(
                new MemoryStream(image.Instantiate(context.PollWord, StackBudget.LimitOf(StackBudget.StepsOfPrograms)), writable: false));
            IEnumerable<MethodBase> methods = assembly.GetTypes().Where(type => !type.ContainsGenericParameters)
                .SelectMany(type => type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
                .Where(method => !method.IsAbstract && !method.ContainsGenericParameters && method.GetMethodBody() is not null);
            foreach (MethodBase method in methods)
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new BootException($"{name}: {exception.GetType().Name}");
        }
        finally
        {
            context.Unload();
        }
    }

    /// <summary>Boots with the mutant and does a little of everything.</summary>
    private static string Boot(byte[] mutant, string folder, (string Folder, string Assembly) target)
    {
        string path = PathOf(folder, target);
        byte[] sound = File.ReadAllBytes(path);
        string symbols = Path.ChangeExtension(path, ".pdb");
        byte[] soundSymbols = File.ReadAllBytes(symbols);
        File.WriteAllBytes(path, mutant);
        File.Delete(symbols);
        try
        {
            using var system = new TestSystem(
                domainsFolder: folder, memoryDiskBytes: 16L << 20, endPatience: TimeSpan.FromSeconds(2));
            (int status, _) = system.Shell("seq 100 > /a && cp /a /b && cmp /a /b && ls / && rm /a");
            system.System.Shutdown();
            return status == 0 ? "harmless" : $"failing {status}";
        }
        catch (BootException)
        {
            return "not-booted";
        }
        catch (InvalidOperationException)
        {
            return "failing"; // the shell could not be started
        }
        finally
        {
            File.WriteAllBytes(path, sound);
            File.WriteAllBytes(symbols, soundSymbols);
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
