using Microsoft.CodeAnalysis;
using RedLeafSharp.Isolation;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>What the allow-list says of symbols, and how an offence is put into words.</summary>
internal sealed class DomainRules
{
    private readonly AllowList list = AllowList.Default;
    private readonly IAssemblySymbol domain;

    internal DomainRules(Compilation compilation)
    {
        domain = compilation.Assembly;
    }

    /// <summary>Of another assembly. What the domain declares is not on the list; what it consists of is checked.</summary>
    internal bool IsForeign(ISymbol symbol) =>
        symbol.ContainingAssembly is { } assembly && !SymbolEqualityComparer.Default.Equals(assembly, domain);

    /// <summary>The offence that the use of a type is, or null.</summary>
    internal Offence? CheckType(ITypeSymbol? type)
    {
        if (type is not INamedTypeSymbol { TypeKind: not (TypeKind.Error or TypeKind.Dynamic) } named || !IsForeign(named))
        {
            return null;
        }

        if (!IsPublic(named))
        {
            return Hidden(named);
        }

        return Judge(list.FindType(MetadataNames.Of(named)), IsolationDiagnostics.Type, named);
    }

    /// <summary>The offence that the use of a member is, or null. Its type counts too: a list can deny it as a whole.</summary>
    internal Offence? CheckMember(ISymbol? member)
    {
        ISymbol? definition = member is IMethodSymbol { ReducedFrom: { } whole } ? whole : member;
        if (definition is IFieldSymbol { CorrespondingTupleField: { } element })
        {
            definition = element;
        }

        if (definition?.OriginalDefinition is not { ContainingType: { TypeKind: not TypeKind.Error } type } original
            || !IsForeign(original) || original is IMethodSymbol { MethodKind: MethodKind.BuiltinOperator })
        {
            return null;
        }

        if (!IsPublic(original) || !IsPublic(type))
        {
            return Hidden(original);
        }

        string owner = MetadataNames.Of(type);
        AllowDecision ofType = list.FindType(owner);
        return ofType.IsAllowed
            ? Judge(
                list.FindMember(owner, original.MetadataName, MetadataNames.ParametersOf(original)),
                IsolationDiagnostics.Member, original)
            : Judge(ofType, IsolationDiagnostics.Type, original);
    }

    /// <summary>What the list says of a name, of whichever assembly.</summary>
    internal AllowDecision FindType(string metadataName) => list.FindType(metadataName);

    private static Offence? Judge(AllowDecision decision, string plainRule, ISymbol symbol)
    {
        if (decision is { IsAllowed: true, IsEmitted: false })
        {
            return null;
        }

        string reason = decision.IsEmitted ? "the compiler may put it here, source may not"
            : decision.Reason.Length > 0 ? decision.Reason : "it is not on the list of what domain code may use";
        return new Offence(decision.Rule.Length > 0 ? decision.Rule : plainRule, $"{NameOf(symbol)}: {reason}");
    }

    /// <summary>Only an attribute that names this assembly, here or there, lets the compiler see it.</summary>
    private static Offence Hidden(ISymbol symbol) => new(
        IsolationDiagnostics.AccessChecks, $"{NameOf(symbol)} is not public: a domain uses what is shown to all of them");

    private static bool IsPublic(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
            or Accessibility.NotApplicable
        || symbol is IMethodSymbol { MethodKind: MethodKind.ExplicitInterfaceImplementation };

    private static string NameOf(ISymbol symbol) => symbol.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
}

/// <summary>A rule that is broken, and what to tell the author.</summary>
internal readonly record struct Offence(string Rule, string Message)
{
    internal Diagnostic At(Location location) => Diagnostic.Create(IsolationDiagnostics.Of(Rule), location, Message);
}
