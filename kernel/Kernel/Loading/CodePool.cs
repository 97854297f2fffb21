using RedLeafSharp.Rewriting;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Loading;

/// <summary>
/// What simulated systems use one after the other: images that have been read, threads, and load contexts whose generation is over. A
/// domain has no static state that can change (RL0006), so nothing of one generation reaches the next.
/// </summary>
/// <remarks>
/// For simulations, which come by the hundred in a second: loading and compiling takes longer than all else that they do. The
/// poll words of a simulation are always raised, so one that is used again needs no care. Used by one thread at a time.
/// </remarks>
internal sealed class CodePool : IDisposable
{
    private readonly Dictionary<string, DomainImage> images = new(StringComparer.Ordinal);
    private readonly Dictionary<CodeKey, Stack<LoadedDomain>> free = [];

    /// <summary>A domain's folder, as it was when it was first asked for.</summary>
    /// <exception cref="BootException">The folder is wrong.</exception>
    internal DomainImage Read(string folder)
    {
        if (!images.TryGetValue(folder, out DomainImage? image))
        {
            image = DomainImage.Read(folder);
            images.Add(folder, image);
        }

        return image;
    }

    /// <summary>The threads of those systems.</summary>
    internal StackThreadPool Threads { get; } = new();

    /// <summary>Load contexts that have been taken and not come back.</summary>
    internal int InUseCount { get; private set; }

    /// <summary>Takes code that is free, or loads it. See <see cref="DomainLoader"/>.</summary>
    /// <exception cref="BootException">The image is no domain.</exception>
    internal LoadedDomain Take(RewrittenImage image, int stackLimit, Type contract, string entry, string path)
    {
        var key = new CodeKey(image, stackLimit, entry);
        InUseCount++;
        if (free.TryGetValue(key, out Stack<LoadedDomain>? stack) && stack.TryPop(out LoadedDomain? loaded))
        {
            return loaded;
        }

        loaded = DomainLoader.Load(image, stackLimit, contract, entry, path);
        loaded.Context.IsPooled = true;
        return loaded with { Key = key };
    }

    /// <summary>Ends the threads. Code goes with the last reference to it.</summary>
    public void Dispose() => Threads.Close();

    /// <summary>Takes code back: no thread is inside any more.</summary>
    internal void Return(LoadedDomain loaded)
    {
        InUseCount--;
        loaded.Context.PollWord.IsArmed = false;
        if (!free.TryGetValue(loaded.Key!, out Stack<LoadedDomain>? stack))
        {
            stack = new Stack<LoadedDomain>();
            free.Add(loaded.Key!, stack);
        }

        stack.Push(loaded);
    }
}

/// <summary>What makes two loaded images interchangeable.</summary>
internal sealed record CodeKey(RewrittenImage Image, int StackLimit, string Entry);
