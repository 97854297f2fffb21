namespace RedLeafSharp.Contracts;

/// <summary>Bytes that nobody can foretell. Provided by the kernel, which has them from its host.</summary>
[DomainContract]
public interface IEntropy
{
    /// <summary>Fills a buffer.</summary>
    Reply<Unit, Errno> Fill(CallContext context, Span<byte> buffer);
}
