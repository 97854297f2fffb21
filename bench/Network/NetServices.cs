using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Bench.Network;

/// <summary>The rights of a measured network domain, and its link to a driver that never dies.</summary>
internal sealed class NetServices(PciFunction? device, DeviceLoans? loans, object? driver)
    : IDomainServicesBackend, IDomainLinkBackend
{
    /// <summary>As many as the C peer has.</summary>
    private const int RingEntries = 512;

    public uint Generation => 1;

    public PciFunction Device => device!;

    public DeviceLoans Loans => loans!;

    public object Target => driver!;

    internal INetDevice? NetDevice { get; private set; }

    public object Require(Type contract) => driver!;

    public IDomainLinkBackend RequireLink(Type contract) => this;

    public Reply<uint, DomainError> Recover(CallContext context) => throw new InvalidOperationException("the driver died");

    public void Provide(Type contract, object implementation) => NetDevice ??= implementation as INetDevice;

    public long GetNumber(string name, long defaultValue) => name is "receiveEntries" or "transmitEntries" ? RingEntries : defaultValue;

    public bool TryGetText(string name, [NotNullWhen(true)] out string? text)
    {
        text = name == "completion" ? "polled" : null;
        return text is not null;
    }

    public void Report(Severity severity, string message) => Console.Error.WriteLine($"{severity}: {message}");
}
