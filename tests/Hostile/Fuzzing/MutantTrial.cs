using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Systems;
using RedLeafSharp.Verification;
using Serilog.Events;

namespace RedLeafSharp.Tests.Hostile.Fuzzing;

/// <summary>Judges mutants as the loader would, and runs each that is let through in a system of its own.</summary>
internal sealed partial class MutantTrial : IDisposable
{
    /// <summary>Enough for an ext4; the pages of it that nobody touches are never there.</summary>
    private const long DiskBytes = 16L << 20;

    /// <summary>What a domain whose mutant never returns may take: it is killed for that, and the system goes on.</summary>
    private const string CallLimit = "callMilliseconds: 1000";

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ConstructorPatience = TimeSpan.FromSeconds(2);

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-fuzz-").FullName;
    private readonly Dictionary<string, (byte[] Image, Mutator Mutator)> sound = [];

    internal MutantTrial()
    {
        foreach (string home in Directory.GetDirectories(TestSystem.DomainsFolder))
        {
            CopyDomain(home, Path.Combine(folder, Path.GetFileName(home)));
        }

        Exercisers.WriteTo(folder);
        foreach (FuzzTarget target in FuzzTarget.All)
        {
            byte[] image = File.ReadAllBytes(PathOf(target));
            sound.Add(target.Folder, (image, new Mutator(image)));
        }
    }

    /// <summary>What the last system that did not work said of it.</summary>
    internal string Complaint { get; private set; } = string.Empty;

    internal byte[] SoundImageOf(FuzzTarget target) => sound[target.Folder].Image;

    internal (byte[] Image, string What) Mutate(FuzzTarget target, int seed) => sound[target.Folder].Mutator.Mutate(seed);

    /// <returns>What became of it: one word, and the rule or the type of the exception.</returns>
    internal string Judge(byte[] mutant, FuzzTarget target, bool isRun)
    {
        try
        {
            VerifiedImages.ThrowUnlessClean(mutant, null, target.Assembly, VerificationOptions.Delivered);
        }
        catch (BootException exception)
        {
            return $"rejected {RuleOf(exception)}";
        }

        try
        {
            RewrittenImage image = DomainLoader.Rewrite(mutant, null, target.Assembly, RewritePasses.None);
            Compile(image, target.Assembly, sound[target.Folder].Mutator.ChangedMethods(mutant));
        }
        catch (BootException exception)
        {
            return RuleOf(exception) is { Length: > 0 } rule ? $"rejected-once-rewritten {rule}" : "unloadable";
        }

        return isRun ? Run(mutant, target) : "compiled";
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string RuleOf(BootException exception) => Rule().Match(exception.Message).Value;

    /// <summary>Loads a mutant as a domain is loaded, and has the runtime compile what was changed; the rest is when it is called.</summary>
    private static void Compile(RewrittenImage image, string name, IReadOnlyList<int> methods)
    {
        var context = new DomainLoadContext(name);
        try
        {
            Assembly assembly = context.LoadFromStream(
                new MemoryStream(image.Instantiate(context.PollWord, StackBudget.LimitOf(StackBudget.StepsOfPrograms)), writable: false));
            foreach (int token in methods)
            {
                MethodBase method = assembly.ManifestModule.ResolveMethod(token)!;
                if (!method.ContainsGenericParameters && method.DeclaringType is not { ContainsGenericParameters: true })
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                }
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
    private string Run(byte[] mutant, FuzzTarget target)
    {
        File.WriteAllBytes(PathOf(target), mutant);
        try
        {
            SystemDescription? description = target.Yaml is null ? null : SystemDescription.Parse("fuzz.yaml", target.Yaml);
            using var system = new TestSystem(
                description, domainsFolder: folder, memoryDiskBytes: DiskBytes, endPatience: EndPatience,
                constructorPatience: ConstructorPatience, compilesAhead: false);
            string outcome = OutcomeOf(system, target);
            system.System.Shutdown();
            return outcome;
        }
        catch (BootException exception)
        {
            Complaint = exception.Message;
            return "not-started-or-stopped";
        }
        catch (InvalidOperationException exception)
        {
            Complaint = exception.Message;
            return "differed"; // the shell could not be started
        }
        finally
        {
            File.WriteAllBytes(PathOf(target), sound[target.Folder].Image);
        }
    }

    private string OutcomeOf(TestSystem system, FuzzTarget target)
    {
        Complaint = string.Join(" | ", system.Log.Where(line => line.Contains("differed", StringComparison.Ordinal)));
        bool isDone = target.Yaml is null
            ? system.Shell("seq 100 > /a && cp /a /b && cmp /a /b && ls / && rm /a").Status == 0
            : system.Log.Any(line => line.Contains(FuzzTarget.Worked, StringComparison.Ordinal));
        string[] deaths = [.. system.Events.Where(one => one.Properties.GetValueOrDefault("EventId") is ScalarValue { Value: 200 or 201 or 202 })
            .Select(one => $"{one.Properties["EventId"]}")];
        return deaths.Contains("200") ? "faulted" : deaths.Length > 0 ? "killed" : isDone ? "worked" : "differed";
    }

    private string PathOf(FuzzTarget target) => Path.Combine(folder, target.Folder, target.Assembly);

    /// <summary>Without symbols, which would no longer fit, and with a limit for calls that do not return.</summary>
    private static void CopyDomain(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from, "*.dll"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        string manifest = File.ReadAllText(Path.Combine(from, "domain.yaml"));
        File.WriteAllText(Path.Combine(to, "domain.yaml"), manifest.Contains("limits: {", StringComparison.Ordinal)
            ? manifest.Replace("limits: {", $"limits: {{{CallLimit}, ", StringComparison.Ordinal)
            : $"{manifest.TrimEnd()}\nlimits: {{{CallLimit}}}\n");
    }

    [GeneratedRegex(@"RL\d{4}")]
    private static partial Regex Rule();
}
