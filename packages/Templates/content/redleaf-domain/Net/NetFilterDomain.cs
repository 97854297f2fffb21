using RedLeafSharp;
using RedLeafSharp.Contracts;

namespace RedLeafDomain1;

/// <summary>
/// A filter between two network devices: every frame passes it. Its shadow above brings up another generation when it dies; the shadow
/// of the controller's driver is below.
/// </summary>
public sealed class NetFilterDomain : IDomain
{
    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        INetDevice below = services.Require<INetDevice>();
        Drain(context, below);
        services.Provide<INetDevice>(new NetFilter(below, services.GetNumber("crashEvery", 0)));
        services.Report(Severity.Information, $"generation {services.Generation} filters");
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);

    /// <summary>
    /// Has given back what the generation before had in flight: the shadow above hands over again all buffers and frames that it has
    /// had no answer to.
    /// </summary>
    private static void Drain(CallContext context, INetDevice below)
    {
        var received = new ReceivedFrame[NetDeviceInfo.BatchFrames];
        _ = below.Recall(context);
        while (below.Poll(context, received) is { IsOk: true, Value: var progress } && progress.ReceivedCount + progress.SentCount > 0)
        {
        }
    }
}
