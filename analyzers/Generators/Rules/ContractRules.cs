using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators.Rules;

/// <summary>Checks a contract: the analyzer reports the findings, the generator emits nothing when there are any.</summary>
internal static class ContractRules
{
    internal static IEnumerable<Diagnostic> Check(INamedTypeSymbol contract) =>
        CheckInterface(contract)
            .Concat(contract.GetMembers().SelectMany(member => CheckMember(contract, member)))
            .Concat(CallOrderRules.Check(contract));

    private static IEnumerable<Diagnostic> CheckInterface(INamedTypeSymbol contract)
    {
        if (contract.IsGenericType)
        {
            yield return OnInterface(contract, "is generic", "declare one contract for each type");
        }

        if (contract.ContainingType is not null || contract.IsFileLocal)
        {
            yield return OnInterface(contract, "is not visible in its namespace", "move it to the top level of a file");
        }

        if (contract.Name.Length < 2 || contract.Name[0] != 'I' || !char.IsUpper(contract.Name[1]))
        {
            yield return OnInterface(contract, "has no name to make its proxy's from", "begin it with 'I' and a capital letter");
        }

        foreach (INamedTypeSymbol part in contract.Interfaces.Where(part => !ContractShape.IsContract(part)))
        {
            yield return OnInterface(contract, $"extends {part.Name}, which is no contract", "mark that as one, or do without");
        }
    }

    private static IEnumerable<Diagnostic> CheckMember(INamedTypeSymbol contract, ISymbol member) => member switch
    {
        IMethodSymbol { MethodKind: MethodKind.Ordinary } method => CheckMethod(contract, method),
        IPropertySymbol { IsIndexer: true } => [OnMember(contract, member, "an indexer", "use methods that return a Reply")],
        IPropertySymbol => [OnMember(contract, member, "a property", "use methods that return a Reply")],
        IEventSymbol => [OnMember(contract, member, "an event", "let the caller wait or poll in a method")],
        _ => [],
    };

    private static IEnumerable<Diagnostic> CheckMethod(INamedTypeSymbol contract, IMethodSymbol method)
    {
        if (method.IsGenericMethod)
        {
            return [OnMember(contract, method, "a generic method", "declare one method for each type")];
        }

        if (method.IsStatic)
        {
            return [OnMember(contract, method, "static", "make it an instance method, or put it into a class")];
        }

        if (!method.IsAbstract)
        {
            return [OnMember(contract, method, "implemented here and would run in the caller", "leave the body to the callee")];
        }

        return CheckContext(contract, method)
            .Concat(method.Parameters.Skip(1).SelectMany(parameter => CheckParameter(contract, parameter)))
            .Concat(CheckReply(contract, method));
    }

    private static IEnumerable<Diagnostic> CheckContext(INamedTypeSymbol contract, IMethodSymbol method)
    {
        IParameterSymbol? first = method.Parameters.FirstOrDefault();
        bool isContext = first is { RefKind: RefKind.None } && ContractShape.Is(first.Type, "RedLeafSharp", "CallContext");
        if (!isContext)
        {
            yield return Diagnostic.Create(
                ContractDiagnostics.ContextFirst, (first ?? (ISymbol)method).Locations[0], contract.Name, method.Name);
        }
    }

    private static IEnumerable<Diagnostic> CheckParameter(INamedTypeSymbol contract, IParameterSymbol parameter)
    {
        DiagnosticDescriptor rule = ContractDiagnostics.ValueParameter;
        Refusal? refusal;
        if (parameter.RefKind != RefKind.None)
        {
            rule = ContractDiagnostics.ReferenceParameter;
            refusal = Crossability.OfData(parameter.Type);
        }
        else if (ContractShape.SpanElement(parameter.Type) is { } element)
        {
            rule = ContractDiagnostics.SpanElement;
            refusal = Crossability.OfData(element);
        }
        else
        {
            refusal = Crossability.OfValue(parameter.Type);
        }

        if (refusal is not null)
        {
            yield return Diagnostic.Create(
                rule, parameter.Locations[0], contract.Name, parameter.ContainingSymbol.Name, parameter.Name,
                Short(parameter.Type), refusal.Why, refusal.Instead);
        }
    }

    private static IEnumerable<Diagnostic> CheckReply(INamedTypeSymbol contract, IMethodSymbol method)
    {
        if (method.RefKind != RefKind.None
            || method.ReturnType is not INamedTypeSymbol { TypeArguments.Length: 2 } reply
            || !ContractShape.Is(reply, "RedLeafSharp", "Reply"))
        {
            yield return Diagnostic.Create(
                ContractDiagnostics.ReplyResult, method.Locations[0], contract.Name, method.Name, Short(method.ReturnType));
            yield break;
        }

        if (Crossability.OfValue(reply.TypeArguments[0]) is { } refusal)
        {
            yield return Diagnostic.Create(
                ContractDiagnostics.ReplyValue, method.Locations[0], contract.Name, method.Name,
                Short(reply.TypeArguments[0]), refusal.Why, refusal.Instead);
        }

        if (DefectOfErrors(reply.TypeArguments[1]) is { } defect)
        {
            yield return Diagnostic.Create(
                ContractDiagnostics.ErrorEnum, method.Locations[0], contract.Name, method.Name,
                Short(reply.TypeArguments[1]), defect);
        }
    }

    private static string? DefectOfErrors(ITypeSymbol errors)
    {
        if (errors is not INamedTypeSymbol { EnumUnderlyingType: { } underlying })
        {
            return errors.TypeKind == TypeKind.Error ? null : "is not an enum";
        }

        if (underlying.SpecialType != SpecialType.System_Int32)
        {
            return $"is an enum of {underlying.ToDisplayString()}, not of int";
        }

        int[] values = [.. errors.GetMembers().OfType<IFieldSymbol>().Select(f => f.ConstantValue).OfType<int>()];
        return !values.Contains(0) ? "has no member 0"
            : values.Any(value => value < 0) ? "has a negative member"
            : null;
    }

    private static string Short(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    private static Diagnostic OnMember(INamedTypeSymbol contract, ISymbol member, string what, string instead) =>
        Diagnostic.Create(ContractDiagnostics.PlainMethods, member.Locations[0], contract.Name, member.Name, what, instead);

    private static Diagnostic OnInterface(INamedTypeSymbol contract, string what, string instead) =>
        Diagnostic.Create(ContractDiagnostics.PlainInterface, contract.Locations[0], contract.Name, what, instead);
}
