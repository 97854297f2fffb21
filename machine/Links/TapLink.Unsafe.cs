using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// A TAP interface of Linux (Documentation/networking/tuntap.rst): what the system sends arrives at the host's interface, and the
/// other way round. Each frame is preceded by a virtio-net header (VIRTIO 1.1 section 5.1.6), so checksums and the cutting of TCP payload
/// can be left to Linux.
/// </summary>
internal sealed unsafe partial class TapLink : LinkPort
{
    private const int ReadWrite = 2; // O_RDWR
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    // linux/if_tun.h and linux/if.h.
    private const nuint SetInterface = 0x400454ca; // TUNSETIFF
    private const nuint SetOffload = 0x400454d0; // TUNSETOFFLOAD
    private const short Tap = 0x0002; // IFF_TAP
    private const short NoPacketInformation = 0x1000; // IFF_NO_PI
    private const short VnetHeader = 0x4000; // IFF_VNET_HDR
    private const nuint Offloads = 1 | 2 | 4; // TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6
    private const int InterfaceNameBytes = 16; // IFNAMSIZ
    private const int InterfaceRequestBytes = 40; // sizeof(struct ifreq)

    private const int NotPermitted = 1; // EPERM
    private const int NoEntry = 2; // ENOENT
    private const int Denied = 13; // EACCES
    private const int Busy = 16; // EBUSY

    /// <summary>The virtio-net header and the head of the frame.</summary>
    private const int HeadVectors = 2;

    private readonly FramePieces nothing = new();
    private readonly byte[] buffer = new byte[VirtioNetHeader.LengthBytes + LinkLimits.DatagramBytesMax];
    private int descriptor;
    private int waitingBytes;
    private readonly SegmentCutter cutter = new();
    private int shownBytes;
    private int shownAt;
    private FrameState shown;

    private TapLink(int descriptor) => this.descriptor = descriptor;

    internal override bool TakesUnfinished => true;

    internal override bool TakesPieces => true;

    internal override int Descriptor => descriptor;

    /// <summary>Frames that Linux did not take: the interface is down, or its queue is full.</summary>
    internal long RefusedCount { get; private set; }

    /// <summary>Attaches to an interface, which is made when it is not there.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="IOException">It cannot be; the message says why and what to do.</exception>
    internal static TapLink Open(string name)
    {
        if (name.Length is 0 or >= InterfaceNameBytes || name.Any(letter => letter is <= ' ' or > '~' or '/' or ':' or '%'))
        {
            throw new IOException($"'{name}' cannot be the name of an interface: 1 to {InterfaceNameBytes - 1} letters or digits");
        }

        int descriptor = OpenFile("/dev/net/tun", ReadWrite | NonBlocking | CloseOnExec);
        if (descriptor < 0)
        {
            throw Failure(name, "/dev/net/tun");
        }

        Span<byte> request = stackalloc byte[InterfaceRequestBytes];
        request.Clear();
        for (int index = 0; index < name.Length; index++)
        {
            request[index] = (byte)name[index];
        }

        const short Flags = Tap | NoPacketInformation | VnetHeader;
        MemoryMarshal.Write(request[InterfaceNameBytes..], Flags);

        // SAFETY: TUNSETIFF reads and writes a struct ifreq, which the span is as long as; it is on this stack during the call.
        fixed (byte* pointer = request)
        {
            if (Control(descriptor, SetInterface, (nuint)pointer) != 0)
            {
                IOException failure = Failure(name, "the interface");
                _ = Close(descriptor);
                throw failure;
            }
        }

        // Linux may leave checksums to the receiver, and hand over uncut what one read then brings instead of many: it is cut here.
        if (Control(descriptor, SetOffload, Offloads) != 0)
        {
            IOException failure = Failure(name, "leaving checksums out and frames whole");
            _ = Close(descriptor);
            throw failure;
        }

        return new TapLink(descriptor);
    }

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state) => Send(frame, nothing, in state);

    internal override void Send(ReadOnlySpan<byte> head, FramePieces tail, in FrameState state)
    {
        Span<byte> header = stackalloc byte[VirtioNetHeader.LengthBytes];
        VirtioNetHeader.From(in state).Write(header);
        Vector* vectors = stackalloc Vector[HeadVectors + FramePieces.CountMax];

        // SAFETY: head and header are pinned or on this stack during the call, pieces never move, and writev(2) reads no more than the
        // lengths given.
        fixed (byte* first = header, second = head)
        {
            vectors[0] = new Vector { Base = first, Length = (nuint)header.Length };
            vectors[1] = new Vector { Base = second, Length = (nuint)head.Length };
            for (int index = 0; index < tail.Count; index++)
            {
                ReadOnlySpan<byte> piece = tail[index];
                vectors[HeadVectors + index] = new Vector
                {
                    Base = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(piece)),
                    Length = (nuint)piece.Length,
                };
            }

            if (descriptor < 0 || WriteVector(descriptor, vectors, HeadVectors + tail.Count) < 0)
            {
                RefusedCount++;
            }
        }
    }

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        if (shownBytes == 0 && (cutter.HasMore || TryRead()))
        {
            ShowNext();
        }

        frame = buffer.AsSpan(shownAt, shownBytes);
        state = shown;
        return shownBytes > 0;
    }

    internal override void Take() => shownBytes = 0;

    public override void Dispose()
    {
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
            descriptor = -1;
        }
    }

    private bool TryRead()
    {
        if (descriptor < 0)
        {
            return false;
        }

        // SAFETY: the buffer is pinned during the call, and read(2) writes no more than its length.
        fixed (byte* pointer = buffer)
        {
            waitingBytes = (int)Read(descriptor, pointer, (nuint)buffer.Length) - VirtioNetHeader.LengthBytes;
        }

        if (waitingBytes <= 0)
        {
            return false;
        }

        shown = VirtioNetHeader.Parse(buffer).ToState();
        if (shown.SegmentBytes > 0)
        {
            _ = cutter.TryBegin(Waiting, in shown);
        }

        return true;
    }

    private Span<byte> Waiting => buffer.AsSpan(VirtioNetHeader.LengthBytes, waitingBytes);

    private void ShowNext()
    {
        (shownAt, shownBytes) = (VirtioNetHeader.LengthBytes, waitingBytes);
        if (cutter.HasMore)
        {
            shownBytes = cutter.Next(Waiting, out shown, out int at).Length;
            shownAt += at;
        }
    }

    private static IOException Failure(string name, string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException(error switch
        {
            NotPermitted or Denied => $"{name}: only root may make it, or its owner use it: sudo ip tuntap add dev {name} mode tap user $USER",
            NoEntry => $"{name}: the host has no {what}: is the module tun loaded?",
            Busy => $"{name}: another program is attached to it",
            _ => $"{name}: {what}: {Marshal.GetPInvokeErrorMessage(error)}",
        });
    }

    // SAFETY: the calls below are those of their manual pages; pointers are valid for the lengths that go with them.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, nuint argument);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, byte* data, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "writev")]
    private static partial nint WriteVector(int descriptor, Vector* vectors, int count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    /// <summary>struct iovec.</summary>
    private struct Vector
    {
        internal byte* Base;
        internal nuint Length;
    }
}
