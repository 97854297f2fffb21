using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>File access permissions (POSIX.1-2017, 4.5), of user and group ids.</summary>
internal static class Access
{
    public const uint Read = 4;
    public const uint Write = 2;
    public const uint Execute = 1;

    private const uint ExecuteBits = 0x49;
    private const uint Sticky = 0x200;

    /// <summary>Whether a process may do all of <paramref name="wanted"/> with a file.</summary>
    public static bool Allows(in FileAttributes file, Process process, uint wanted) =>
        Allows(file, process.Credentials.Acting, wanted);

    /// <summary>Whether an identity may do all of <paramref name="wanted"/> with a file.</summary>
    public static bool Allows(in FileAttributes file, in Identity identity, uint wanted)
    {
        if (identity.IsPrivileged)
        {
            // The privileged user may do everything, except to execute what nobody may execute.
            bool isDirectory = (file.Mode & FileMode.TypeMask) == FileMode.Directory;
            return (wanted & Execute) == 0 || isDirectory || (file.Mode & ExecuteBits) != 0;
        }

        int shift = identity.UserId == file.UserId ? 6 : identity.IsIn(file.GroupId) ? 3 : 0;
        return ((file.Mode >> shift) & wanted) == wanted;
    }

    /// <summary>Whether a process may change the attributes of a file that only its owner may change.</summary>
    public static bool Owns(in FileAttributes file, Process process) =>
        process.Credentials.Effective.IsPrivileged || process.Credentials.Effective.UserId == file.UserId;

    /// <summary>Whether a process may take a name out of a directory; the sticky bit restricts that to owners.</summary>
    public static Errno CheckRemoval(in FileAttributes directory, in FileAttributes file, Process process)
    {
        if (!Allows(directory, process, Write | Execute))
        {
            return Errno.AccessDenied;
        }

        bool isRestricted = (directory.Mode & Sticky) != 0 && !Owns(directory, process) && !Owns(file, process);
        return isRestricted ? Errno.NotPermitted : Errno.None;
    }
}
