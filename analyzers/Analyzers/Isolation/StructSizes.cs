using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>How many bytes a value takes, roughly and never too few by more than padding: to find the large ones.</summary>
internal static class StructSizes
{
    private const int WordBytes = 8;
    private const int LargestScalarBytes = 16;

    internal static long BytesOf(ITypeSymbol type) => BytesOf(type, 0);

    private static long BytesOf(ITypeSymbol type, int depth)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct } named || depth > IsolationLimits.NestingMax)
        {
            return type.TypeKind == TypeKind.Enum && type is INamedTypeSymbol { EnumUnderlyingType: { } integer }
                ? ScalarBytes(integer.SpecialType) : WordBytes;
        }

        if (ScalarBytes(named.SpecialType) is var scalar and > 0)
        {
            return scalar;
        }

        long bytes = 0;
        foreach (IFieldSymbol field in named.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic))
        {
            bytes += field is { IsFixedSizeBuffer: true, Type: IPointerTypeSymbol buffer }
                ? field.FixedSize * BytesOf(buffer.PointedAtType, depth + 1) : BytesOf(field.Type, depth + 1);
        }

        return Math.Max(bytes, Math.Max(1, DeclaredBytes(named)));
    }

    /// <summary>What <c>[StructLayout(..., Size = n)]</c> and <c>[InlineArray(n)]</c> ask for.</summary>
    private static long DeclaredBytes(INamedTypeSymbol type)
    {
        long bytes = 0;
        foreach (AttributeData attribute in type.GetAttributes())
        {
            foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
            {
                if (argument is { Key: "Size", Value.Value: int size }
                    && attribute.AttributeClass?.Name == "StructLayoutAttribute")
                {
                    bytes = size;
                }
            }
        }

        return bytes;
    }

    private static int ScalarBytes(SpecialType type) => type switch
    {
        SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_SByte => sizeof(byte),
        SpecialType.System_Char or SpecialType.System_Int16 or SpecialType.System_UInt16 => sizeof(short),
        SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Single => sizeof(int),
        SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_Double => sizeof(long),
        SpecialType.System_IntPtr or SpecialType.System_UIntPtr or SpecialType.System_DateTime => WordBytes,
        SpecialType.System_Decimal => LargestScalarBytes,
        _ => 0,
    };
}
