using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// Ends holds on inodes. A process that is killed while it waits to get into the file system is unwound from there, so the
/// call has not been made; it is made up for when the end of the process is reported.
/// </summary>
internal sealed class InodeHolds(IFileSystem fileSystem)
{
    private readonly List<ulong> abandoned = new();

    /// <summary>Ends one hold.</summary>
    public Errno Release(CallContext context, ulong inode)
    {
        bool isMade = false;
        try
        {
            Reply<Unit, Errno> reply = fileSystem.Release(context, inode);
            isMade = true;
            return reply.ErrorOf();
        }
        finally
        {
            if (!isMade)
            {
                abandoned.Add(inode);
            }
        }
    }

    /// <summary>Ends the holds that killed processes have not come to end. The caller is one that is not killed.</summary>
    public void ReleaseAbandoned(CallContext context)
    {
        while (abandoned.Count > 0)
        {
            ulong inode = abandoned[^1];
            abandoned.RemoveAt(abandoned.Count - 1);
            _ = fileSystem.Release(context, inode);
        }
    }
}
