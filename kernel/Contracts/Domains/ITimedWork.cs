namespace RedLeafSharp.Contracts;

/// <summary>
/// Provided by a domain in which something becomes due after a time although nobody calls: a commit, a retransmission. Domains
/// start no threads; this is how one is called in time.
/// </summary>
/// <remarks>
/// A thread of the kernel calls <see cref="DoDue"/> once after <see cref="IDomain.Start"/> has answered with success, and again
/// whenever the time that it answered is over. It waits in the kernel, not in the domain: others get in meanwhile, and the domain
/// need not be <see cref="ReentrantAttribute"/>. It ends with the first error or fault. A domain that is replaced gets no such calls:
/// its successor's work is its shadow's business.
/// </remarks>
[DomainContract]
public interface ITimedWork
{
    /// <summary>Does what is due.</summary>
    /// <param name="context">The kernel calls.</param>
    /// <param name="sooner">
    /// To be kept, and signaled when something becomes due earlier than was answered, after <see cref="KernelEvent.Forever"/> for
    /// example. The same at each call.
    /// </param>
    /// <returns>In how many microseconds to call again; an error when never again.</returns>
    Reply<long, DomainError> DoDue(CallContext context, KernelEvent sooner);
}
