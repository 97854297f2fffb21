using System.Reflection;
using System.Runtime.CompilerServices;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Memory;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Bench.Harness;

/// <summary>Starts domains as the loader makes them (from bytes, rewritten, collectible) without the rest of a system.</summary>
internal static class MeasuredDomain
{
    /// <summary>Keeps the words that a domain's code reads as long as what it provides: they go with the context.</summary>
    private static readonly ConditionalWeakTable<object, DomainLoadContext> Contexts = [];

    /// <summary>Loads, starts and gives what the domain provides first.</summary>
    /// <param name="name">The folder of its image.</param>
    /// <param name="id">The domain that owns what it allocates.</param>
    /// <param name="scheduler">For its waits.</param>
    /// <param name="cache">Its executor's part of the heap.</param>
    /// <param name="services">Its rights.</param>
    /// <param name="hasSafepoints">Whether it is rewritten, as the kernel does it; false to see what that costs.</param>
    /// <param name="hasFaultSites">Whether faults could be injected; none is.</param>
    /// <exception cref="InvalidOperationException">The domain does not start.</exception>
    internal static T Start<T>(
        string name, uint id, PollingScheduler scheduler, ExchangeHeapCache cache, MeasuredServices services, bool hasSafepoints = true,
        bool hasFaultSites = false)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "domains", name);
        byte[] image = File.ReadAllBytes(Directory.GetFiles(folder, "RedLeafSharp.*.dll").Single());
        var context = new DomainLoadContext(name);
        if (hasSafepoints)
        {
            RewrittenImage rewritten = ImageRewriter.Rewrite(
                image, symbols: null, name, hasFaultSites ? RewritePasses.Safepoints | RewritePasses.FaultSites : RewritePasses.Safepoints);
            image = rewritten.Instantiate(context.PollWord, StackBudget.LimitOf(StackBudget.StepsMax));
        }

        Assembly assembly = context.LoadFromStream(new MemoryStream(image));
        if (hasFaultSites)
        {
            FaultSiteRewriter.Bind(assembly, new FaultTrigger(), context.PollWord);
        }

        Type entry = assembly.GetExportedTypes().Single(type => typeof(IDomain).IsAssignableFrom(type));
        using var thread = new ThreadContext(scheduler, cache, executorId: 0, id);
        Reply<Unit, DomainError> started =
            ((IDomain)Activator.CreateInstance(entry)!).Start(new CallContext(thread), new DomainServices(services));
        if (!started.IsOk)
        {
            throw new InvalidOperationException($"{name} does not start: {started}");
        }

        Contexts.Add(services.Provided!, context);
        return (T)services.Provided!;
    }
}
