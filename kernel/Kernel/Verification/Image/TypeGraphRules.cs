using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Types of one name, and types that contain, extend or enclose themselves, or do so too deeply: the type loader follows each such chain by recursion.
/// </summary>
internal sealed class TypeGraphRules
{
    private readonly ImageFile file;

    private TypeGraphRules(ImageFile file) => this.file = file;

    /// <summary>Names of types can be asked for after this has returned true.</summary>
    /// <exception cref="BadImageFormatException">Metadata is damaged.</exception>
    internal static bool Check(ImageFile file)
    {
        var rules = new TypeGraphRules(file);
        return rules.IsFlat(rules.Enclosing, "enclosed in") && rules.HasUniqueNames() && rules.HasFlatReferences()
            && rules.IsFlat(rules.Bases, "derived from") && rules.IsFlat(rules.Contained, "contained in");
    }

    private IEnumerable<TypeDefinitionHandle> Enclosing(TypeDefinition type) => [type.GetDeclaringType()];

    private IEnumerable<TypeDefinitionHandle> Bases(TypeDefinition type) =>
        type.GetInterfaceImplementations().Select(handle => file.Metadata.GetInterfaceImplementation(handle).Interface)
            .Append(type.BaseType)
            .Where(handle => !handle.IsNil)
            .Select(handle => ImageFile.DefinitionOf(file.TypeOf(handle, "a base type")));

    private IEnumerable<TypeDefinitionHandle> Contained(TypeDefinition type) => type.GetFields()
        .Select(handle => file.Metadata.GetFieldDefinition(handle))
        .Where(field => (field.Attributes & System.Reflection.FieldAttributes.Static) == 0)
        .Select(field => file.Signature(field.Signature, "a field").Arguments[0])
        .Where(field => field.Code == (SignatureTypeCode)SignatureTypeKind.ValueType
            || (field.Code == SignatureTypeCode.GenericTypeInstance && field.Index == (int)SignatureTypeKind.ValueType))
        .Select(ImageFile.DefinitionOf);

    /// <summary>
    /// The entry class is found by its name: of two with one name (which ECMA-335 II.22.37 forbids) it would depend on the reader
    /// which of them is meant.
    /// </summary>
    private bool HasUniqueNames()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle type in file.Metadata.TypeDefinitions)
        {
            if (!names.Add(file.NameOf(type)))
            {
                file.Log.Add(RuleId.Malformed, file.NameOf(type), "two types of this name");
                return false;
            }
        }

        return true;
    }

    private bool HasFlatReferences()
    {
        foreach (TypeReferenceHandle handle in file.Metadata.TypeReferences)
        {
            EntityHandle scope = handle;
            for (int depth = 0; scope.Kind == HandleKind.TypeReference; depth++)
            {
                if (depth > VerificationLimits.TypeDepthMax)
                {
                    file.Log.Add(RuleId.Malformed, string.Empty, "references to nested types go in a circle");
                    return false;
                }

                scope = file.Metadata.GetTypeReference((TypeReferenceHandle)scope).ResolutionScope;
            }
        }

        return true;
    }

    /// <summary>Depth first, with the path on a list of its own: the chains may be as long as the image.</summary>
    private bool IsFlat(Func<TypeDefinition, IEnumerable<TypeDefinitionHandle>> edges, string relation)
    {
        var depths = new Dictionary<TypeDefinitionHandle, int>();
        var path = new Stack<(TypeDefinitionHandle Type, Queue<TypeDefinitionHandle> Left)>();
        var onPath = new HashSet<TypeDefinitionHandle>();
        foreach (TypeDefinitionHandle root in file.Metadata.TypeDefinitions)
        {
            Push(root);
            while (path.TryPeek(out var top))
            {
                if (!top.Left.TryDequeue(out TypeDefinitionHandle next))
                {
                    path.Pop();
                    onPath.Remove(top.Type);
                    if (path.TryPeek(out var above))
                    {
                        depths[above.Type] = Math.Max(depths[above.Type], depths[top.Type] + 1);
                    }
                }
                else if (onPath.Contains(next) || path.Count > VerificationLimits.TypeDepthMax)
                {
                    return Refuse(next, relation);
                }
                else if (!next.IsNil && !depths.ContainsKey(next))
                {
                    Push(next);
                }
                else if (!next.IsNil)
                {
                    depths[top.Type] = Math.Max(depths[top.Type], depths[next] + 1);
                }
            }

            if (depths[root] > VerificationLimits.TypeDepthMax)
            {
                return Refuse(root, relation);
            }
        }

        return true;

        void Push(TypeDefinitionHandle type)
        {
            if (depths.TryAdd(type, 0))
            {
                onPath.Add(type);
                path.Push((type, new Queue<TypeDefinitionHandle>(edges(file.Metadata.GetTypeDefinition(type)))));
            }
        }
    }

    private bool Refuse(TypeDefinitionHandle type, string relation)
    {
        string name = file.Metadata.GetString(file.Metadata.GetTypeDefinition(type).Name);
        file.Log.Add(
            RuleId.Malformed, name, $"the type is {relation} itself, or more than {VerificationLimits.TypeDepthMax} deep");
        return false;
    }
}
