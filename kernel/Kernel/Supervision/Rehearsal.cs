using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Loading;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// Runs a standby's code once before it is needed: Start, a request and Stop, on a second entry object and a
/// <see cref="RehearsalStage"/>. Compiled code is not yet linked code: the runtime links a call when it is first made
/// (docs/supervision.md).
/// </summary>
/// <remarks>
/// It proves nothing about the domain, and its outcome does not count: a domain that throws here is a standby all the same.
/// Fault sites are bound after it, so that no crash is spent on it.
/// </remarks>
internal sealed class Rehearsal : IDomainServicesBackend
{
    /// <summary>No generation ever has it: what a domain keeps from its rehearsal would be its own again otherwise.</summary>
    private const uint DomainNumber = uint.MaxValue;

    private readonly RehearsalStage stage;
    private readonly IDomainServicesBackend settings;
    private readonly DomainGate gate;
    private readonly Dictionary<Type, IProxy> provided = [];

    private Rehearsal(RehearsalStage stage, IDomainServicesBackend settings, LoadedDomain loaded)
    {
        this.stage = stage;
        this.settings = settings;
        gate = new DomainGate(DomainNumber, "rehearsal", homeExecutorId: 0, loaded.IsReentrant);
        Device = stage.MakeFunction();
    }

    public uint Generation => 0;

    public PciFunction Device { get; }

    public DeviceLoans Loans => throw new InvalidOperationException("a rehearsing driver shadows nothing");

    /// <summary>Rehearses a generation that has been constructed and not started, on a thread of its own.</summary>
    /// <param name="stage">Where; one rehearsal at a time.</param>
    /// <param name="settings">Answers what the domain asks of its settings.</param>
    /// <param name="loaded">The generation.</param>
    /// <returns>Whether the domain has played its part to the end; of interest to tests only.</returns>
    internal static bool Run(RehearsalStage stage, IDomainServicesBackend settings, LoadedDomain loaded)
    {
        object entry;
        try
        {
            entry = Activator.CreateInstance(loaded.EntryType)!;
        }
        catch (TargetInvocationException)
        {
            return false;
        }

        var rehearsal = new Rehearsal(stage, settings, loaded);
        var proxy = (IProxy)ContractProxies.Create(typeof(IDomain), entry, rehearsal.gate);
        using var thread = new ThreadContext(stage, stage.HeapCache, executorId: 0, DomainId.Kernel.Value);
        try
        {
            return rehearsal.Play(new CallContext(thread), (IDomain)proxy);
        }
        catch (ExchangeHeapFullException)
        {
            // Thrown at us: the domain has left no page of the stage to those who would use it.
            return false;
        }
        finally
        {
            rehearsal.Clear(proxy);
        }
    }

    public object Require(Type contract) => throw new InvalidOperationException("a rehearsing driver has nobody to call");

    public IDomainLinkBackend RequireLink(Type contract) =>
        throw new InvalidOperationException("a rehearsing driver has nobody to call");

    public void Provide(Type contract, object implementation) =>
        provided[contract] = (IProxy)ContractProxies.Create(contract, implementation, gate);

    public long GetNumber(string name, long defaultValue) => settings.GetNumber(name, defaultValue);

    public bool TryGetText(string name, [NotNullWhen(true)] out string? text) => settings.TryGetText(name, out text);

    /// <summary>What a domain says here concerns nobody.</summary>
    public void Report(Severity severity, string message)
    {
    }

    private bool Play(CallContext context, IDomain domain)
    {
        if (!domain.Start(context, new DomainServices(this)).IsOk)
        {
            return false;
        }

        bool hasWorked =
            (provided.GetValueOrDefault(typeof(IBlockDevice)) is IBlockDevice disk && ReadOneBlock(context, disk))
            || (provided.GetValueOrDefault(typeof(INetDevice)) is INetDevice network && SendOneFrame(context, network));
        return domain.Stop(context).IsOk && hasWorked;
    }

    /// <summary>What a shadow does with a driver that has just taken over.</summary>
    private bool ReadOneBlock(CallContext context, IBlockDevice device)
    {
        Reply<BlockGeometry, BlockError> geometry = device.GetGeometry(context);
        PageBuffer page = Device.AllocateDma(context, 1, out ulong bus);
        uint blockCount = geometry.IsOk && geometry.Value.BlockBytes > 0 ? (uint)(PageBuffer.PageBytes / geometry.Value.BlockBytes) : 0;
        ReadOnlySpan<BlockRequest> request =
        [
            new BlockRequest { Tag = 1, Operation = BlockOperation.Read, BlockCount = blockCount, PageCount = 1 },
        ];
        Span<BlockCompletion> completions = [default];
        bool hasRead = false;
        if (device.Submit(context, request, [bus]) is { IsOk: true, Value: 1 })
        {
            _ = device.Wait(context, timeoutMicros: 0);
            hasRead = device.Poll(context, completions) is { IsOk: true, Value: 1 } && completions[0].Error == BlockError.None;
        }

        Device.FreeDma(context, ref page);
        return hasRead;
    }

    /// <summary>The same for a network: filters, buffers, a frame, and a look at what has come of it.</summary>
    private bool SendOneFrame(CallContext context, INetDevice network)
    {
        PageBuffer page = Device.AllocateDma(context, 1, out ulong bus);
        Reply<NetDeviceInfo, NetError> info = network.GetInfo(context);
        ReadOnlySpan<TransmitEntry> frame = [new TransmitEntry { BusAddress = bus, LengthBytes = NetDeviceInfo.FrameBytesMin }];
        Span<ReceivedFrame> received = new ReceivedFrame[NetDeviceInfo.BatchFrames];
        bool hasSent = info.IsOk && network.SetReceiveFilter(context, ReceiveFilter.Broadcast, []).IsOk
            && network.SetVlans(context, []).IsOk && network.SetSignal(context, KernelEvent.Create(context)).IsOk
            && network.GetLink(context).IsOk && network.Post(context, [bus], PageBuffer.PageBytes) is { IsOk: true, Value: 1 }
            && network.Send(context, frame) is { IsOk: true, Value: 1 }
            && network.Poll(context, received) is { IsOk: true, Value.SentCount: 1 }
            && network.Arm(context).IsOk && network.GetStatistics(context).IsOk;
        Device.FreeDma(context, ref page);
        return hasSent;
    }

    private void Clear(IProxy entry)
    {
        gate.Kill();
        Device.Fence();
        stage.Clear(DomainNumber);
        entry.Detach();
        foreach (IProxy proxy in provided.Values)
        {
            proxy.Detach();
        }
    }
}
