using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>Who waits for several files, this one among them: events of calls of poll, and of epoll instances.</summary>
internal sealed class Watchers
{
    private readonly List<KernelEvent> events = [];

    /// <summary>Goes up with every change, so that edge-triggered waits can tell new from old.</summary>
    public uint ChangeCount { get; private set; }

    public Errno Add(KernelEvent watcher)
    {
        if (events.Count == Limits.WatcherCountMax)
        {
            return Errno.NoBuffers;
        }

        events.Add(watcher);
        return Errno.None;
    }

    public void Remove(KernelEvent watcher) => _ = events.Remove(watcher);

    /// <summary>The file may be ready for something that it was not ready for.</summary>
    public void NoteChange()
    {
        ChangeCount++;
        foreach (KernelEvent watcher in events)
        {
            watcher.SignalAll();
        }
    }
}
