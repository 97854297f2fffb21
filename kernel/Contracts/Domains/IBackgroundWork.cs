namespace RedLeafSharp.Contracts;

/// <summary>
/// Provided by a domain that has work of its own: timers, devices to look after while nobody calls. Domains start no threads; this
/// is how one gets a thread.
/// </summary>
/// <remarks>
/// The kernel calls <see cref="Run"/> once, on a thread of the domain's executor, after <see cref="IDomain.Start"/> has answered with
/// success. The domain has to be <see cref="ReentrantAttribute"/>, or nobody else gets in while the thread waits inside.
/// </remarks>
[DomainContract]
public interface IBackgroundWork
{
    /// <summary>Works, waiting on events in between, until <see cref="IDomain.Stop"/> is called.</summary>
    [MayTake(MayTakeAttribute.Forever)]
    Reply<Unit, DomainError> Run(CallContext context);
}
