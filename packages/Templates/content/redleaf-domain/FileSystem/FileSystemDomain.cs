using RedLeafSharp;
using RedLeafSharp.Contracts;

namespace RedLeafDomain1;

/// <summary>A file system without a disk: one directory with one file.</summary>
public sealed class FileSystemDomain : IDomain
{
    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        services.Provide<IFileSystem>(new OneFileSystem());
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
}
