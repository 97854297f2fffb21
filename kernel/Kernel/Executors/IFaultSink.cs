namespace RedLeafSharp.Kernel.Executors;

/// <summary>Who is told that a domain has faulted: the supervisor.</summary>
internal interface IFaultSink
{
    /// <summary>
    /// A domain threw. Called by the exception barrier on the thread inside, which is still in the domain's executor and
    /// has the domain on its chain. When it returns, the domain is dead: whoever has not killed it here leaves it to the
    /// caller.
    /// </summary>
    /// <param name="thread">The thread inside; its chain shows who called.</param>
    /// <param name="gate">The domain to blame.</param>
    /// <param name="exceptionTypeName">What it threw. The exception itself is the domain's and is not handed out.</param>
    void OnFault(ThreadContext thread, DomainGate gate, string exceptionTypeName);
}
