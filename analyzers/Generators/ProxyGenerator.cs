using Microsoft.CodeAnalysis;
using RedLeafSharp.Generators.Rules;

namespace RedLeafSharp.Generators;

/// <summary>Emits a proxy for each interface marked as a domain contract, and one table of them per assembly.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ProxyGenerator : IIncrementalGenerator
{
    /// <summary>The step whose outputs a test watches: it must not change with an edit elsewhere.</summary>
    public const string ModelStep = "Contracts";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ContractModel> contracts = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                ContractShape.ContractAttribute,
                static (node, _) => true,
                static (found, _) => ReadSound((INamedTypeSymbol)found.TargetSymbol))
            .Where(static contract => contract is not null)
            .Select(static (contract, _) => contract!)
            .WithTrackingName(ModelStep);
        IncrementalValueProvider<string> assemblyName =
            context.CompilationProvider.Select(static (compilation, _) => compilation.AssemblyName ?? "Unnamed");

        context.RegisterSourceOutput(contracts, static (output, contract) =>
            output.AddSource($"{contract.QualifiedProxyName}.g.cs", ProxyEmitter.Emit(contract)));
        context.RegisterSourceOutput(contracts.Collect().Combine(assemblyName), static (output, found) =>
        {
            if (found.Left.Length > 0)
            {
                output.AddSource("ContractProxies.g.cs", RegistryEmitter.Emit(found.Right, found.Left));
            }
        });
    }

    /// <summary>A contract that breaks a rule gets no proxy, so that the rule's message is the only one.</summary>
    private static ContractModel? ReadSound(INamedTypeSymbol contract) =>
        ContractRules.Check(contract).Any() ? null : ContractReader.Read(contract);
}
