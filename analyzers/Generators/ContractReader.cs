using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RedLeafSharp.Generators;

/// <summary>Reads a contract's symbol into a model that holds no symbol.</summary>
internal static class ContractReader
{
    /// <summary>Names that a proxy's body uses; a parameter of such a name gets another one in the proxy.</summary>
    private static readonly HashSet<string> BodyNames = ["context", "gate", "target", "frame", "reply", "fault", "exception"];

    internal static ContractModel Read(INamedTypeSymbol contract)
    {
        string space = contract.ContainingNamespace.IsGlobalNamespace ? "" : contract.ContainingNamespace.ToDisplayString();
        string[] states = CallOrder.StatesOf(contract);
        IEnumerable<MethodModel> methods = ContractShape.MethodsOf(contract).Select(method => ReadMethod(method, states));
        return new ContractModel(
            space, Qualified(contract), ProxyNameOf(contract.Name), new(methods), new(states), ContractFingerprint.Of(contract));
    }

    /// <summary>IBlockDevice has the proxy BlockDeviceProxy.</summary>
    private static string ProxyNameOf(string contract) =>
        (contract.Length > 1 && contract[0] == 'I' && char.IsUpper(contract[1]) ? contract.Substring(1) : contract) + "Proxy";

    private static MethodModel ReadMethod(IMethodSymbol method, string[] states)
    {
        bool movesResult = method.ReturnType is INamedTypeSymbol { TypeArguments.Length: 2 } reply
            && ContractShape.IsExchangeReference(reply.TypeArguments[0]);
        bool givesEvent = method.ReturnType is INamedTypeSymbol { TypeArguments.Length: 2 } given && IsEvent(given.TypeArguments[0]);
        IEnumerable<ParameterModel> parameters = method.Parameters.Skip(1).Select(ReadParameter);
        int legal = CallOrder.LegalStatesOf(method, states).Aggregate(0, (set, state) => set | (1 << Array.IndexOf(states, state)));
        int next = CallOrder.NextStateOf(method) is { } state ? Array.IndexOf(states, state) : -1;
        string fullName = $"{method.ContainingType.Name}.{method.Name}";
        return new MethodModel(
            Escape(method.Name), Qualified(method.ReturnType), new(parameters), movesResult, givesEvent, fullName, legal, next,
            CallTag.Of(fullName, SecondsOf(method)));
    }

    /// <summary>What the method's own attribute grants, or else its contract's.</summary>
    private static int SecondsOf(IMethodSymbol method) =>
        new ISymbol[] { method, method.ContainingType }.SelectMany(symbol => symbol.GetAttributes())
            .Where(one => one.AttributeClass is { } declared && ContractShape.Is(declared, "RedLeafSharp.Contracts", "MayTakeAttribute"))
            .Select(one => one.ConstructorArguments.FirstOrDefault().Value as int?)
            .FirstOrDefault() ?? 0;

    private static ParameterModel ReadParameter(IParameterSymbol parameter)
    {
        string kind = parameter.RefKind switch
        {
            RefKind.In => "in ",
            RefKind.Ref => "ref ",
            RefKind.Out => "out ",
            RefKind.RefReadOnlyParameter => "ref readonly ",
            _ => "",
        };
        bool isScoped = parameter.ScopedKind != ScopedKind.None && parameter.RefKind != RefKind.Out;
        string passing = parameter.RefKind == RefKind.RefReadOnlyParameter ? "in " : kind;
        string name = BodyNames.Contains(parameter.Name) ? parameter.Name + "Argument" : Escape(parameter.Name);
        bool isMoved = parameter.RefKind == RefKind.None && ContractShape.IsExchangeReference(parameter.Type);
        bool isNeeded = parameter.Type.IsReferenceType && parameter.NullableAnnotation != NullableAnnotation.Annotated;
        return new ParameterModel(
            name, Qualified(parameter.Type), (isScoped ? "scoped " : "") + kind, passing, isMoved, isNeeded,
            IsEvent(parameter.Type));
    }

    private static bool IsEvent(ITypeSymbol type) => ContractShape.Is(type, "RedLeafSharp", "KernelEvent");

    private static string Qualified(ITypeSymbol type) => type.ToDisplayString(
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));

    private static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
}
