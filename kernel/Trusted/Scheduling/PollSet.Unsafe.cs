using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RedLeafSharp.Native;

namespace RedLeafSharp.Scheduling;

/// <summary>
/// Descriptors of the host that a leader without work watches while it sleeps (ppoll(2)): frames that arrive at a network link wake it.
/// A bell among them (eventfd(2)) wakes it for all else.
/// </summary>
/// <remarks>One thread sleeps at a time; any may ring. The descriptors stay open for as long as there is one that sleeps.</remarks>
internal sealed unsafe partial class PollSet
{
    private const short Readable = 1; // POLLIN
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC
    private const int NonBlocking = 0x800; // EFD_NONBLOCK

    private readonly int[] descriptors;
    private readonly SafeFileHandle bell;

    /// <param name="descriptors">What is watched; few, since each sleep names them all to Linux.</param>
    /// <exception cref="IOException">The host gives no descriptor for the bell.</exception>
    internal PollSet(ReadOnlySpan<int> descriptors)
    {
        this.descriptors = descriptors.ToArray();
        bell = Linux.MakeEvent(0, CloseOnExec | NonBlocking);
        if (bell.IsInvalid)
        {
            throw new IOException($"the host gives no eventfd: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    internal ReadOnlySpan<int> Descriptors => descriptors;

    /// <summary>Ends a sleep, or the next one.</summary>
    internal void Ring()
    {
        ulong one = 1;

        // SAFETY: write(2) reads the eight bytes on this stack. A bell that is full rings already.
        _ = Linux.Write(bell, &one, sizeof(ulong));
    }

    /// <summary>Sleeps until a descriptor can be read, somebody rings, or time is up; early returns are possible.</summary>
    /// <returns>Whether a descriptor can be read, has an error, or is closed.</returns>
    internal bool Sleep(long timeoutMicros)
    {
        Linux.PollDescriptor* all = stackalloc Linux.PollDescriptor[descriptors.Length + 1];
        all[0] = new Linux.PollDescriptor { Descriptor = (int)bell.DangerousGetHandle(), Events = Readable };
        for (int index = 0; index < descriptors.Length; index++)
        {
            all[index + 1] = new Linux.PollDescriptor { Descriptor = descriptors[index], Events = Readable };
        }

        var timeout = new Linux.TimeSpec { Seconds = timeoutMicros / 1_000_000, Nanoseconds = timeoutMicros % 1_000_000 * 1000 };
        Linux.TimeSpec* limit = timeoutMicros == KernelEvent.Forever ? null : &timeout;

        // SAFETY: ppoll(2) reads and writes that many entries, which are on this stack like the time; the handle is open, since this
        // object keeps it.
        int count = Linux.Poll(all, (nuint)descriptors.Length + 1, limit, null);
        bool isRung = count > 0 && all[0].Result != 0;
        if (isRung)
        {
            ulong rings;

            // SAFETY: read(2) writes eight bytes, to this stack.
            _ = Linux.Read(bell, &rings, sizeof(ulong));
        }

        return count > (isRung ? 1 : 0);
    }
}
