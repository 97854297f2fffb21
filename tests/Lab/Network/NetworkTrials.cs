using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Network;

/// <summary>The engine that the tests of network trials share, one after the other: loading and compiling takes longer than their trials.</summary>
public sealed class NetworkTrials : IDisposable
{
    internal TrialEngine Engine { get; } = new(TestSystem.DomainsFolder);

    public void Dispose() => Engine.Dispose();
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition(Name)]
public sealed class NetworkTrialsGroup : ICollectionFixture<NetworkTrials>
{
    internal const string Name = "network trials";
}
