namespace RedLeafSharp.Tests.Posix;

/// <summary>How a call of POSIX is there.</summary>
internal enum Support
{
    Supported,
    Partial,
    Absent,
}

/// <summary>A line of the table in docs/posix.md.</summary>
/// <param name="Calls">The calls, as C has them.</param>
/// <param name="Support">Whether they are there.</param>
/// <param name="By">Methods of ISystem or PlainCalls that do it, between spaces.</param>
/// <param name="Note">What differs, or why it is absent.</param>
internal sealed record CallLine(string Calls, Support Support, string By, string Note);

/// <summary>
/// The calls of POSIX.1-2017 that concern files (XRAT E.1: POSIX_DEVICE_IO, POSIX_FD_MGMT, POSIX_FIFO, POSIX_FILE_ATTRIBUTES,
/// POSIX_FILE_SYSTEM, POSIX_PIPE, POSIX_SYMBOLIC_LINKS, POSIX_USER_GROUPS and their XSI counterparts), and what of Linux is there
/// beside them. docs/posix.md is made of it, and reflection holds it against the contract.
/// </summary>
internal static class CallTable
{
    internal static readonly (string Title, CallLine[] Lines)[] Sections =
    [
        ("Descriptors and data",
        [
            new("open, openat, creat", Support.Supported, "Open", "all flags but O_SEARCH, O_EXEC, O_RSYNC, O_TTY_INIT, which Linux lacks, too; O_PATH of Linux; with O_CREAT a file's name and a slash is ENOTDIR, as POSIX has it (Linux: EISDIR)"),
            new("close", Support.Supported, "Close", ""),
            new("read, write", Support.Supported, "Read Write", "a broken pipe is EPIPE and SIGPIPE"),
            new("pread, pwrite", Support.Supported, "ReadAt WriteAt", "pwrite ignores O_APPEND, as POSIX has it and Linux does not; an offset past the largest is EFBIG (Linux: EINVAL)"),
            new("readv, writev, preadv, pwritev", Support.Supported, "ReadVector WriteVector ReadVectorAt WriteVectorAt", "the library gathers or scatters, around one call of the contract"),
            new("sendfile (Linux)", Support.Supported, "SendFile SendFileAt", "of regular files; a pipe that waits takes all of it (Linux: as much as fits at once)"),
            new("lseek", Support.Supported, "Seek", "with SEEK_DATA and SEEK_HOLE"),
            new("dup, dup2, dup3", Support.Supported, "Duplicate Control", ""),
            new("fcntl", Support.Partial, "Control LockRecord", "F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW; no F_GETOWN, F_SETOWN: no SIGIO"),
            new("lockf", Support.Supported, "LockRecord", "is fcntl's F_SETLK with an offset from the present one"),
            new("flock (BSD)", Support.Supported, "LockFile", ""),
            new("fsync, fdatasync", Support.Supported, "SyncDescriptor", ""),
            new("sync", Support.Supported, "Sync", "reports errors"),
            new("posix_fallocate, fallocate (Linux)", Support.Supported, "Allocate", "what the file system has of the modes"),
            new("posix_fadvise", Support.Absent, "", "no access pattern is taken into account"),
            new("pipe, pipe2", Support.Supported, "MakePipe", "64 KiB; writes up to 4,096 bytes are atomic"),
            new("isatty", Support.Supported, "IsTerminal", "false instead of ENOTTY"),
            new("ttyname, tcgetattr, tcsetattr, ioctl", Support.Absent, "", "the console is the host's, with its line discipline"),
            new("poll, ppoll (Linux), select, pselect", Support.Supported, "Poll Select", "without signal masks; the console is always ready"),
            new("epoll_create, epoll_ctl, epoll_wait (Linux)", Support.Partial, "MakeEventPoll ControlEventPoll WaitEventPoll", "level, edge, one-shot; no epoll instance in another one"),
            new("mmap, msync, munmap", Support.Absent, "", "there are no address spaces; programs see memory of their own only"),
            new("aio_read and the others of aio", Support.Absent, "", "a call waits; what is beside it is another process"),
        ]),
        ("Names",
        [
            new("mkdir, mkdirat", Support.Supported, "MakeDirectory", ""),
            new("rmdir, unlink, unlinkat", Support.Supported, "Unlink RemoveDirectory", "unlink of a directory is EPERM, as POSIX has it (Linux: EISDIR)"),
            new("link, linkat", Support.Supported, "Link", "without AT_SYMLINK_FOLLOW a symbolic link is linked itself"),
            new("symlink, symlinkat", Support.Supported, "MakeSymbolicLink", ""),
            new("readlink, readlinkat", Support.Supported, "ReadSymbolicLink", ""),
            new("rename, renameat, renameat2 (Linux)", Support.Supported, "Rename", "RENAME_NOREPLACE and RENAME_EXCHANGE; EINVAL for a last \".\" or \"..\", EISDIR for a file that is to replace the directory it is in, as POSIX has it (Linux: EBUSY, ENOTEMPTY)"),
            new("mkfifo, mkfifoat, mknod, mknodat", Support.Supported, "MakeNode MakeFifo", "device nodes for user 0 only"),
            new("opendir, fdopendir, readdir, closedir, rewinddir", Support.Supported, "Open ReadDirectory Seek Close", "getdents of Linux; the library makes the rest of it"),
            new("telldir, seekdir", Support.Supported, "Seek", "the offset is the file system's cookie"),
            new("mkstemp, mkdtemp, tmpfile, tmpnam", Support.Absent, "", "library"),
            new("realpath, glob, fnmatch, ftw, nftw, scandir", Support.Absent, "", "library"),
        ]),
        ("Attributes",
        [
            new("stat, lstat, fstat, fstatat", Support.Supported, "GetAttributes GetDescriptorAttributes", ""),
            new("chmod, fchmod, fchmodat", Support.Supported, "SetAttributes SetDescriptorAttributes", "EOPNOTSUPP for a symbolic link itself"),
            new("chown, lchown, fchown, fchownat", Support.Supported, "SetAttributes SetDescriptorAttributes", "only user 0 gives files away; set-id bits go"),
            new("truncate, ftruncate", Support.Supported, "SetAttributes SetDescriptorAttributes", ""),
            new("utimensat, futimens, utimes, utime", Support.Supported, "SetAttributes SetDescriptorAttributes", "with UTIME_NOW and UTIME_OMIT"),
            new("access, faccessat", Support.Supported, "CheckAccess", "with AT_EACCESS"),
            new("umask", Support.Supported, "SetFileModeMask", ""),
            new("getxattr, setxattr, listxattr, removexattr and their kin (Linux)", Support.Supported,
                "GetExtendedAttribute SetExtendedAttribute ListExtendedAttributes RemoveExtendedAttribute", "user., trusted. and security.; no ACLs"),
            new("statvfs, fstatvfs", Support.Supported, "GetFileSystemStatus", ""),
            new("pathconf, fpathconf", Support.Absent, "", "constants: NAME_MAX 255, PATH_MAX 4096, PIPE_BUF 4096, SYMLOOP_MAX 40, LINK_MAX as the file system has it"),
        ]),
        ("The tree",
        [
            new("chdir, fchdir", Support.Supported, "ChangeDirectory", ""),
            new("getcwd", Support.Supported, "GetWorkingDirectory", "computed by walking up, so a renamed parent shows"),
            new("chroot (Linux)", Support.Supported, "ChangeRoot", "user 0 only"),
            new("mount, umount (Linux)", Support.Partial, "Mount Unmount", "file systems that the system file names, proc and devfs; MS_RDONLY only"),
        ]),
        ("Sockets",
        [
            new("socket, socketpair", Support.Partial, "MakeSocket MakeSocketPair", "IPv4 and IPv6: stream, datagram, raw (user 0); UNIX: stream, datagram; AF_PACKET: raw, to look at frames (user 0)"),
            new("bind, listen, accept, accept4 (Linux), connect", Support.Supported, "Bind Listen Accept Connect", "no UNIX name is made up for an empty one"),
            new("send, sendto, sendmsg", Support.Partial, "Send SendTo SendMessage SendDescriptors", "of control messages SCM_RIGHTS; MSG_OOB of TCP only"),
            new("send with MSG_ZEROCOPY (Linux)", Support.Partial, "SendLent", "of pages that the program has lent; a loan that can be ended says that they are sent; EOPNOTSUPP instead of a copy"),
            new("TCP_ZEROCOPY_RECEIVE (Linux)", Support.Partial, "ReceivePages", "into pages of the exchange heap, with one copy"),
            new("recv, recvfrom, recvmsg", Support.Partial, "Receive ReceiveFrom ReceiveMessage ReceiveDescriptors", "of control messages SCM_RIGHTS; MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_DONTWAIT, MSG_OOB, MSG_CMSG_CLOEXEC"),
            new("shutdown", Support.Supported, "Shutdown", ""),
            new("getsockname, getpeername", Support.Supported, "GetSocketName GetPeerName", ""),
            new("getsockopt, setsockopt", Support.Partial, "GetSocketOption SetSocketOption ChangeGroup GetConnectionInfo", "the options of SocketOption, groups, TCP_INFO; buffer sizes are told as they were set (Linux: twice); SO_BINDTODEVICE not of streams, no SO_RCVLOWAT"),
            new("sockatmark, socket ioctls", Support.Partial, "GetSocketOption", "SIOCATMARK, FIONREAD and SIOCOUTQ are options"),
            new("rtnetlink (Linux)", Support.Partial, "ListLinks ChangeLink AddLink RemoveLink ListAddresses ChangeAddress ListRoutes FindRoute ChangeRoute ListNeighbors ChangeNeighbor UseStack", "calls of their own, not a netlink socket; UseStack is setns of a network"),
        ]),
        ("Processes",
        [
            new("posix_spawn", Support.Partial, "Spawn", "programs come from the system's list: a name alone, or under /bin or /usr/bin; file actions are dup2 and close; no signal masks, no scheduling"),
            new("fork, exec", Support.Absent, "", "a domain cannot be copied; spawn is there"),
            new("waitpid, wait", Support.Partial, "WaitForChild", "-1 and single children; WNOHANG"),
            new("kill", Support.Partial, "Kill", "signals 0, 9, 13 and 15; no groups, no handlers; host processes are EPERM"),
            new("sigaction and the others of signals", Support.Partial, "SetSignalIgnored", "SIG_IGN and SIG_DFL of SIGPIPE; domains are not interrupted"),
            new("getpid, getppid, getuid, geteuid, getgid, getegid", Support.Supported, "GetIds GetProcessId", ""),
            new("setuid, setgid", Support.Supported, "SetId", ""),
            new("seteuid, setegid, setreuid, setregid, setresuid (Linux), setresgid (Linux)", Support.Supported, "SetIds", "setresuid is the general form"),
            new("getgroups, setgroups (Linux)", Support.Supported, "GetGroups SetGroups", ""),
            new("getrlimit, setrlimit", Support.Partial, "GetLimit SetLimit", "RLIMIT_NOFILE and RLIMIT_FSIZE; a file that is too large is EFBIG without SIGXFSZ"),
            new("argv, environ", Support.Supported, "GetArguments GetEnvironment", ""),
            new("nanosleep", Support.Supported, "Sleep", ""),
            new("clock_gettime", Support.Partial, "GetTime", "CLOCK_REALTIME only"),
            new("ps(1)", Support.Supported, "ListProcesses GetProcessName", "also /proc"),
        ]),
    ];
}
