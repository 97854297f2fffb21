using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>
/// A file system in memory, as a domain: what is in it lasts as long as the domain. Settings: <c>sizeMebibytes</c>, what all
/// files together may take; <c>inodes</c>, how many there may be.
/// </summary>
[CompletesCalls]
public sealed class TmpfsDomain : IDomain
{
    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        long mebibytes = services.GetNumber("sizeMebibytes", TmpfsLimits.MebibytesDefault);
        long inodes = services.GetNumber("inodes", TmpfsLimits.InodesDefault);
        if (mebibytes is < 1 or > TmpfsLimits.MebibytesMax || inodes is < 1 or > TmpfsLimits.InodesMax)
        {
            services.Report(
                Severity.Error,
                $"sizeMebibytes must be 1 to {TmpfsLimits.MebibytesMax}, inodes 1 to {TmpfsLimits.InodesMax}");
            return DomainError.BadData;
        }

        var space = new Space(mebibytes << (20 - TmpfsLimits.PageShift), inodes);
        services.Provide<IFileSystem>(new TmpFileSystem(context, space));
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
}
