using System.Runtime.InteropServices;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.Host;

/// <summary>
/// The terminal that the command was started on. Its line discipline does the editing. Output goes by write(2): the framework's
/// stream hides a closed pipe, and programs inside must learn of it, or <c>redleaf run -c 'cat /dev/zero' | head</c> never ends.
/// </summary>
internal sealed class HostConsole : IHostConsole
{
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN
    private const short IsWritable = 4; // POLLOUT
    private const int GetDescriptorFlags = 1; // F_GETFD
    private const int ClosesOnExec = 1; // FD_CLOEXEC
    private const int StreamCount = 3;

    private readonly bool[] isOpen = [.. Enumerable.Range(0, StreamCount).Select(IsInherited)];
    private readonly Stream input = Console.OpenStandardInput();

    public int Read(Span<byte> buffer)
    {
        if (!isOpen[0])
        {
            return 0;
        }

        try
        {
            return input.Read(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0; // a directory, or a terminal that has gone: as if it were empty
        }
    }

    public Errno Write(int stream, ReadOnlySpan<byte> data)
    {
        if (!isOpen[stream])
        {
            return Errno.BadDescriptor;
        }

        while (!data.IsEmpty)
        {
            nint written = WriteBytes(stream, in MemoryMarshal.GetReference(data), data.Length);
            int error = written < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == TryAgain)
            {
                var descriptor = new PollDescriptor { Descriptor = stream, Events = IsWritable };
                _ = Poll(ref descriptor, 1, Timeout.Infinite);
            }
            else if (error is not (0 or Interrupted))
            {
                return (Errno)error; // the contract's numbers are Linux's
            }

            data = data[(int)Math.Max(written, 0)..];
        }

        return Errno.None;
    }

    public bool IsTerminal(int stream) => stream switch
    {
        0 => !Console.IsInputRedirected,
        1 => !Console.IsOutputRedirected,
        _ => !Console.IsErrorRedirected,
    };

    /// <summary>
    /// Whether a stream is the one that the command was started with. The number of a stream that was closed then (<c>&lt;&amp;-</c>)
    /// goes to the first thing that the runtime opens, a pipe of its own on which a read never ends. Unlike what was inherited, all
    /// that the runtime opens closes on exec.
    /// </summary>
    private static bool IsInherited(int stream)
    {
        int flags = DescriptorControl(stream, GetDescriptorFlags);
        return flags >= 0 && (flags & ClosesOnExec) == 0;
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int DescriptorControl(int descriptor, int command);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern nint WriteBytes(int descriptor, in byte data, nint length);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref PollDescriptor descriptor, nuint count, int milliseconds);

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Result;
    }
}
