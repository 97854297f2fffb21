using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace RedLeafSharp.Verification.Image;

/// <summary>The image under verification as a file: its metadata and bodies, before anything of it is loaded.</summary>
internal sealed class ImageFile
{
    private readonly Dictionary<TypeDefinitionHandle, string> typeNames = [];

    internal ImageFile(PEReader reader, ViolationLog log, VerificationOptions options)
    {
        PE = reader;
        Metadata = reader.GetMetadataReader(MetadataReaderOptions.None);
        Log = log;
        Options = options;
    }

    internal PEReader PE { get; }

    internal MetadataReader Metadata { get; }

    internal ViolationLog Log { get; }

    internal VerificationOptions Options { get; }

    /// <summary>All bodies that could be decoded.</summary>
    internal List<MethodIL> Bodies { get; } = [];

    /// <summary>Full name of a type, <c>Outer+Nested</c> for nested ones. The graph of enclosing types has been checked.</summary>
    internal string NameOf(TypeDefinitionHandle handle)
    {
        if (!typeNames.TryGetValue(handle, out string? name))
        {
            TypeDefinition type = Metadata.GetTypeDefinition(handle);
            TypeDefinitionHandle outer = type.GetDeclaringType();
            name = outer.IsNil ? Join(type.Namespace, type.Name) : $"{NameOf(outer)}+{Metadata.GetString(type.Name)}";
            typeNames.Add(handle, name);
        }

        return name;
    }

    /// <summary>Full name of a type definition or reference; empty for a constructed type.</summary>
    internal string NameOf(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return NameOf((TypeDefinitionHandle)handle);
            case HandleKind.TypeReference:
                TypeReference reference = Metadata.GetTypeReference((TypeReferenceHandle)handle);
                return reference.ResolutionScope.Kind == HandleKind.TypeReference
                    ? $"{NameOf(reference.ResolutionScope)}+{Metadata.GetString(reference.Name)}"
                    : Join(reference.Namespace, reference.Name);
            default:
                return string.Empty;
        }
    }

    internal string NameOf(MethodDefinitionHandle handle)
    {
        MethodDefinition method = Metadata.GetMethodDefinition(handle);
        return $"{NameOf(method.GetDeclaringType())}.{Metadata.GetString(method.Name)}";
    }

    internal string NameOf(FieldDefinitionHandle handle)
    {
        FieldDefinition field = Metadata.GetFieldDefinition(handle);
        return $"{NameOf(field.GetDeclaringType())}.{Metadata.GetString(field.Name)}";
    }

    /// <summary>The definition that a type of a signature is built on; nil for others, and for those of other assemblies.</summary>
    internal static TypeDefinitionHandle DefinitionOf(SignatureType type) =>
        type.Handle.Kind == HandleKind.TypeDefinition ? (TypeDefinitionHandle)type.Handle : default;

    /// <summary>Parses the TypeSpec, or wraps the definition or reference.</summary>
    internal SignatureType TypeOf(EntityHandle handle, string member) => handle.Kind == HandleKind.TypeSpecification
        ? SignatureParser.ParseType(
            Metadata.GetBlobReader(Metadata.GetTypeSpecification((TypeSpecificationHandle)handle).Signature), member, Log)
        : new SignatureType((SignatureTypeCode)SignatureTypeKind.Class, handle, 0, []);

    /// <summary>Parses a signature of the blob heap.</summary>
    internal SignatureType Signature(BlobHandle handle, string member) =>
        SignatureParser.Parse(Metadata.GetBlobReader(handle), member, Log);

    internal int Rows(TableIndex table) => Metadata.GetTableRowCount(table);

    private string Join(StringHandle space, StringHandle name) =>
        space.IsNil ? Metadata.GetString(name) : $"{Metadata.GetString(space)}.{Metadata.GetString(name)}";
}

/// <summary>A method's code.</summary>
/// <param name="Method">The method.</param>
/// <param name="Member">Its name, for messages.</param>
/// <param name="Instructions">The instructions in order.</param>
/// <param name="Targets">Offsets that branches and exceptions lead to.</param>
internal sealed record MethodIL(
    MethodDefinitionHandle Method, string Member, List<ILInstruction> Instructions, HashSet<int> Targets)
{
    internal int Token => MetadataTokens.GetToken(Method);
}
