using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Supervision;
using Serilog;
using Serilog.Events;

namespace RedLeafSharp.Kernel.Domains;

/// <summary>The rights of one generation, checked against its manifest.</summary>
internal sealed class DomainServicesBackend : IDomainServicesBackend
{
    /// <summary>Of a line that a domain writes; longer ones are cut, so that a domain cannot fill the host's memory.</summary>
    private const int MessageCharsMax = 500;

    private readonly Domain domain;
    private readonly Generation generation;
    private readonly DomainRegistry registry;
    private readonly Supervisor supervisor;
    private readonly ILogger log;

    internal DomainServicesBackend(
        Domain domain, Generation generation, DomainRegistry registry, Supervisor supervisor, ILogger log)
    {
        this.domain = domain;
        this.generation = generation;
        this.registry = registry;
        this.supervisor = supervisor;
        this.log = log;
    }

    public uint Generation => generation.Number;

    /// <summary>Of a generation that runs there is an image.</summary>
    private DomainManifest Manifest => domain.Image!.Manifest;

    public PciFunction Device =>
        generation.Device ?? throw Refused("the system file gives it no device");

    public DeviceLoans Loans => domain.Shadowed is { } shadowed
        ? new DeviceLoans(shadowed.Window, generation.Gate)
        : throw Refused("it shadows no domain");

    public object Require(Type contract)
    {
        CheckManifest(contract, Manifest.Requires, "require");
        if (registry.FindService(contract) is { } service)
        {
            return service;
        }

        Domain provider = FindProvider(contract);
        return provider.Current?.FindProvided(contract)
            ?? throw Refused($"{provider.Name} has not provided {contract.Name}");
    }

    public object Require(Type contract, string provider)
    {
        CheckManifest(contract, Manifest.Requires, "require");
        bool isGranted = domain.Description.Uses.TryGetValue(contract.Name, out IReadOnlyList<string>? granted)
            && granted.Contains(provider);
        return isGranted && registry.Find(provider).Current?.FindProvided(contract) is { } provided
            ? provided
            : throw Refused($"the system file does not let it use {contract.Name} of {provider}");
    }

    public IDomainLinkBackend RequireLink(Type contract)
    {
        CheckManifest(contract, Manifest.Requires, "require");
        Domain provider = FindProvider(contract);
        return provider.Current?.FindProvided(contract) is null
            ? throw Refused($"{provider.Name} has not provided {contract.Name}")
            : new DomainLinkBackend(supervisor, provider, contract, generation.Gate);
    }

    public IDomainLinkBackend RequireLinkForLater(Type contract)
    {
        CheckManifest(contract, Manifest.Requires, "require");
        Domain provider = FindProvider(contract);
        if (provider != domain.Shadowed || (provider.IsLoaded && provider.Current?.FindProvided(contract) is null))
        {
            throw Refused($"{provider.Name} has not provided {contract.Name}");
        }

        provider.MayBeAbsent = true;
        return new DomainLinkBackend(supervisor, provider, contract, generation.Gate);
    }

    public void Provide(Type contract, object implementation)
    {
        CheckManifest(contract, Manifest.Provides, "provide");
        if (!generation.TryProvide(contract, implementation))
        {
            throw Refused($"it has provided {contract.Name} already");
        }
    }

    public long GetNumber(string name, long defaultValue)
    {
        if (!TryGetText(name, out string? text))
        {
            return defaultValue;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Refused($"the setting '{name}' must be a whole number, not '{text}'");
    }

    public bool TryGetText(string name, [NotNullWhen(true)] out string? text) =>
        registry.TryGetSetting(domain, name, out text);

    public void Report(Severity severity, string message)
    {
        if (severity == Severity.Error)
        {
            domain.LastError = OneLine(message);
        }

        log.ForContext("EventId", EventIds.DomainSaid)
            .ForContext("Domain", domain.Name)
            .ForContext("Generation", generation.Number)
            .Write(LevelOf(severity), "{Domain}.{Generation}: {Message}", domain.Name, generation.Number, OneLine(message));
    }

    private static LogEventLevel LevelOf(Severity severity) => severity switch
    {
        Severity.Debug => LogEventLevel.Debug,
        Severity.Information => LogEventLevel.Information,
        Severity.Warning => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };

    private Domain FindProvider(Type contract) =>
        registry.FindProvider(domain, contract, out string problem) ?? throw Refused(problem);

    private void CheckManifest(Type contract, IReadOnlyList<string> allowed, string verb)
    {
        // A thread may still be inside, and another domain may have been handed the services.
        if (generation.Gate.IsDead)
        {
            throw new InvalidOperationException($"{domain.Name}.{generation.Number} is dead, and its rights with it");
        }

        if (ContractCatalog.Find(contract.Name) != contract || !allowed.Contains(contract.Name))
        {
            throw Refused($"its manifest does not {verb} {contract.Name}");
        }
    }

    /// <summary>The domain will fault on it, and the exception's text would be lost at the barrier: so it is noted here.</summary>
    private InvalidOperationException Refused(string reason)
    {
        domain.LastError = reason;
        return new InvalidOperationException($"{domain.Name}: {reason}");
    }

    private static string OneLine(string text) =>
        string.Join(' ', text[..Math.Min(text.Length, MessageCharsMax)].Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A shadow's way to its driver.</summary>
internal sealed class DomainLinkBackend : IDomainLinkBackend
{
    private readonly Supervisor supervisor;
    private readonly Domain provider;
    private readonly Type contract;
    private readonly DomainGate holder;

    internal DomainLinkBackend(Supervisor supervisor, Domain provider, Type contract, DomainGate holder)
    {
        this.holder = holder;
        this.supervisor = supervisor;
        this.provider = provider;
        this.contract = contract;
        Target = FindTarget()!;
    }

    /// <summary>Null before the provider has been loaded; then nobody calls through it.</summary>
    public object Target { get; private set; }

    public uint Generation => provider.Current?.Number ?? 0;

    public uint LoadCount => provider.LoadCount;

    public Reply<uint, DomainError> Recover(CallContext context)
    {
        if (holder.IsDead)
        {
            throw new InvalidOperationException("the shadow is dead, and its rights with it");
        }

        Reply<uint, DomainError> reply = supervisor.Recover(context, provider);
        if (FindTarget() is not { } found)
        {
            // It has started and does not provide what it was started for.
            return reply.IsOk ? DomainError.DependencyFailed : reply;
        }

        Target = found;
        return reply;
    }

    public void SetSignal(KernelEvent signal)
    {
        if (!holder.IsDead)
        {
            provider.LoadSignal = signal;
        }
    }

    private object? FindTarget() => provider.Current?.FindProvided(contract);
}
