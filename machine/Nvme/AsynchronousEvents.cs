namespace RedLeafSharp.Machine.Nvme;

/// <summary>Asynchronous events that this controller reports: NVMe 1.4 section 5.2.</summary>
internal enum AsynchronousEvent
{
    InvalidDoorbellRegister,
    InvalidDoorbellValue,
    TemperatureThreshold,
}

/// <summary>
/// Event requests of the host that wait for an event, and events that wait for a request. A type of event is reported
/// once, then masked until the host reads the log page that goes with it.
/// </summary>
internal sealed class AsynchronousEvents(NvmeController controller)
{
    private const int TypeCount = 2;
    private const int TypeError = 0;
    private const int TypeHealth = 1;

    private readonly ushort[] requests = new ushort[NvmeLimits.EventRequestsMax];
    private readonly bool[] isMasked = new bool[TypeCount];

    /// <summary>One event of each type can wait; the first counts, as the log page tells the rest.</summary>
    private readonly AsynchronousEvent?[] waiting = new AsynchronousEvent?[TypeCount];

    private int requestCount;

    /// <summary>Whether <see cref="Deliver"/> may have something to do.</summary>
    internal bool HasWaiting { get; private set; }

    /// <summary>Takes a request of the host; it stays outstanding until there is an event.</summary>
    internal ushort Request(ushort commandId)
    {
        if (requestCount == requests.Length)
        {
            return NvmeStatus.AsynchronousEventLimit;
        }

        requests[requestCount++] = commandId;
        return NvmeStatus.StaysOutstanding;
    }

    /// <summary>Notes an event; <see cref="Deliver"/> reports it.</summary>
    internal void Raise(AsynchronousEvent what)
    {
        waiting[TypeOf(what)] ??= what;
        HasWaiting = true;
    }

    /// <summary>The host has read a log page without "retain asynchronous event".</summary>
    internal void Acknowledge(int logPage)
    {
        int type = logPage == LogPages.ErrorInformation ? TypeError : TypeHealth;
        isMasked[type] = false;
    }

    /// <summary>Ends a request at the host's wish.</summary>
    internal bool TryAbort(ushort commandId)
    {
        int index = Array.IndexOf(requests, commandId, 0, requestCount);
        if (index < 0)
        {
            return false;
        }

        requestCount--;
        Array.Copy(requests, index + 1, requests, index, requestCount - index);
        Answer(commandId, NvmeStatus.AbortRequested, 0);
        return true;
    }

    /// <summary>
    /// Answers requests while there are events and the admin completion queue has room. Called between commands, never
    /// within one: the room that was there when a command was fetched is for the command's own completion.
    /// </summary>
    internal bool Deliver()
    {
        bool hasWorked = false;
        for (int type = 0; type < TypeCount; type++)
        {
            SubmissionQueue? queue = controller.SubmissionQueues[0];
            if (waiting[type] is { } what && !isMasked[type] && requestCount > 0 && queue is { Completions.IsFull: false })
            {
                ushort commandId = requests[0];
                requestCount--;
                Array.Copy(requests, 1, requests, 0, requestCount);
                waiting[type] = null;
                isMasked[type] = true;
                Answer(commandId, NvmeStatus.Success, Describe(what));
                hasWorked = true;
            }
        }

        HasWaiting = waiting[TypeError] is not null || waiting[TypeHealth] is not null;
        return hasWorked;
    }

    internal void Reset()
    {
        requestCount = 0;
        HasWaiting = false;
        Array.Clear(waiting);
        Array.Clear(isMasked);
    }

    private static int TypeOf(AsynchronousEvent what) => what == AsynchronousEvent.TemperatureThreshold ? TypeHealth : TypeError;

    /// <summary>Dword 0: type in bits 2:0, information in 15:8, log page in 23:16.</summary>
    private static uint Describe(AsynchronousEvent what) => what switch
    {
        AsynchronousEvent.InvalidDoorbellRegister => TypeError | (0u << 8) | (LogPages.ErrorInformation << 16),
        AsynchronousEvent.InvalidDoorbellValue => TypeError | (1u << 8) | (LogPages.ErrorInformation << 16),
        _ => TypeHealth | (1u << 8) | (LogPages.Health << 16),
    };

    private void Answer(ushort commandId, ushort status, uint dword0)
    {
        SubmissionQueue queue = controller.SubmissionQueues[0]!;
        queue.Finish(commandId);
        controller.Post(queue, commandId, status, dword0);
    }
}
