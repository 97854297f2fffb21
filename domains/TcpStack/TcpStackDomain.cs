using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack;

/// <summary>The TCP/IP stack as a domain. docs/tcp-stack.md says what it has and what it has not.</summary>
[Reentrant]
[CompletesCalls]
public sealed class TcpStackDomain : IDomain
{
    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) => default(Unit);

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
}
