using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The ext4 file system as a domain: mounts the disk that it is given. Settings: <c>format</c> ("true" makes a new file
/// system first), <c>label</c>, <c>readOnly</c> ("true"), <c>cachePages</c> (4 KiB each), <c>commitSeconds</c>.
/// </summary>
[CompletesCalls]
public sealed class Ext4Domain : IDomain
{
    private const long MicrosPerSecond = 1_000_000;

    private BufferCache? cache;
    private Ext4FileSystem? fileSystem;

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        IBlockDevice device = services.Require<IBlockDevice>();
        Reply<BlockGeometry, BlockError> geometry = device.GetGeometry(context);
        if (!geometry.IsOk)
        {
            services.Report(Severity.Error, $"the disk does not tell its size: {geometry}");
            return DomainError.DependencyFailed;
        }

        if (geometry.Value.BlockBytes is not (512 or 4096))
        {
            services.Report(Severity.Error, $"disk blocks of {geometry.Value.BlockBytes} bytes are not supported");
            return DomainError.DependencyFailed;
        }

        int cachePages = (int)Math.Clamp(services.GetNumber("cachePages", Ext4Limits.CachePagesDefault), 0, int.MaxValue);
        cache = new BufferCache(device, geometry.Value, cachePages);
        Errno error = IsSet(services, "format") ? Format(context, services) : Errno.None;
        fileSystem = error == Errno.None ? new Mounting(services, cache).Mount(context, IsSet(services, "readOnly")) : null;
        if (fileSystem is null)
        {
            cache.Dispose(context);
            return DomainError.BadData;
        }

        long commitSeconds = services.GetNumber("commitSeconds", Ext4Limits.CommitIntervalMicros / MicrosPerSecond);
        if (fileSystem.Journal is { } journal)
        {
            journal.CommitIntervalMicros = Math.Clamp(commitSeconds, 1, Ext4Limits.CommitSecondsMax) * MicrosPerSecond;
        }

        services.Provide<IFileSystem>(fileSystem);
        services.Provide<ITimedWork>(new CommitTimer(fileSystem));
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context)
    {
        Reply<Unit, Errno> reply = fileSystem is null ? default(Unit) : fileSystem.Unmount(context);
        return reply.IsOk || reply.Error == Errno.NoDevice ? default(Unit) : DomainError.DependencyFailed;
    }

    private static bool IsSet(DomainServices services, string name) =>
        services.TryGetText(name, out string? text) && text is "true" or "True" or "yes";

    private Errno Format(CallContext context, DomainServices services)
    {
        services.TryGetText("label", out string? label);
        byte[] labelBytes = Encoding.UTF8.GetBytes(label ?? "");
        if (labelBytes.Length > SuperblockSpec.LabelBytes)
        {
            services.Report(Severity.Error, $"the label '{label}' is longer than {SuperblockSpec.LabelBytes} bytes");
            return Errno.InvalidArgument;
        }

        return new Formatter(services, cache!).Format(context, labelBytes);
    }
}
