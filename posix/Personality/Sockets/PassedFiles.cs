using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// Files on their way from one process to another (SCM_RIGHTS of unix(7)). Each is held as a descriptor would hold it, and counts for the
/// session of its sender until somebody has received it.
/// </summary>
internal sealed class PassedFiles
{
    private readonly OpenFile[] files;
    private readonly OpenFileCount inFlight;

    private PassedFiles(OpenFile[] files, OpenFileCount inFlight)
    {
        this.files = files;
        this.inFlight = inFlight;
    }

    /// <summary>Takes what descriptors of a process name; null for none.</summary>
    public static Errno TryTake(Process process, ReadOnlySpan<int> descriptors, out PassedFiles? passed)
    {
        passed = null;
        if (descriptors.Length == 0)
        {
            return Errno.None;
        }

        if (descriptors.Length > Limits.PassedFilesPerMessageMax)
        {
            return Errno.InvalidArgument;
        }

        var files = new OpenFile[descriptors.Length];
        for (int index = 0; index < files.Length; index++)
        {
            if (process.Descriptors[descriptors[index]] is not { } file)
            {
                return Errno.BadDescriptor;
            }

            files[index] = file;
        }

        OpenFileCount inFlight = process.Session.PassedFiles;
        if (!inFlight.HasRoomFor(files.Length))
        {
            return Errno.TooManyReferences;
        }

        foreach (OpenFile file in files)
        {
            _ = inFlight.TryEnter();
            file.References++;
            (file as UnixSocket)?.EnterMessage();
        }

        passed = new PassedFiles(files, inFlight);
        return Errno.None;
    }

    /// <summary>Gives the receiver descriptors, as far as there is room for them; the rest is closed.</summary>
    /// <returns>How many it has got.</returns>
    public int Install(CallContext context, Process process, Span<int> descriptors, bool closesOnExec)
    {
        int installed = 0;
        foreach (OpenFile file in files)
        {
            int descriptor = installed < descriptors.Length ? process.Descriptors.FindFree() : -1;
            if (descriptor >= 0)
            {
                process.Descriptors.Set(descriptor, file, closesOnExec);
                descriptors[installed++] = descriptor;
            }
        }

        Drop(context);
        return installed;
    }

    public int Count => files.Length;

    /// <summary>Adds the UNIX-domain sockets among them, as often as they are.</summary>
    public void AddSockets(List<UnixSocket> sockets)
    {
        foreach (OpenFile file in files)
        {
            if (file is UnixSocket socket)
            {
                sockets.Add(socket);
            }
        }
    }

    /// <summary>They are on no way any more.</summary>
    public void Drop(CallContext context)
    {
        foreach (OpenFile file in files)
        {
            inFlight.Leave();
            file.References--;
            (file as UnixSocket)?.LeaveMessage();
            if (file.References == 0)
            {
                _ = file.Close(context);
            }
        }
    }
}
