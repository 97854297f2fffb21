using System.Diagnostics.CodeAnalysis;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The processes, by id and by domain.</summary>
internal sealed class ProcessTable
{
    /// <summary>The id of the first process, to which orphans go.</summary>
    public const int InitId = 1;

    private readonly Dictionary<int, Process> byId = [];
    private readonly Dictionary<uint, Process> byDomain = [];
    private int lastId;

    public bool IsFull => CountOf(null) >= Limits.ProcessCountMax;

    /// <summary>Whether a process of a session may start a child.</summary>
    public bool HasRoomFor(Session session) => !IsFull && CountOf(session) < Limits.SessionProcessCountMax;

    /// <summary>The process that a domain runs; dead ones are not found.</summary>
    public bool TryFind(DomainId domain, [NotNullWhen(true)] out Process? process) =>
        byDomain.TryGetValue(domain.Value, out process);

    /// <summary>A process by its id, alive or zombie.</summary>
    public bool TryFind(int id, [NotNullWhen(true)] out Process? process) => byId.TryGetValue(id, out process);

    /// <summary>An id that no process has. The table must not be full.</summary>
    public int TakeId()
    {
        do
        {
            lastId = lastId == Limits.ProcessIdMax ? 1 : lastId + 1;
        }
        while (byId.ContainsKey(lastId));
        return lastId;
    }

    public void Add(Process process)
    {
        byId.Add(process.Id, process);
        byDomain.Add(process.Domain.Value, process);
    }

    /// <summary>A process has ended: its domain names nobody any more.</summary>
    public void ForgetDomain(Process process) => byDomain.Remove(process.Domain.Value);

    /// <summary>Removes a process that somebody has waited for, or nobody will.</summary>
    public void Remove(Process process)
    {
        byDomain.Remove(process.Domain.Value);
        byId.Remove(process.Id);
    }

    /// <summary>The processes of a session, or all; a child that is being started counts, but is in no table yet.</summary>
    private int CountOf(Session? session)
    {
        int count = 0;
        foreach (Process process in byId.Values)
        {
            if (session is null || process.Session == session)
            {
                count += process.StartingChild is null ? 1 : 2;
            }
        }

        return count;
    }

    /// <summary>The process with the next higher id; null at the end.</summary>
    public Process? Next(int afterId)
    {
        Process? next = null;
        foreach (Process process in byId.Values)
        {
            if (process.Id > afterId && (next is null || process.Id < next.Id))
            {
                next = process;
            }
        }

        return next;
    }

    /// <summary>Looks for a child of a process that has ended.</summary>
    /// <param name="parent">The parent.</param>
    /// <param name="childId">A child, or -1 for any.</param>
    /// <param name="zombie">A child that has ended.</param>
    /// <returns>Whether there is such a child at all, ended or not.</returns>
    public bool TryFindChild(Process parent, int childId, out Process? zombie)
    {
        bool hasChild = false;
        zombie = null;
        foreach (Process process in byId.Values)
        {
            if (process.ParentId == parent.Id && !process.IsOrphan && (childId == -1 || process.Id == childId))
            {
                hasChild = true;
                zombie = process.IsZombie && (zombie is null || process.Id < zombie.Id) ? process : zombie;
            }
        }

        return hasChild;
    }

    /// <summary>
    /// Hands the children of a process that has ended to the first process. The system waits for them itself then: the first
    /// process is one of the host's, which does not expect children that it has not made.
    /// </summary>
    public void Orphan(Process parent)
    {
        bool hasInit = parent.Id != InitId && byId.ContainsKey(InitId);
        Process? child = Next(0);
        while (child is not null)
        {
            Process? next = Next(child.Id);
            if (child.ParentId == parent.Id)
            {
                child.ParentId = hasInit ? InitId : 0;
                child.IsOrphan = true;
                if (child.IsZombie)
                {
                    Remove(child);
                }
            }

            child = next;
        }
    }
}
