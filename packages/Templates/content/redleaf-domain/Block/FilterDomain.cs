using RedLeafSharp;
using RedLeafSharp.Contracts;

namespace RedLeafDomain1;

/// <summary>
/// A filter between two block devices: everything that goes to the disk passes it. Its shadow above brings up another
/// generation when it dies; the shadow of the disk's driver is below.
/// </summary>
public sealed class FilterDomain : IDomain
{
    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        IBlockDevice below = services.Require<IBlockDevice>();
        Drain(context, below);
        services.Provide<IBlockDevice>(new BlockFilter(below, services.GetNumber("crashEvery", 0)));
        services.Report(Severity.Information, $"generation {services.Generation} filters");
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);

    /// <summary>
    /// Lets end what the generation before had in flight: the shadow above hands over again whatever it has had no answer to,
    /// and nobody waits for the old answers.
    /// </summary>
    private static void Drain(CallContext context, IBlockDevice below)
    {
        var completions = new BlockCompletion[32];
        while (below.Wait(context, KernelEvent.Forever) is { IsOk: true, Value: true })
        {
            _ = below.Poll(context, completions);
        }
    }
}
