using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Attributes that change what the runtime does with a member. They are told by name: the runtime also honours those that an
/// image declares itself.
/// </summary>
internal static class AttributeRules
{
    private const string Compiler = "System.Runtime.CompilerServices.";
    private const string Interop = "System.Runtime.InteropServices.";

    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        [Compiler + "IgnoresAccessChecksToAttribute"] = RuleId.AccessBypass,
        [Compiler + "UnsafeAccessorAttribute"] = RuleId.AccessBypass,
        [Compiler + "UnsafeAccessorTypeAttribute"] = RuleId.AccessBypass,
        [Compiler + "IntrinsicAttribute"] = RuleId.AccessBypass,
        [Compiler + "FixedAddressValueTypeAttribute"] = RuleId.AccessBypass,
        [Compiler + "SuppressMergeCheckAttribute"] = RuleId.AccessBypass,
        ["System.Security.UnverifiableCodeAttribute"] = RuleId.Unsafe,
        ["System.Security.SuppressUnmanagedCodeSecurityAttribute"] = RuleId.NativeCode,
        [Compiler + "UnsafeValueTypeAttribute"] = RuleId.Unsafe,
        [Compiler + "FixedBufferAttribute"] = RuleId.Unsafe,
        [Compiler + "SkipLocalsInitAttribute"] = RuleId.SkipLocalsInit,
        [Compiler + "ModuleInitializerAttribute"] = RuleId.ModuleInitializer,
        [Compiler + "InlineArrayAttribute"] = RuleId.Size,
        [Interop + "UnmanagedCallersOnlyAttribute"] = RuleId.NativeCode,
        [Interop + "LibraryImportAttribute"] = RuleId.NativeCode,
        [Interop + "SuppressGCTransitionAttribute"] = RuleId.NativeCode,
        [Interop + "TypeIdentifierAttribute"] = RuleId.NativeCode,
        [Interop + "ComImportAttribute"] = RuleId.NativeCode,
        [Interop + "UnmanagedFunctionPointerAttribute"] = RuleId.NativeCode,
        ["System.ThreadStaticAttribute"] = RuleId.StaticState,
    };

    /// <exception cref="BadImageFormatException">Metadata is damaged.</exception>
    internal static void Check(ImageFile file)
    {
        var enumerations = new AttributeEnumerations(file);
        var counts = new Dictionary<EntityHandle, int>();
        foreach (CustomAttributeHandle handle in file.Metadata.CustomAttributes)
        {
            CustomAttribute attribute = file.Metadata.GetCustomAttribute(handle);
            string name = TypeName(file, attribute.Constructor);
            if (Refused.TryGetValue(name, out string? rule))
            {
                file.Log.Add(rule, ParentName(file, attribute.Parent), $"the attribute {name} is not allowed");
            }

            if ((counts[attribute.Parent] = counts.GetValueOrDefault(attribute.Parent) + 1) > VerificationLimits.AttributesOfOneMax)
            {
                throw new BadImageFormatException(
                    $"'{ParentName(file, attribute.Parent)}' has more than {VerificationLimits.AttributesOfOneMax} attributes");
            }

            CheckValues(file, enumerations, attribute);
        }
    }

    private static void CheckValues(ImageFile file, AttributeEnumerations enumerations, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind == HandleKind.MethodDefinition)
        {
            MethodDefinition constructor = file.Metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor);
            AttributeValues.Check(file, enumerations, attribute, file.Signature(constructor.Signature, "an attribute"), []);
            return;
        }

        MemberReference reference = file.Metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor);
        IReadOnlyList<SignatureType> typeArguments = reference.Parent.Kind == HandleKind.TypeSpecification
            ? file.TypeOf(reference.Parent, "an attribute").Arguments : [];
        AttributeValues.Check(file, enumerations, attribute, file.Signature(reference.Signature, "an attribute"), typeArguments);
    }

    private static string TypeName(ImageFile file, EntityHandle constructor) => constructor.Kind switch
    {
        HandleKind.MethodDefinition => file.NameOf(
            file.Metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType()),
        HandleKind.MemberReference => ParentType(file, file.Metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent),
        _ => throw new BadImageFormatException("an attribute without a constructor"),
    };

    private static string ParentType(ImageFile file, EntityHandle parent) => file.NameOf(
        parent.Kind == HandleKind.TypeSpecification ? file.TypeOf(parent, "an attribute").Handle : parent);

    private static string ParentName(ImageFile file, EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeDefinition => file.NameOf((TypeDefinitionHandle)parent),
        HandleKind.MethodDefinition => file.NameOf((MethodDefinitionHandle)parent),
        HandleKind.FieldDefinition => file.NameOf((FieldDefinitionHandle)parent),
        _ => string.Empty,
    };
}
