using System.Security.Cryptography;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>Random bytes of the host; in a simulation, those that it chooses.</summary>
internal sealed class EntropyService(Simulation? simulation) : IEntropy
{
    public Reply<Unit, Errno> Fill(CallContext context, Span<byte> buffer)
    {
        if (simulation is null)
        {
            RandomNumberGenerator.Fill(buffer);
        }
        else
        {
            simulation.Fill(buffer);
        }

        return default(Unit);
    }
}
