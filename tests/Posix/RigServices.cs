using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The rights of the personality under test.</summary>
internal sealed class RigServices(
    IFileSystem fileSystem, IProcessLoader loader, IConsole console, Func<Type, object, object> wrap) : IDomainServicesBackend
{
    private readonly KernelDouble kernel = new();

    internal Dictionary<Type, object> Provided { get; } = [];

    /// <summary>File systems that the personality may ask for by name, and the setting that names them.</summary>
    internal Dictionary<string, IFileSystem> Others { get; } = [];

    internal Dictionary<string, string> Settings { get; } = [];

    public uint Generation => 1;

    public PciFunction Device => throw new InvalidOperationException("no device");

    public DeviceLoans Loans => throw new InvalidOperationException("no loans");

    public object Require(Type contract) => contract == typeof(IFileSystem) ? fileSystem
        : contract == typeof(IProcessLoader) ? loader
        : contract == typeof(IConsole) ? console
        : contract == typeof(IEntropy) || contract == typeof(IKernelReports) ? kernel
        : throw new InvalidOperationException($"{contract.Name} is not granted");

    /// <summary>The contracts of a network stack, when there is one.</summary>
    internal Dictionary<Type, object> Network { get; } = [];

    public object Require(Type contract, string provider) => Network.GetValueOrDefault(contract) ?? Others[provider];

    public IDomainLinkBackend RequireLink(Type contract) => throw new InvalidOperationException("no links");

    public void Provide(Type contract, object implementation) => Provided.Add(contract, wrap(contract, implementation));

    public long GetNumber(string name, long defaultValue) => defaultValue;

    public bool TryGetText(string name, [NotNullWhen(true)] out string? text) => Settings.TryGetValue(name, out text);

    public void Report(Severity severity, string message)
    {
    }
}

/// <summary>The kernel's services that have nothing to do but to answer.</summary>
internal sealed class KernelDouble : IEntropy, IKernelReports
{
    private readonly Random random = new(1);

    public Reply<Unit, Errno> Fill(CallContext context, Span<byte> buffer)
    {
        random.NextBytes(buffer);
        return default(Unit);
    }

    public Reply<int, Errno> Write(CallContext context, KernelReport report, Span<byte> buffer)
    {
        byte[] text = PosixRig.Bytes($"report {report}\n");
        text.CopyTo(buffer);
        return text.Length;
    }
}
