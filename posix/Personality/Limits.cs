namespace RedLeafSharp.Posix.Personality;

/// <summary>Every bound of the personality, with its reason.</summary>
internal static class Limits
{
    /// <summary>NAME_MAX of ext4 and of every file system that this one may be copied to or from.</summary>
    public const int NameBytesMax = 255;

    /// <summary>PATH_MAX of Linux is 4,096 with the terminating NUL, which paths do not carry here.</summary>
    public const int PathBytesMax = 4095;

    /// <summary>Linux's MAXSYMLINKS: deeper is a loop for every practical purpose.</summary>
    public const int SymbolicLinkDepthMax = 40;

    /// <summary>Soft limit of a process's descriptors. Linux's is 1,024; no program here needs more than a dozen.</summary>
    public const int DescriptorCountDefault = 256;

    /// <summary>Hard limit of a process's descriptors, as on Linux: what a server of the host's files may ask for.</summary>
    public const int DescriptorCountMax = 4096;

    /// <summary>Open file descriptions in the system: 16 processes with full tables. Bounds the holds on inodes.</summary>
    public const int OpenFileCountMax = 4096;

    /// <summary>Processes, the dead that nobody has waited for included. Each is a domain with a stack of its own.</summary>
    public const int ProcessCountMax = 512;

    /// <summary>
    /// Processes of one session. Three eighths: two sessions that take all they can leave a quarter, and the longest pipeline of the
    /// shell, 128 members, fits in.
    /// </summary>
    public const int SessionProcessCountMax = ProcessCountMax * 3 / 8;

    /// <summary>Open file descriptions that one session has made; the same share, six processes with full tables.</summary>
    public const int SessionOpenFileCountMax = OpenFileCountMax * 3 / 8;

    /// <summary>Pipes that one session has made; the same share.</summary>
    public const int SessionPipeCountMax = PipeCountMax * 3 / 8;

    /// <summary>Process ids run from 1 to this and start again, as with Linux's default pid_max.</summary>
    public const int ProcessIdMax = 32767;

    /// <summary>Pipes in the system; with <see cref="PipeBytes"/> at most 32 MiB of the personality's memory.</summary>
    public const int PipeCountMax = 512;

    /// <summary>Most that one call of sendfile moves: MAX_RW_COUNT of Linux.</summary>
    public const int SendFileBytesMax = 0x7FFF_F000;

    /// <summary>What sendfile copies at a time: as much as a pipe takes, and as Linux's sendfile moves through one.</summary>
    public const int CopyBytes = PipeBytes;

    /// <summary>
    /// Buffers of so many bytes that are kept. A call has one for as long as it copies; more than a handful copy at once only when their
    /// outputs wait, and then nobody feels an allocation.
    /// </summary>
    public const int SpareBufferCountMax = 8;

    /// <summary>
    /// Pages that a file system lends for one call at a time: 256 KiB, after which asking three domains costs little beside the sending.
    /// Each process has room for as many ranges, from its first such call on.
    /// </summary>
    public const int LentRangeCountMax = 64;

    /// <summary>Shorter ranges are copied without asking: a stack does not send them where they lie, as packets have shorter buffers.</summary>
    public const int LentBytesMin = 2_176;

    /// <summary>Capacity of a pipe, as on Linux. A power of two.</summary>
    public const int PipeBytes = 64 * 1024;

    /// <summary>Those who wait for one file among others: calls of poll and epoll instances. Each costs every change a signal.</summary>
    public const int WatcherCountMax = 64;

    /// <summary>Files that an epoll instance waits for: as many as a process has descriptors.</summary>
    public const int EventPollMemberCountMax = DescriptorCountMax;

    /// <summary>Connections that wait to be accepted: SOMAXCONN of Linux before 5.4.</summary>
    public const int UnixBacklogMax = 128;

    /// <summary>Messages that wait in a UNIX datagram socket, as on Linux (net.unix.max_dgram_qlen, and one).</summary>
    public const int UnixDatagramCountMax = 11;

    /// <summary>Longest such message, and when a queue is full, too: Linux's default of SO_SNDBUF.</summary>
    public const int UnixDatagramBytesMax = 212_992 - 32;

    /// <summary>Descriptors in one message: SCM_MAX_FD of Linux.</summary>
    public const int PassedFilesPerMessageMax = 253;

    /// <summary>Files that are in messages nobody has received; a socket that is sent through itself stays there.</summary>
    public const int PassedFilesMax = 1024;

    /// <summary>Of one session; the same share as of open files.</summary>
    public const int SessionPassedFilesMax = PassedFilesMax * 3 / 8;

    /// <summary>
    /// Closed files whose objects are kept for the next open, which then allocates nothing. More than a handful are closed in a row only
    /// when many are open, and those are worth collecting.
    /// </summary>
    public const int SpareFileCountMax = 32;

    /// <summary>A process whose calls do not wait gives way after this long; nobody feels it.</summary>
    public const long TimeSliceMicros = 5_000;

    /// <summary>One of so many calls looks at the clock for that; a power of two. Reading it is a tenth of a stat.</summary>
    public const int CallsPerClockReading = 8;

    /// <summary>PIPE_BUF: writes up to this size are not interleaved with others (POSIX asks for at least 512).</summary>
    public const int PipeAtomicBytes = 4096;

    /// <summary>ARG_MAX: what one process may be given as arguments; Linux's limit for one string.</summary>
    public const int ArgumentBytesMax = 128 * 1024;

    /// <summary>A step of reading a directory for getcwd; holds at least a hundred entries with the longest names.</summary>
    public const int DirectoryBufferBytes = 32 * 1024;

    /// <summary>How deep directories may lie for getcwd and rename to reach the root: half of what a path has bytes.</summary>
    public const int DirectoryDepthMax = 2048;

    /// <summary>File systems in the tree. Each name that is looked up is compared with where they are mounted.</summary>
    public const int MountCountMax = 32;

    /// <summary>Record locks on one file. A database takes a handful; each costs the others a comparison.</summary>
    public const int RecordLockCountMax = 1024;

    /// <summary>Supplementary groups of a process: NGROUPS_MAX, of which POSIX asks for 8.</summary>
    public const int GroupCountMax = 64;

    /// <summary>Longest name of an extended attribute, as on Linux.</summary>
    public const int AttributeNameBytesMax = 255;

    /// <summary>What of a file of /proc is made up at a time; longer ones are cut off.</summary>
    public const int ReportBytesMax = 64 * 1024;
}
