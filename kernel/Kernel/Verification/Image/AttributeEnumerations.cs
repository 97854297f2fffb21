using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>How many bytes an enumeration takes in the values of attributes: those of the image itself and those of the framework.</summary>
internal sealed class AttributeEnumerations
{
    private readonly ImageFile file;
    private readonly Lazy<Dictionary<string, TypeDefinitionHandle>> own;
    private readonly Dictionary<string, SignatureTypeCode> foreign = new(StringComparer.Ordinal);

    internal AttributeEnumerations(ImageFile file)
    {
        this.file = file;
        own = new Lazy<Dictionary<string, TypeDefinitionHandle>>(IndexTypes);
    }

    /// <exception cref="BadImageFormatException">It is no enumeration.</exception>
    internal int BytesOf(EntityHandle handle) => AttributeValues.BytesOf(handle.Kind == HandleKind.TypeDefinition
        ? CodeOf((TypeDefinitionHandle)handle) : CodeOfForeign(file.NameOf(handle), AssemblyOf((TypeReferenceHandle)handle)));

    /// <summary>The type of an enumeration's values, by the name that an attribute gives it (II.23.3, SerString).</summary>
    /// <exception cref="BadImageFormatException">There is no such enumeration.</exception>
    internal SignatureTypeCode CodeOf(string? name)
    {
        string[] parts = (name ?? string.Empty).Split(',', 3, StringSplitOptions.TrimEntries);
        string assembly = parts.Length > 1 ? parts[1] : string.Empty;
        bool isOwn = assembly.Length == 0 || assembly == file.Metadata.GetString(file.Metadata.GetAssemblyDefinition().Name);
        return isOwn && own.Value.TryGetValue(parts[0], out TypeDefinitionHandle handle) ? CodeOf(handle)
            : CodeOfForeign(parts[0], assembly.Length == 0 ? "System.Runtime" : assembly);
    }

    private Dictionary<string, TypeDefinitionHandle> IndexTypes()
    {
        var types = new Dictionary<string, TypeDefinitionHandle>(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle handle in file.Metadata.TypeDefinitions)
        {
            types[file.NameOf(handle)] = handle;
        }

        return types;
    }

    /// <summary>The one instance field (II.14.3).</summary>
    private SignatureTypeCode CodeOf(TypeDefinitionHandle handle)
    {
        foreach (FieldDefinitionHandle field in file.Metadata.GetTypeDefinition(handle).GetFields())
        {
            FieldDefinition definition = file.Metadata.GetFieldDefinition(field);
            if ((definition.Attributes & System.Reflection.FieldAttributes.Static) == 0)
            {
                return file.Signature(definition.Signature, file.NameOf(field)).Arguments[0].Code;
            }
        }

        throw new BadImageFormatException($"{file.NameOf(handle)} is no enumeration");
    }

    private string AssemblyOf(TypeReferenceHandle handle)
    {
        EntityHandle scope = file.Metadata.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => AssemblyOf((TypeReferenceHandle)scope),
            HandleKind.AssemblyReference => file.Metadata.GetString(
                file.Metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            _ => string.Empty,
        };
    }

    private SignatureTypeCode CodeOfForeign(string name, string assembly)
    {
        string full = $"{name}, {assembly}";
        if (!foreign.TryGetValue(full, out SignatureTypeCode code))
        {
            code = IsPlain(name) && TableRules.IsAllowedReference(assembly) && Type.GetType(full, throwOnError: false) is { IsEnum: true } type
                ? CodeOf(Type.GetTypeCode(type)) : throw new BadImageFormatException($"there is no enumeration '{name}' for an attribute");
            foreign.Add(full, code);
        }

        return code;
    }

    /// <summary>Whether a name is nothing but a name: it goes to the runtime's own parser.</summary>
    private static bool IsPlain(string name) => name.All(one => char.IsLetterOrDigit(one) || one is '.' or '_' or '+' or '`');

    private static SignatureTypeCode CodeOf(TypeCode code) => code switch
    {
        TypeCode.SByte => SignatureTypeCode.SByte,
        TypeCode.Byte => SignatureTypeCode.Byte,
        TypeCode.Int16 => SignatureTypeCode.Int16,
        TypeCode.UInt16 => SignatureTypeCode.UInt16,
        TypeCode.Int32 => SignatureTypeCode.Int32,
        TypeCode.UInt32 => SignatureTypeCode.UInt32,
        TypeCode.Int64 => SignatureTypeCode.Int64,
        TypeCode.UInt64 => SignatureTypeCode.UInt64,
        _ => throw new BadImageFormatException("an enumeration of no number"),
    };
}
