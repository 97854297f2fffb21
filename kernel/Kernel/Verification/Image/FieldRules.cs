using System.Reflection;
using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>Fields: static ones that can change, and constant data of the file (ECMA-335 II.16.3.1).</summary>
internal static class FieldRules
{
    /// <exception cref="BadImageFormatException">Metadata is damaged.</exception>
    internal static void Check(ImageFile file)
    {
        foreach (FieldDefinitionHandle handle in file.Metadata.FieldDefinitions)
        {
            FieldDefinition field = file.Metadata.GetFieldDefinition(handle);
            string member = file.NameOf(handle);
            SignatureType type = file.Signature(field.Signature, member).Arguments[0];
            if ((field.Attributes & FieldAttributes.HasFieldRVA) != 0)
            {
                CheckData(file, field, type, member);
            }
            else if ((field.Attributes & (FieldAttributes.Static | FieldAttributes.InitOnly | FieldAttributes.Literal)) == FieldAttributes.Static
                && !IsDelegateCache(file, field.GetDeclaringType()) && !IsPlanted(file, field))
            {
                file.Log.Add(RuleId.StaticState, member, "a static field that can change; make it readonly, or keep the state in an instance");
            }
        }
    }

    /// <summary>Bytes of constant data; 0 when the field's type has no size that the file says.</summary>
    internal static int DataBytes(ImageFile file, SignatureType type)
    {
        TypeDefinitionHandle definition = ImageFile.DefinitionOf(type);
        if (!definition.IsNil)
        {
            TypeDefinition data = file.Metadata.GetTypeDefinition(definition);
            return data.GetFields().Count == 0 && type.Code == (SignatureTypeCode)SignatureTypeKind.ValueType ? data.GetLayout().Size : 0;
        }

        return type.Code switch
        {
            SignatureTypeCode.Boolean or SignatureTypeCode.Byte or SignatureTypeCode.SByte => 1,
            SignatureTypeCode.Char or SignatureTypeCode.Int16 or SignatureTypeCode.UInt16 => 2,
            SignatureTypeCode.Int32 or SignatureTypeCode.UInt32 or SignatureTypeCode.Single => 4,
            SignatureTypeCode.Int64 or SignatureTypeCode.UInt64 or SignatureTypeCode.Double => 8,
            _ => 0,
        };
    }

    /// <summary>
    /// Data as a compiler leaves it for array and span literals: a number, or a struct without fields of an explicit size. With any
    /// other type the file could make up object references.
    /// </summary>
    private static void CheckData(ImageFile file, FieldDefinition field, SignatureType type, string member)
    {
        int size = DataBytes(file, type);
        int address = field.GetRelativeVirtualAddress();
        bool isInFile = size > 0 && file.PE.GetSectionData(address).Length >= size;
        if (!isInFile || (field.Attributes & FieldAttributes.Static) == 0 || field.GetDeclaringType().IsNil)
        {
            file.Log.Add(RuleId.Malformed, member, "a field with data that is not the constant data of a literal");
        }
    }

    /// <summary>The compiler keeps a delegate that it made once: types named so cannot be written in C#.</summary>
    private static bool IsDelegateCache(ImageFile file, TypeDefinitionHandle type)
    {
        string name = file.Metadata.GetString(file.Metadata.GetTypeDefinition(type).Name);
        return name.StartsWith("<>c", StringComparison.Ordinal) || name.StartsWith("<>O", StringComparison.Ordinal)
            || name.Contains(">O__", StringComparison.Ordinal);
    }

    /// <summary>What the rewriter adds, it keeps in types of its own.</summary>
    private static bool IsPlanted(ImageFile file, FieldDefinition field) => file.Options.IsRewritten
        && PlantedCode.IsHolder(file.NameOf(field.GetDeclaringType()));
}
