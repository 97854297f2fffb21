using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Bench.Harness;

/// <summary>The rights of a measured domain, and its link to a driver that never dies.</summary>
/// <param name="device">For a driver.</param>
/// <param name="loans">For a shadow.</param>
/// <param name="driver">For a shadow.</param>
/// <param name="numbers">The domain's parameters; those not named have their defaults.</param>
internal sealed class MeasuredServices(
    PciFunction? device, DeviceLoans? loans, object? driver, IReadOnlyDictionary<string, long> numbers)
    : IDomainServicesBackend, IDomainLinkBackend
{
    public uint Generation => 1;

    public PciFunction Device => device!;

    public DeviceLoans Loans => loans!;

    public object Target => driver!;

    /// <summary>What the domain provides first; null until it has.</summary>
    internal object? Provided { get; private set; }

    public object Require(Type contract) => driver!;

    public IDomainLinkBackend RequireLink(Type contract) => this;

    public Reply<uint, DomainError> Recover(CallContext context) => throw new InvalidOperationException("the driver died");

    public void Provide(Type contract, object implementation) => Provided ??= implementation;

    public long GetNumber(string name, long defaultValue) => numbers.GetValueOrDefault(name, defaultValue);

    public bool TryGetText(string name, [NotNullWhen(true)] out string? text)
    {
        text = name == "completion" ? "polled" : null;
        return text is not null;
    }

    public void Report(Severity severity, string message) => Console.Error.WriteLine($"{severity}: {message}");
}
