using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Every row that names something else: its names, signatures and owners lie where they should. After this the runtime's own
/// readers, which recurse and trust more, may see the image.
/// </summary>
internal static class ReferenceTableRules
{
    /// <exception cref="BadImageFormatException">Metadata is damaged.</exception>
    internal static void Check(ImageFile file)
    {
        MetadataReader metadata = file.Metadata;
        var unused = new ViolationLog();
        for (int row = 1; row <= file.Rows(TableIndex.TypeSpec); row++)
        {
            _ = file.TypeOf(MetadataTokens.TypeSpecificationHandle(row), "a type");
        }

        for (int row = 1; row <= file.Rows(TableIndex.MethodSpec); row++)
        {
            MethodSpecification method = metadata.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle(row));
            _ = file.Signature(method.Signature, "a generic method");
        }

        for (int row = 1; row <= file.Rows(TableIndex.StandAloneSig); row++)
        {
            _ = file.Signature(metadata.GetStandaloneSignature(MetadataTokens.StandaloneSignatureHandle(row)).Signature, "locals");
        }

        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            // Only its form: what it names is judged where it is used. A literal span's constructor takes a pointer.
            MemberReference reference = metadata.GetMemberReference(handle);
            _ = SignatureParser.Parse(metadata.GetBlobReader(reference.Signature), metadata.GetString(reference.Name), unused);
        }

        foreach (PropertyDefinitionHandle handle in metadata.PropertyDefinitions)
        {
            PropertyDefinition property = metadata.GetPropertyDefinition(handle);
            _ = file.Signature(property.Signature, metadata.GetString(property.Name));
        }

        CheckScopes(file);
    }

    /// <summary>A type reference leads to another assembly, or to the type around it (II.22.38).</summary>
    private static void CheckScopes(ImageFile file)
    {
        foreach (TypeReferenceHandle handle in file.Metadata.TypeReferences)
        {
            TypeReference reference = file.Metadata.GetTypeReference(handle);
            if (reference.ResolutionScope.IsNil
                || reference.ResolutionScope.Kind is not (HandleKind.AssemblyReference or HandleKind.TypeReference))
            {
                file.Log.Add(RuleId.Malformed, file.NameOf(handle), "a type reference that leads to no assembly");
            }
        }
    }
}
