using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>
/// Boxes of structs that may hold another box: the framework compares, hashes and prints a chain of them by recursion, without a guard.
/// The verifier looks at generic code as well.
/// </summary>
internal static class Boxes
{
    private const string Advice = "a box of it may hold another one, and the framework walks a chain of them by recursion: give the struct an Equals "
        + "and a GetHashCode of its own, or use a class";

    /// <summary>Interfaces of the framework that its own structs implement.</summary>
    private static readonly HashSet<string> ValueInterfaces =
    [
        "IComparable", "IEquatable", "IFormattable", "ISpanFormattable", "ITuple", "IDisposable", "IEnumerator", "IStructuralEquatable",
        "IStructuralComparable",
    ];

    internal static void Register(CompilationStartAnalysisContext context) =>
        context.RegisterOperationAction(CheckConversion, OperationKind.Conversion);

    private static void CheckConversion(OperationAnalysisContext context)
    {
        var conversion = (IConversionOperation)context.Operation;
        if (conversion.Operand.Type is { IsValueType: true } type && conversion.Type is { IsReferenceType: true } && IsOpen(type, depth: 0))
        {
            context.ReportDiagnostic(new Offence(IsolationDiagnostics.Cost, Advice).At(conversion.Operand.Syntax.GetLocation()));
        }
    }

    private static bool IsOpen(ITypeSymbol type, int depth)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None or SpecialType.System_Nullable_T } named
            || depth > IsolationLimits.NestingMax)
        {
            return false;
        }

        bool isWalked = named.IsTupleType || named.MetadataName is "KeyValuePair`2" or "Nullable`1";
        return isWalked
            ? named.TypeArguments.Any(argument => MayHoldABox(argument, depth))
            : !HasOwn(named, "Equals", 1) || !HasOwn(named, "GetHashCode", 0)
                ? named.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && MayHoldABox(field.Type, depth))
                : false;
    }

    private static bool MayHoldABox(ITypeSymbol type, int depth) => type switch
    {
        ITypeParameterSymbol parameter => !parameter.HasValueTypeConstraint
            && !parameter.ConstraintTypes.Any(one => one is { TypeKind: TypeKind.Class, SpecialType: not SpecialType.System_Object }),
        { IsValueType: true } => IsOpen(type, depth + 1),
        { SpecialType: SpecialType.System_Object or SpecialType.System_ValueType } => true,
        { TypeKind: TypeKind.Dynamic } => true,
        { TypeKind: TypeKind.Interface } => ValueInterfaces.Contains(type.Name),
        _ => false,
    };

    private static bool HasOwn(INamedTypeSymbol type, string method, int parameterCount) =>
        type.GetMembers(method).OfType<IMethodSymbol>().Any(one => one.IsOverride && one.Parameters.Length == parameterCount);
}
