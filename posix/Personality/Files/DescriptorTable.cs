using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The descriptors of one process: each names an open file description, which others may name too.</summary>
internal sealed class DescriptorTable
{
    private const int FirstSize = 8;

    private OpenFile?[] files = new OpenFile?[FirstSize];
    private bool[] closesOnExec = new bool[FirstSize];

    /// <summary>RLIMIT_NOFILE.</summary>
    public ResourceLimit Limit { get; set; } =
        new() { Soft = Limits.DescriptorCountDefault, Hard = Limits.DescriptorCountMax };

    /// <summary>One more than the highest descriptor that can be in use.</summary>
    public int Size => files.Length;

    /// <summary>The description behind a descriptor, or null.</summary>
    public OpenFile? this[int descriptor] => (uint)descriptor < (uint)files.Length ? files[descriptor] : null;

    /// <summary>The lowest free descriptor, or -1 when all are taken.</summary>
    public int FindFree(int from = 0)
    {
        for (int descriptor = from; descriptor < files.Length; descriptor++)
        {
            if (files[descriptor] is null)
            {
                return IsAllowed(descriptor) ? descriptor : -1;
            }
        }

        return IsAllowed(Math.Max(from, files.Length)) ? Math.Max(from, files.Length) : -1;
    }

    /// <summary>Whether the limit lets a descriptor be made.</summary>
    public bool IsAllowed(int descriptor) => descriptor >= 0 && (ulong)descriptor < Limit.Soft;

    /// <summary>FD_CLOEXEC of a descriptor that is open.</summary>
    public bool ClosesOnExec(int descriptor) => closesOnExec[descriptor];

    public void SetCloseOnExec(int descriptor, bool closes) => closesOnExec[descriptor] = closes;

    /// <summary>Lets a free descriptor name a description, which gains a reference.</summary>
    public void Set(int descriptor, OpenFile file, bool closesOnExec = false)
    {
        if (descriptor >= files.Length)
        {
            Grow(descriptor);
        }

        files[descriptor] = file;
        this.closesOnExec[descriptor] = closesOnExec;
        file.References++;
    }

    /// <summary>
    /// Frees a descriptor; the description is closed with its last reference. The process's record locks on the file go with
    /// any descriptor of it (POSIX.1-2017, fcntl).
    /// </summary>
    public Errno Close(CallContext context, Process process, int descriptor)
    {
        OpenFile? file = this[descriptor];
        if (file is null)
        {
            return Errno.BadDescriptor;
        }

        files[descriptor] = null;
        file.References--;
        file.Vnode?.Locks?.ReleaseProcess(process);
        Errno error = file.References == 0 ? file.Close(context) : Errno.None;
        (file as UnixSocket)?.NoteDescriptorClosed(context);
        return error;
    }

    /// <summary>Frees every descriptor.</summary>
    public void CloseAll(CallContext context, Process process)
    {
        for (int descriptor = 0; descriptor < files.Length; descriptor++)
        {
            // The result has nobody to go to: the process has ended.
            _ = Close(context, process, descriptor);
        }
    }

    private void Grow(int descriptor)
    {
        int size = files.Length;
        while (size <= descriptor)
        {
            size *= 2;
        }

        var larger = new OpenFile?[size];
        files.AsSpan().CopyTo(larger);
        files = larger;
        var flags = new bool[size];
        closesOnExec.AsSpan().CopyTo(flags);
        closesOnExec = flags;
    }
}
