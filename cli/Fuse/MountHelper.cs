using System.Diagnostics;
using System.Runtime.InteropServices;
using RedLeafSharp.Cli.CommandLine;

namespace RedLeafSharp.Cli.Fuse;

/// <summary>
/// fusermount3 of the package fuse3: mounts for users who may not, since it is set-user-id, and hands the open /dev/fuse over a
/// socket (fusermount3(1); libfuse's lib/mount.c is the other side of this).
/// </summary>
internal static class MountHelper
{
    private const string Program = "fusermount3";
    private const string SocketVariable = "_FUSE_COMMFD";

    /// <summary>Whether the host has it.</summary>
    internal static bool IsThere => FindProgram() is not null;

    /// <summary>Mounts at a folder that the user may write to.</summary>
    /// <returns>The descriptor of the connection.</returns>
    /// <exception cref="CommandFailure">The helper refuses; it says why.</exception>
    internal static int Mount(string mountPoint)
    {
        using var sockets = SocketPair.Open();
        (int status, string error) = Run(
            start => start.Environment[SocketVariable] = $"{sockets.ForChild}",
            "-o", "rw,nosuid,nodev,fsname=redleaf,subtype=redleaf", "--", mountPoint);
        return status == 0
            ? sockets.ReceiveDescriptor()
            : throw new CommandFailure(error.Length > 0 ? error : $"{Program} ended with status {status}");
    }

    /// <summary>Takes a mount away, in any case when <paramref name="detaches"/>.</summary>
    /// <returns>False when it is in use.</returns>
    internal static bool TryUnmount(string mountPoint, bool detaches) =>
        Run(_ => { }, detaches ? ["-u", "-z", "--", mountPoint] : ["-u", "--", mountPoint]).Status == 0;

    private static (int Status, string Error) Run(Action<ProcessStartInfo> prepare, params string[] arguments)
    {
        var start = new ProcessStartInfo(FindProgram() ?? Program, arguments) { RedirectStandardError = true };
        prepare(start);
        using Process helper = Process.Start(start)!;
        string error = helper.StandardError.ReadToEnd().Trim();
        helper.WaitForExit();
        return (helper.ExitCode, error);
    }

    private static string? FindProgram() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Append("/bin")
        .Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);

    /// <summary>Two connected sockets, one of which a child inherits.</summary>
    private sealed class SocketPair(int own, int forChild) : IDisposable
    {
        private const int Unix = 1; // AF_UNIX
        private const int Stream = 1; // SOCK_STREAM
        private const int CloseOnExec = 0x80000; // SOCK_CLOEXEC
        private const int CloseReceived = 0x40000000; // MSG_CMSG_CLOEXEC

        // struct msghdr, iovec and cmsghdr of 64-bit Linux (sys/socket.h), one after another in a block of memory.
        private const int VectorOffset = 16;
        private const int VectorCountOffset = 24;
        private const int ControlOffset = 32;
        private const int ControlLengthOffset = 40;
        private const int MessageBytes = 56;
        private const int ByteAt = MessageBytes + 16;
        private const int ControlAt = ByteAt + 8;
        private const int RightsAt = ControlAt + 16;
        private const int ControlBytes = 24;
        private const int RightsLength = 20; // CMSG_LEN(sizeof(int))

        internal int ForChild { get; } = forChild;

        internal static SocketPair Open()
        {
            int[] ends = new int[2];
            if (MakePair(Unix, Stream | CloseOnExec, 0, ends) != 0)
            {
                throw new CommandFailure($"socketpair: {Marshal.GetLastPInvokeErrorMessage()}");
            }

            // A duplicate is inherited, unlike what it is of.
            int forChild = Duplicate(ends[1]);
            _ = Close(ends[1]);
            return new SocketPair(ends[0], forChild);
        }

        /// <summary>Receives the descriptor that the child has sent with one byte (unix(7), SCM_RIGHTS).</summary>
        internal int ReceiveDescriptor()
        {
            nint message = Marshal.AllocHGlobal(ControlAt + ControlBytes);
            try
            {
                for (int offset = 0; offset < ControlAt + ControlBytes; offset += sizeof(long))
                {
                    Marshal.WriteInt64(message, offset, 0);
                }

                Marshal.WriteIntPtr(message, VectorOffset, message + MessageBytes);
                Marshal.WriteIntPtr(message, VectorCountOffset, 1);
                Marshal.WriteIntPtr(message, ControlOffset, message + ControlAt);
                Marshal.WriteIntPtr(message, ControlLengthOffset, ControlBytes);
                Marshal.WriteIntPtr(message, MessageBytes, message + ByteAt);
                Marshal.WriteIntPtr(message, MessageBytes + sizeof(long), 1);
                bool isReceived = Receive(own, message, CloseReceived) == 1 && Marshal.ReadInt64(message, ControlAt) == RightsLength;
                return isReceived ? Marshal.ReadInt32(message, RightsAt) : throw new CommandFailure($"{Program} has sent nothing");
            }
            finally
            {
                Marshal.FreeHGlobal(message);
            }
        }

        public void Dispose()
        {
            _ = Close(own);
            _ = Close(ForChild);
        }

        [DllImport("libc", EntryPoint = "socketpair", SetLastError = true)]
        private static extern int MakePair(int domain, int type, int protocol, int[] ends);

        [DllImport("libc", EntryPoint = "dup", SetLastError = true)]
        private static extern int Duplicate(int descriptor);

        [DllImport("libc", EntryPoint = "close")]
        private static extern int Close(int descriptor);

        [DllImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
        private static extern nint Receive(int socket, nint message, int flags);
    }
}
