using System.Security.Cryptography;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>Random bytes of the host.</summary>
internal sealed class EntropyService : IEntropy
{
    public Reply<Unit, Errno> Fill(CallContext context, Span<byte> buffer)
    {
        RandomNumberGenerator.Fill(buffer);
        return default(Unit);
    }
}
