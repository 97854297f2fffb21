using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>Which sockets of the host are ready: epoll(7), level-triggered, asked without waiting.</summary>
internal sealed unsafe partial class HostPoll : IDisposable
{
    internal const uint Readable = 1; // EPOLLIN
    internal const uint Writable = 4; // EPOLLOUT
    internal const uint Broken = 8 | 16; // EPOLLERR, EPOLLHUP; always reported

    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC
    private const int Add = 1; // EPOLL_CTL_ADD
    private const int Remove = 2; // EPOLL_CTL_DEL
    private const int Modify = 3; // EPOLL_CTL_MOD

    private readonly Event[] events = new Event[LinkLimits.HostEventsPerRound];
    private int descriptor;
    private int count;

    internal HostPoll()
    {
        descriptor = Create(CloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException($"the host gives no epoll: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Can be read when a socket is ready.</summary>
    internal int Descriptor => descriptor;

    /// <summary>Asks which sockets are ready; they are told by <see cref="Ready"/>.</summary>
    internal int Ask()
    {
        // SAFETY: the array is pinned during the call, and epoll_wait(2) writes no more entries than it has.
        fixed (Event* pointer = events)
        {
            count = Math.Max(Wait(descriptor, pointer, events.Length, 0), 0);
        }

        return count;
    }

    /// <summary>One of those that the last <see cref="Ask"/> has found.</summary>
    internal (uint Events, ulong Token) Ready(int index) => (events[index].Events, events[index].Token);

    internal void Watch(Socket socket, uint wanted, ulong token) => Change(Add, socket, wanted, token);

    internal void Rewatch(Socket socket, uint wanted, ulong token) => Change(Modify, socket, wanted, token);

    internal void Forget(Socket socket) => Change(Remove, socket, 0, 0);

    public void Dispose()
    {
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
            descriptor = -1;
        }
    }

    private void Change(int operation, Socket socket, uint wanted, ulong token)
    {
        var one = new Event { Events = wanted, Token = token };

        // SAFETY: epoll_ctl(2) reads one event, which is on this stack; the socket is open, so its descriptor is its own.
        _ = Control(descriptor, operation, (int)socket.Handle, &one);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    private static partial int Control(int descriptor, int operation, int target, Event* wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int Wait(int descriptor, Event* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    /// <summary>struct epoll_event, which is packed on x86-64 and only there (linux/eventpoll.h).</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Event
    {
        internal uint Events;
        internal ulong Token;
    }
}
