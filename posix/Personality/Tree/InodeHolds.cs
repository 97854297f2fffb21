using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// Holds on inodes. A process that is killed while it waits to get into the file system is unwound from there, so the
/// call has not been made; the end of a hold is made up for when the end of the process is reported.
/// </summary>
internal sealed class InodeHolds
{
    private readonly List<Location> abandoned = new();

    /// <summary>Holds an inode: it stays though its last name goes, and its file system stays mounted.</summary>
    public Errno Hold(CallContext context, Location location)
    {
        location.Mount.UseCount++;
        bool isHeld = false;
        try
        {
            Reply<Unit, Errno> reply = location.Mount.Files.Hold(context, location.Inode);
            isHeld = reply.IsOk;
            return reply.ErrorOf();
        }
        finally
        {
            location.Mount.UseCount -= isHeld ? 0 : 1;
        }
    }

    /// <summary>Ends one hold.</summary>
    public Errno Release(CallContext context, Location location)
    {
        bool isMade = false;
        try
        {
            Reply<Unit, Errno> reply = location.Mount.Files.Release(context, location.Inode);
            isMade = true;
            location.Mount.UseCount--;
            return reply.ErrorOf();
        }
        finally
        {
            if (!isMade)
            {
                abandoned.Add(location);
            }
        }
    }

    /// <summary>Ends the holds that killed processes have not come to end. The caller is one that is not killed.</summary>
    public void ReleaseAbandoned(CallContext context)
    {
        while (abandoned.Count > 0)
        {
            Location location = abandoned[^1];
            abandoned.RemoveAt(abandoned.Count - 1);
            _ = location.Mount.Files.Release(context, location.Inode);
            location.Mount.UseCount--;
        }
    }
}
