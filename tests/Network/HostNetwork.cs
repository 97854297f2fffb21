using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A network namespace of Linux with the other end of a TAP interface in it: Linux's own stack as the peer.</summary>
internal sealed class HostNetwork : IDisposable
{
    /// <summary>CLONE_NEWNET of linux/sched.h.</summary>
    private const int NewNetwork = 0x4000_0000;

    private static int count;

    private readonly string name = $"rl{Environment.ProcessId}x{Interlocked.Increment(ref count)}";

    private readonly string[] addresses;
    private TapLink? link;

    /// <param name="addresses">Linux's addresses with their prefixes.</param>
    internal HostNetwork(params string[] addresses)
    {
        this.addresses = addresses;
        Ip("netns", "add", name);
    }

    internal string Interface => name;

    /// <summary>This process's end; opened here.</summary>
    internal TapLink Open()
    {
        link = TapLink.Open(Interface);
        Attach();
        return link;
    }

    /// <summary>Moves the interface, which somebody has opened, to the namespace.</summary>
    internal void Attach()
    {
        Ip("link", "set", Interface, "netns", name);
        foreach (string address in addresses)
        {
            Ip("-n", name, "addr", "add", address, "dev", Interface, "nodad");
        }

        Ip("-n", name, "link", "set", Interface, "up");
        Ip("-n", name, "link", "set", "lo", "up");
    }

    /// <summary>Starts a program in the namespace.</summary>
    internal Task<(int ExitStatus, string Output)> Start(string tool, params string[] arguments) =>
        Task.Factory.StartNew(
            () => Outside.Run("ip", ["netns", "exec", name, tool, .. arguments]), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>Runs a program in the namespace, and waits for it.</summary>
    internal (int ExitStatus, string Output) Run(string tool, params string[] arguments) =>
        Outside.Run("ip", ["netns", "exec", name, tool, .. arguments]);

    /// <summary>Starts a program in the namespace that is ended by <see cref="Process.Kill()"/>.</summary>
    internal Process Launch(string tool, params string[] arguments) => Process.Start(
        new ProcessStartInfo("ip", ["netns", "exec", name, tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>A connection of Linux's stack: a socket belongs to the namespace of the thread that makes it.</summary>
    internal Socket Connect(string remote, int port)
    {
        Socket? made = null;
        var maker = new Thread(() =>
        {
            using SafeFileHandle space = File.OpenHandle($"/run/netns/{name}");
            if (Enter(space, NewNetwork) == 0)
            {
                made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            }
        });
        maker.Start();
        maker.Join();
        Socket socket = made ?? throw new InvalidOperationException("the namespace cannot be entered");
        try
        {
            socket.Connect(IPAddress.Parse(remote), port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        link?.Dispose();
        _ = Outside.Run("ip", "netns", "delete", name);
    }

    private static void Ip(params string[] arguments)
    {
        (int status, string output) = Outside.Run("ip", arguments);
        Assert.True(status == 0, $"ip {string.Join(' ', arguments)}: {output}");
    }

    [DllImport("libc", EntryPoint = "setns")]
    private static extern int Enter(SafeFileHandle space, int kind);
}
