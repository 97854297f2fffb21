namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// Finds UNIX-domain sockets that only messages hold which nobody can receive: one that was sent through itself, or several through each
/// other. Counting references never closes them; Linux looks for them too (unix_gc of net/unix/garbage.c).
/// </summary>
internal sealed class UnixCycles
{
    /// <summary>Sockets in messages under way; as many as <see cref="Limits.PassedFilesMax"/> at most.</summary>
    private readonly HashSet<UnixSocket> passed = [];
    private bool isCollecting;

    public void Add(UnixSocket socket) => passed.Add(socket);

    public void Remove(UnixSocket socket) => passed.Remove(socket);

    /// <summary>Closes what cannot be reached any more. Called when a descriptor of a socket is closed: nothing else makes garbage.</summary>
    public void Collect(CallContext context)
    {
        // What is dropped below closes sockets, which brings us here again.
        if (passed.Count == 0 || isCollecting)
        {
            return;
        }

        isCollecting = true;
        try
        {
            foreach (UnixSocket socket in FindGarbage())
            {
                socket.DropQueued(context);
            }
        }
        finally
        {
            isCollecting = false;
        }
    }

    /// <summary>
    /// Sockets without descriptors whose messages are all in queues of such sockets; of these, those that no queue of another leads to.
    /// </summary>
    private HashSet<UnixSocket> FindGarbage()
    {
        var garbage = new HashSet<UnixSocket>();
        foreach (UnixSocket socket in passed)
        {
            if (socket.References == socket.PassedCount)
            {
                garbage.Add(socket);
            }
        }

        var inside = new Dictionary<UnixSocket, int>();
        foreach (UnixSocket socket in garbage)
        {
            foreach (UnixSocket queued in QueuedIn(socket))
            {
                _ = inside.TryGetValue(queued, out int count);
                inside[queued] = count + 1;
            }
        }

        var reached = new Queue<UnixSocket>();
        foreach (UnixSocket socket in garbage)
        {
            _ = inside.TryGetValue(socket, out int count);
            if (count < socket.PassedCount)
            {
                reached.Enqueue(socket);
            }
        }

        while (reached.TryDequeue(out UnixSocket? socket))
        {
            if (garbage.Remove(socket))
            {
                QueuedIn(socket).ForEach(reached.Enqueue);
            }
        }

        return garbage;
    }

    private static List<UnixSocket> QueuedIn(UnixSocket socket)
    {
        var messages = new List<PassedFiles>();
        socket.AddQueued(messages);
        var sockets = new List<UnixSocket>();
        foreach (PassedFiles message in messages)
        {
            message.AddSockets(sockets);
        }

        return sockets;
    }
}
