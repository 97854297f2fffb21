using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Processes;

namespace RedLeafSharp.Cli.Fuse;

/// <summary>What the workers of a mount share. They run one at a time, and change it between two calls only.</summary>
internal sealed record FuseSession(FuseDevice Device, HostDescriptorWait Requests, IFileExport Files, NodeTable Nodes);

/// <summary>
/// A process of the system that serves requests: reads one, makes the calls, writes the reply. This part is the loop; the other
/// parts are the operations.
/// </summary>
/// <remarks>
/// The handlers never wait for another request of Linux, so each one ends, and an INTERRUPT can be ignored: what it wants to end
/// is about to be answered (fuse.rst, "Interrupting filesystem operations").
/// </remarks>
internal sealed partial class FuseWorker
{
    private readonly FuseSession session;
    private readonly IFileExport files;
    private readonly NodeTable nodes;
    private readonly byte[] requestMessage = GC.AllocateUninitializedArray<byte>(FuseLimits.RequestBytes, pinned: true);
    private readonly byte[] replyMessage = GC.AllocateUninitializedArray<byte>(FuseLimits.ReplyBytes, pinned: true);
    private readonly byte[] listing = new byte[FuseLimits.ListingBytes];

    /// <summary>The references that the reply under construction gives to Linux.</summary>
    private readonly List<ulong> granted = [];

    internal FuseWorker(FuseSession session)
    {
        this.session = session;
        files = session.Files;
        nodes = session.Nodes;
    }

    /// <summary>Serves until the mount is gone or <paramref name="isStopping"/> says so.</summary>
    /// <exception cref="IOException">The connection fails.</exception>
    internal void Run(CallContext context, Func<bool> isStopping)
    {
        session.Requests.Enter();
        try
        {
            int idleReads = 0;
            while (!isStopping())
            {
                int length = session.Device.Read(requestMessage);
                idleReads = length > 0 ? 0 : idleReads + 1;
                if (length > 0)
                {
                    Serve(context, requestMessage.AsSpan(0, length));
                }
                else if (length == -FuseDevice.TryAgain)
                {
                    session.Requests.Wait(context);
                }
                else if (length == -FuseDevice.NoDevice)
                {
                    return;
                }
                else if (length is not (-FuseDevice.NoEntry or -FuseDevice.Interrupted) || idleReads > FuseLimits.IdleReadsMax)
                {
                    throw new IOException($"{session.Device.MountPoint}: reading a request failed with error {-length}");
                }
            }
        }
        finally
        {
            session.Requests.Leave();
        }
    }

    private void Serve(CallContext context, ReadOnlySpan<byte> message)
    {
        if (!FuseRequest.TryParse(message, out FuseRequest request))
        {
            return; // nothing in it says what to answer
        }

        var reply = new FuseReply(replyMessage);
        Errno error = Dispatch(context, ref request, ref reply);
        if (reply.IsSilent)
        {
            return;
        }

        reply.Finish(request.Header.Unique, error);
        int written = session.Device.Write(replyMessage, reply.LengthBytes);
        if (written != 0)
        {
            // Nobody waits for it any more, so Linux has not taken the references either.
            foreach (ulong inode in granted)
            {
                Forget(context, inode, 1);
            }
        }

        granted.Clear();
    }

    private Errno Dispatch(CallContext context, ref FuseRequest request, ref FuseReply reply) => request.Header.Operation switch
    {
        FuseOperation.Lookup => Lookup(context, ref request, ref reply),
        FuseOperation.GetAttributes => GetAttributes(context, ref request, ref reply),
        FuseOperation.Read => Read(context, ref request, ref reply),
        FuseOperation.Write => Write(context, ref request, ref reply),
        FuseOperation.Create => Create(context, ref request, ref reply),
        FuseOperation.SetAttributes => SetAttributes(context, ref request, ref reply),
        FuseOperation.ReadDirectory => List(context, ref request, ref reply, hasAttributes: false),
        FuseOperation.ReadDirectoryPlus => List(context, ref request, ref reply, hasAttributes: true),
        FuseOperation.ReadLink => ReadLink(context, ref request, ref reply),
        FuseOperation.SymbolicLink => MakeSymbolicLink(context, ref request, ref reply),
        FuseOperation.MakeNode => MakeNode(context, ref request, ref reply),
        FuseOperation.MakeDirectory => MakeDirectory(context, ref request, ref reply),
        FuseOperation.Unlink => Remove(context, ref request, isDirectory: false),
        FuseOperation.RemoveDirectory => Remove(context, ref request, isDirectory: true),
        FuseOperation.Rename => Rename(context, ref request, hasFlags: false),
        FuseOperation.Rename2 => Rename(context, ref request, hasFlags: true),
        FuseOperation.Link => Link(context, ref request, ref reply),
        FuseOperation.Sync or FuseOperation.SyncDirectory => Sync(context, ref request),
        FuseOperation.GetExtendedAttribute => GetExtendedAttribute(context, ref request, ref reply),
        FuseOperation.SetExtendedAttribute => SetExtendedAttribute(context, ref request),
        FuseOperation.ListExtendedAttributes => ListExtendedAttributes(context, ref request, ref reply),
        FuseOperation.RemoveExtendedAttribute => RemoveExtendedAttribute(context, ref request),
        FuseOperation.Allocate => Allocate(context, ref request),
        FuseOperation.Seek => Seek(context, ref request, ref reply),
        FuseOperation.GetStatus => GetStatus(context, ref reply),
        FuseOperation.Release or FuseOperation.ReleaseDirectory or FuseOperation.Destroy => Errno.None,
        FuseOperation.Forget => Forget(context, ref request, ref reply),
        FuseOperation.BatchForget => ForgetMany(context, ref request, ref reply),
        FuseOperation.Interrupt => Ignore(ref reply),
        FuseOperation.Initialize => Initialize(ref request, ref reply),

        // Linux does without these, and does not ask again: OPEN and OPENDIR have nothing to do (see NodeTable), FLUSH and ACCESS
        // neither, and locks are kept by Linux, through which every user of the files goes.
        _ => Errno.NotImplemented,
    };

    private static Errno Ignore(ref FuseReply reply)
    {
        reply.IsSilent = true;
        return Errno.None;
    }

    private static Errno Initialize(ref FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryTake(out InitializeRequest offer))
        {
            return Errno.InvalidArgument;
        }

        const FuseFeatures Wanted = FuseFeatures.AsyncRead | FuseFeatures.BigWrites | FuseFeatures.ReadDirectoryPlus
            | FuseFeatures.ReadDirectoryPlusAuto | FuseFeatures.AsyncDirect | FuseFeatures.NoOpen
            | FuseFeatures.ParallelDirectories | FuseFeatures.MaxPages | FuseFeatures.CacheSymbolicLinks
            | FuseFeatures.NoOpenDirectory | FuseFeatures.KillSetIds;
        reply.Put(new InitializeReply
        {
            Major = FuseSpec.Major,
            Minor = FuseSpec.Minor,
            ReadAheadBytesMax = offer.ReadAheadBytesMax,
            Features = offer.Features & Wanted,
            BackgroundMax = FuseLimits.BackgroundMax,
            CongestionThreshold = FuseLimits.CongestionThreshold,
            WriteBytesMax = FuseLimits.TransferBytes,
            TimeGranularityNanoseconds = 1,
            PagesMax = (ushort)(FuseLimits.TransferBytes / Environment.SystemPageSize),
        });
        return Errno.None;
    }

    private Errno GetStatus(CallContext context, ref FuseReply reply)
    {
        Reply<FileSystemStatus, Errno> status = files.GetStatus(context);
        if (!status.IsOk)
        {
            return ErrorOf(status);
        }

        FileSystemStatus value = status.Value;
        reply.Put(new StatusReply
        {
            BlockCount = value.BlockCount,
            FreeBlockCount = value.FreeBlockCount,
            AvailableBlockCount = value.AvailableBlockCount,
            InodeCount = value.InodeCount,
            FreeInodeCount = value.FreeInodeCount,
            BlockBytes = (uint)value.BlockBytes,
            NameBytesMax = (uint)value.NameBytesMax,
            FragmentBytes = (uint)value.BlockBytes,
        });
        return Errno.None;
    }

    private Errno Forget(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        reply.IsSilent = true;
        if (request.TryTake(out ForgetRequest forget))
        {
            Forget(context, nodes.InodeOf(request.Header.Node), forget.Count);
        }

        return Errno.None;
    }

    private Errno ForgetMany(CallContext context, ref FuseRequest request, ref FuseReply reply)
    {
        reply.IsSilent = true;
        _ = request.TryTake(out BatchForgetRequest batch);
        for (uint index = 0; index < batch.Count && request.TryTake(out ForgetOne one); index++)
        {
            Forget(context, nodes.InodeOf(one.Node), one.Count);
        }

        return Errno.None;
    }

    private void Forget(CallContext context, ulong inode, ulong count)
    {
        if (nodes.Forget(inode, count))
        {
            // The file goes with this hold; an error on the way is the file system's to report.
            _ = files.Release(context, inode);
        }
    }

    /// <summary>A fault is EIO: Linux cannot tell a dead domain from a failed disk.</summary>
    private static Errno ErrorOf<T>(Reply<T, Errno> reply)
        where T : unmanaged => reply.IsFault ? Errno.InputOutput : reply.Error;
}
