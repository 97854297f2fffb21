using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators.Rules;

/// <summary>Looks through the fields of a struct and of the structs in it.</summary>
internal static class FieldWalk
{
    /// <summary>Deeper nesting than this is taken for a cycle in wrong code, which the compiler reports itself.</summary>
    private const int DepthMax = 32;

    /// <summary>The path to the first field whose type fits, as in <c>header.name</c>; null when there is none.</summary>
    internal static string? Find(ITypeSymbol type, Func<ITypeSymbol, bool> fits) => Find(type, fits, DepthMax);

    private static string? Find(ITypeSymbol type, Func<ITypeSymbol, bool> fits, int depth)
    {
        if (depth == 0 || type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_Double)
        {
            return null;
        }

        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic))
        {
            string name = field.AssociatedSymbol?.Name ?? field.Name;
            if (fits(field.Type))
            {
                return name;
            }

            if (field.Type.IsValueType && Find(field.Type, fits, depth - 1) is { } inner)
            {
                return $"{name}.{inner}";
            }
        }

        return null;
    }
}
