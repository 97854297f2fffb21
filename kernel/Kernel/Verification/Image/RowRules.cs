using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Rows that decide nothing about what code does, but that every reader of the image follows: names must be there, owners must
/// be rows that exist. The rewriter's reader indexes its arrays with them.
/// </summary>
internal sealed class RowRules
{
    private readonly ImageFile file;
    private readonly MetadataReader metadata;

    private RowRules(ImageFile file)
    {
        this.file = file;
        metadata = file.Metadata;
    }

    /// <exception cref="BadImageFormatException">A row leads outside.</exception>
    internal static void Check(ImageFile file)
    {
        var rules = new RowRules(file);
        rules.CheckTypes();
        rules.CheckMembers();
        rules.CheckGenerics();
        rules.CheckOthers();
    }

    private void CheckTypes()
    {
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            TypeDefinition type = metadata.GetTypeDefinition(handle);
            Name(type.Name);
            _ = metadata.GetString(type.Namespace);
            Row(type.BaseType);
            Row(type.GetDeclaringType());
            foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
            {
                Row(metadata.GetInterfaceImplementation(implementation).Interface);
            }

            foreach (MethodImplementationHandle implementation in type.GetMethodImplementations())
            {
                MethodImplementation row = metadata.GetMethodImplementation(implementation);
                Row(row.MethodBody);
                Row(row.MethodDeclaration);
            }
        }

        foreach (TypeReferenceHandle handle in metadata.TypeReferences)
        {
            Name(metadata.GetTypeReference(handle).Name);
            Row(metadata.GetTypeReference(handle).ResolutionScope);
        }
    }

    private void CheckMembers()
    {
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            Name(method.Name);
            foreach (ParameterHandle parameter in method.GetParameters())
            {
                Row(parameter);
                _ = metadata.GetString(metadata.GetParameter(parameter).Name);
            }
        }

        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            Name(metadata.GetMemberReference(handle).Name);
            Row(metadata.GetMemberReference(handle).Parent);
        }

        foreach (PropertyDefinitionHandle handle in metadata.PropertyDefinitions)
        {
            PropertyAccessors accessors = metadata.GetPropertyDefinition(handle).GetAccessors();
            Row(accessors.Getter);
            Row(accessors.Setter);
        }

        foreach (EventDefinitionHandle handle in metadata.EventDefinitions)
        {
            EventDefinition definition = metadata.GetEventDefinition(handle);
            Name(definition.Name);
            Row(definition.Type);
            EventAccessors accessors = definition.GetAccessors();
            Row(accessors.Adder);
            Row(accessors.Remover);
            Row(accessors.Raiser);
        }
    }

    private void CheckGenerics()
    {
        for (int row = 1; row <= file.Rows(TableIndex.GenericParam); row++)
        {
            GenericParameter parameter = metadata.GetGenericParameter(MetadataTokens.GenericParameterHandle(row));
            _ = metadata.GetString(parameter.Name);
            Row(parameter.Parent);
            foreach (GenericParameterConstraintHandle handle in parameter.GetConstraints())
            {
                Row(metadata.GetGenericParameterConstraint(handle).Type);
            }
        }

        for (int row = 1; row <= file.Rows(TableIndex.MethodSpec); row++)
        {
            Row(metadata.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle(row)).Method);
        }
    }

    private void CheckOthers()
    {
        foreach (CustomAttributeHandle handle in metadata.CustomAttributes)
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            Row(attribute.Parent);
            Row(attribute.Constructor);
            _ = metadata.GetBlobReader(attribute.Value);
        }

        for (int row = 1; row <= file.Rows(TableIndex.Constant); row++)
        {
            Constant constant = metadata.GetConstant(MetadataTokens.ConstantHandle(row));
            Row(constant.Parent);
            _ = metadata.GetBlobReader(constant.Value);
        }

        foreach (ManifestResourceHandle handle in metadata.ManifestResources)
        {
            Name(metadata.GetManifestResource(handle).Name);
            Row(metadata.GetManifestResource(handle).Implementation);
        }

        Name(metadata.GetModuleDefinition().Name);
        _ = metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }

    private void Name(StringHandle name)
    {
        if (metadata.GetString(name).Length == 0)
        {
            throw new BadImageFormatException("a type or member without a name");
        }
    }

    /// <summary>A row that a column leads to must exist; none at all is the business of whoever needs one.</summary>
    private void Row(EntityHandle handle)
    {
        if (!handle.IsNil && (!MetadataTokens.TryGetTableIndex(handle.Kind, out TableIndex table)
            || MetadataTokens.GetRowNumber(handle) > file.Rows(table)))
        {
            throw new BadImageFormatException($"a row refers to the {handle.Kind} {MetadataTokens.GetRowNumber(handle)}, which is not there");
        }
    }
}
