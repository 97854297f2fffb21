using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.BlockDevices;

/// <summary>A domain's rights, from a test's hands.</summary>
internal sealed class TestServices : IDomainServicesBackend
{
    private PciFunction? device;
    private DeviceLoans? loans;

    public uint Generation { get; init; } = 1;

    public PciFunction Device
    {
        get => device ?? throw new InvalidOperationException("no device");
        init => device = value;
    }

    public DeviceLoans Loans
    {
        get => loans ?? throw new InvalidOperationException("no loans");
        init => loans = value;
    }

    internal IDomainLinkBackend? Link { get; init; }

    /// <summary>Contracts of other domains that this one may use.</summary>
    internal Dictionary<Type, object> Required { get; } = [];

    internal Dictionary<Type, object> Provided { get; } = [];

    internal Dictionary<string, object> Settings { get; } = [];

    /// <summary>The lines of the log.</summary>
    internal List<string> Reports { get; } = [];

    public object Require(Type contract) => Required.TryGetValue(contract, out object? provider)
        ? provider
        : throw new InvalidOperationException($"nobody provides {contract.Name}");

    public IDomainLinkBackend RequireLink(Type contract) => Link ?? throw new InvalidOperationException("no link");

    public void Provide(Type contract, object implementation) => Provided.Add(contract, implementation);

    public long GetNumber(string name, long defaultValue) =>
        Settings.TryGetValue(name, out object? value) ? Convert.ToInt64(value) : defaultValue;

    public bool TryGetText(string name, [NotNullWhen(true)] out string? text)
    {
        text = Settings.TryGetValue(name, out object? value) ? (string)value : null;
        return text is not null;
    }

    public void Report(Severity severity, string message) => Reports.Add($"{severity}: {message}");
}
