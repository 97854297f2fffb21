using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The rights of the personality under test.</summary>
internal sealed class RigServices(
    IFileSystem fileSystem, IProcessLoader loader, IConsole console, Func<Type, object, object> wrap) : IDomainServicesBackend
{
    internal Dictionary<Type, object> Provided { get; } = [];

    public uint Generation => 1;

    public PciFunction Device => throw new InvalidOperationException("no device");

    public DeviceLoans Loans => throw new InvalidOperationException("no loans");

    public object Require(Type contract) => contract == typeof(IFileSystem) ? fileSystem
        : contract == typeof(IProcessLoader) ? loader
        : contract == typeof(IConsole) ? console
        : throw new InvalidOperationException($"{contract.Name} is not granted");

    public IDomainLinkBackend RequireLink(Type contract) => throw new InvalidOperationException("no links");

    public void Provide(Type contract, object implementation) => Provided.Add(contract, wrap(contract, implementation));

    public long GetNumber(string name, long defaultValue) => defaultValue;

    public bool TryGetText(string name, [NotNullWhen(true)] out string? text)
    {
        text = null;
        return false;
    }

    public void Report(Severity severity, string message)
    {
    }
}
