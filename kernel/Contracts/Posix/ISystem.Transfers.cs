namespace RedLeafSharp.Contracts;

/// <content>Sending what lies in files and pages, and receiving into pages.</content>
public partial interface ISystem
{
    /// <summary>
    /// sendfile(2) from the input's offset, which moves by what has gone. A stream of the internet sends a file's pages where they lie when
    /// the file system lends them and the packets' way has a device that makes checksums; everything else is copied, inside the system.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="output">A descriptor that is open to write; on one that is open to append it is <see cref="Errno.InvalidArgument"/>.</param>
    /// <param name="input">A regular file that is open to read; other kinds are <see cref="Errno.InvalidArgument"/>.</param>
    /// <param name="lengthBytes">Most bytes to move; of more than 0x7ffff000 that many are moved.</param>
    /// <returns>
    /// Bytes moved: fewer at the end of the file, where it is 0, and where a <see cref="Write"/> to the output would write fewer; errors,
    /// and SIGPIPE, are those of <see cref="Write"/>, and come when nothing has gone.
    /// </returns>
    Reply<int, Errno> SendFile(CallContext context, int output, int input, int lengthBytes);

    /// <summary>sendfile(2) from an offset; the input's own stays. Otherwise as <see cref="SendFile"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="output">As for <see cref="SendFile"/>.</param>
    /// <param name="input">As for <see cref="SendFile"/>; <see cref="Errno.IllegalSeek"/> for what has no offsets.</param>
    /// <param name="offset">First byte to move.</param>
    /// <param name="lengthBytes">As for <see cref="SendFile"/>.</param>
    /// <returns>As <see cref="SendFile"/>.</returns>
    Reply<int, Errno> SendFileAt(CallContext context, int output, int input, ulong offset, int lengthBytes);

    /// <summary>Sends bytes where they lie, in pages of the caller's own: nobody copies them.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">A connected stream of the internet.</param>
    /// <param name="ranges">
    /// What to send, in order, in buffers of one page that the caller has lent for devices to read
    /// (<see cref="PageBuffer.Lend(CallContext, LoanAccess)"/>). It ends the loan itself; devices map a page until the peer has acknowledged
    /// its bytes or the connection is gone, and as long it cannot end.
    /// </param>
    /// <param name="flags">How.</param>
    /// <returns>
    /// Ranges taken, each as a whole: fewer where <see cref="Send"/> would send fewer bytes, and before one that is not taken.
    /// <see cref="Errno.NotSupported"/> when the first one has to be copied: it is short, in a page that the caller has not lent, the packets'
    /// way has no device that makes checksums, or the socket is no stream of the internet. The other errors, and SIGPIPE, are those of
    /// <see cref="Send"/>.
    /// </returns>
    Reply<int, Errno> SendLent(CallContext context, int descriptor, ReadOnlySpan<PageRange> ranges, SocketFlags flags);

    /// <summary>
    /// Receives into pages, which are the caller's from here on; waits as <see cref="Receive"/> does. The bytes are copied once, from the
    /// buffers of their packets, which have headers in front.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">A connected stream of the internet; other sockets are <see cref="Errno.NotSupported"/>.</param>
    /// <param name="lengthBytes">Most bytes to receive; 1 to what the largest page buffer holds.</param>
    /// <param name="receivedBytes">Bytes in the pages, from their start; 0 is the end of the stream, with pages all the same.</param>
    Reply<PageBuffer, Errno> ReceivePages(CallContext context, int descriptor, int lengthBytes, out int receivedBytes);
}
