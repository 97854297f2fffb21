namespace RedLeafSharp.Contracts;

/// <summary>The kernel's view of a generated proxy.</summary>
internal interface IProxy
{
    /// <summary>The gate of the domain behind the proxy.</summary>
    DomainGate Gate { get; }

    /// <summary>
    /// Lets go of the implementation, so that holders of the proxy do not keep the domain's code in memory. From here on
    /// every call answers <see cref="Fault.CalleeDead"/>. Only when no thread's chain names the domain any more.
    /// </summary>
    void Detach();
}
