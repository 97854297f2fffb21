using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators;

/// <summary>
/// What a binary relies on when it calls or implements a contract: for each member its name, its types, and whatever the types
/// consist of. Layouts of structs and values of enums are compiled into a caller, so a change of one is a change of the contract.
/// </summary>
internal static class ContractFingerprint
{
    private const int HashBytes = 8;

    /// <summary><c>IName.Member=hash;</c> for each member, inherited ones included.</summary>
    internal static string Of(INamedTypeSymbol contract)
    {
        var text = new StringBuilder();
        IEnumerable<string> members = ContractShape.MethodsOf(contract)
            .Select(method => $"{contract.Name}.{method.Name}={Hash(Describe(method, contract.ContainingAssembly))};");
        foreach (string member in members.OrderBy(member => member, StringComparer.Ordinal))
        {
            text.Append(member);
        }

        return text.ToString();
    }

    private static string Describe(IMethodSymbol method, IAssemblySymbol assembly)
    {
        var text = new StringBuilder(method.Name);
        var known = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            text.Append(parameter.RefKind).Append(' ');
            Describe(parameter.Type, assembly, known, text);
        }

        text.Append("->");
        Describe(method.ReturnType, assembly, known, text);
        text.Append(Order(method.ContainingType)).Append(Order(method));
        return text.ToString();
    }

    /// <summary>A caller that keeps to an order relies on it.</summary>
    private static string Order(ISymbol symbol) => string.Concat(symbol.GetAttributes()
        .Where(attribute => attribute.AttributeClass?.Name is CallOrder.States or CallOrder.LegalIn or CallOrder.LeadsTo)
        .Select(attribute => attribute.ToString()));

    /// <summary>Types of other assemblies have their name only: the kernel's own are of one version with the contracts.</summary>
    private static void Describe(ITypeSymbol type, IAssemblySymbol assembly, HashSet<ITypeSymbol> known, StringBuilder text)
    {
        text.Append(type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)).Append(' ');
        if (type is INamedTypeSymbol named)
        {
            foreach (ITypeSymbol argument in named.TypeArguments)
            {
                Describe(argument, assembly, known, text);
            }

            if (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly) && known.Add(type))
            {
                DescribeBody(named, assembly, known, text);
            }
        }
    }

    private static void DescribeBody(INamedTypeSymbol type, IAssemblySymbol assembly, HashSet<ITypeSymbol> known, StringBuilder text)
    {
        if (type.TypeKind is not (TypeKind.Struct or TypeKind.Enum))
        {
            return;
        }

        text.Append(type.EnumUnderlyingType?.ToDisplayString() ?? Layout(type)).Append('{');
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue || !field.IsStatic))
        {
            text.Append(field.Name).Append(':');
            if (type.TypeKind == TypeKind.Enum)
            {
                text.AppendFormat(CultureInfo.InvariantCulture, "{0}", field.ConstantValue);
            }
            else if (!field.IsConst)
            {
                Describe(field.Type, assembly, known, text);
            }

            text.Append(Layout(field)).Append(';');
        }

        text.Append('}');
    }

    /// <summary>Explicit offsets and sizes are attributes.</summary>
    private static string Layout(ISymbol symbol) => string.Concat(symbol.GetAttributes()
        .Where(attribute => attribute.AttributeClass?.Name is "StructLayoutAttribute" or "FieldOffsetAttribute" or "InlineArrayAttribute")
        .Select(attribute => attribute.ToString()));

    private static string Hash(string text)
    {
        using var sha = SHA256.Create();
        byte[] hash = sha.ComputeHash(Encoding.UTF8.GetBytes(text));
        return string.Concat(hash.Take(HashBytes).Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
