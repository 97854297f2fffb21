using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Refuses generics that need ever larger instances of themselves, <c>F&lt;T&gt;</c> calling <c>F&lt;List&lt;T&gt;&gt;</c>: ECMA-335
/// II.9.2. Nodes are type parameters; where an instance is named, an edge leads from each parameter in an argument to the
/// parameter that gets it, expanding if the argument is larger than the parameter alone. No circle may have an expanding edge.
/// </summary>
internal sealed class GenericExpansionRules
{
    private readonly record struct Parameter(EntityHandle Owner, int Index);

    private readonly record struct Edge(Parameter To, bool IsExpanding);

    private readonly ImageFile file;
    private readonly Dictionary<Parameter, HashSet<Edge>> edges = [];

    private GenericExpansionRules(ImageFile file) => this.file = file;

    /// <exception cref="BadImageFormatException">Metadata is damaged.</exception>
    internal static void Check(ImageFile file)
    {
        var rules = new GenericExpansionRules(file);
        if (file.Rows(TableIndex.GenericParam) == 0)
        {
            return;
        }

        foreach (TypeDefinitionHandle handle in file.Metadata.TypeDefinitions)
        {
            rules.AddType(handle);
        }

        foreach (MethodIL body in file.Bodies)
        {
            rules.AddBody(body);
        }

        rules.RefuseExpandingCircles();
    }

    private void AddType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = file.Metadata.GetTypeDefinition(handle);
        IEnumerable<EntityHandle> above = type.GetInterfaceImplementations()
            .Select(one => file.Metadata.GetInterfaceImplementation(one).Interface).Append(type.BaseType).Where(one => !one.IsNil);
        foreach (EntityHandle one in above)
        {
            Add(file.TypeOf(one, string.Empty), handle, default);
        }

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            Add(file.Signature(file.Metadata.GetFieldDefinition(field).Signature, string.Empty), handle, default);
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            Add(file.Signature(file.Metadata.GetMethodDefinition(method).Signature, string.Empty), handle, method);
        }
    }

    private void AddBody(MethodIL body)
    {
        MethodDefinition method = file.Metadata.GetMethodDefinition(body.Method);
        TypeDefinitionHandle type = method.GetDeclaringType();
        StandaloneSignatureHandle locals = file.PE.GetMethodBody(method.RelativeVirtualAddress).LocalSignature;
        if (!locals.IsNil)
        {
            Add(file.Signature(file.Metadata.GetStandaloneSignature(locals).Signature, string.Empty), type, body.Method);
        }

        foreach (ILInstruction instruction in body.Instructions)
        {
            if (instruction.OpCode.OperandType is System.Reflection.Emit.OperandType.InlineMethod
                or System.Reflection.Emit.OperandType.InlineField or System.Reflection.Emit.OperandType.InlineType
                or System.Reflection.Emit.OperandType.InlineTok)
            {
                AddToken(instruction.Token, type, body.Method);
            }
        }
    }

    private void AddToken(int token, TypeDefinitionHandle type, MethodDefinitionHandle method)
    {
        // A token that is none is reported where it is resolved.
        if ((token >> 24) is not (0x1B or 0x0A or 0x2B) || (token & 0xFFFFFF) == 0)
        {
            return;
        }

        EntityHandle handle = MetadataTokens.EntityHandle(token);
        if (handle.Kind == HandleKind.MethodSpecification)
        {
            MethodSpecification instance = file.Metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
            SignatureType arguments = file.Signature(instance.Signature, string.Empty);
            Add(arguments, type, method);
            AddArguments(instance.Method, arguments.Arguments, type, method);
            handle = instance.Method;
        }

        if (handle.Kind == HandleKind.MemberReference)
        {
            handle = file.Metadata.GetMemberReference((MemberReferenceHandle)handle).Parent;
        }

        if (handle.Kind == HandleKind.TypeSpecification)
        {
            Add(file.TypeOf(handle, string.Empty), type, method);
        }
    }

    private void Add(SignatureType signature, TypeDefinitionHandle type, MethodDefinitionHandle method)
    {
        foreach (SignatureType instance in signature.All().Where(one => one.Code == SignatureTypeCode.GenericTypeInstance))
        {
            AddArguments(instance.Handle, instance.Arguments, type, method);
        }
    }

    private void AddArguments(
        EntityHandle owner, IReadOnlyList<SignatureType> arguments, TypeDefinitionHandle type, MethodDefinitionHandle method)
    {
        // Generic methods of generic types are member references; their own definition is not looked up, so all of one name count
        // as one: an edge too many can only refuse.
        for (int index = 0; index < arguments.Count; index++)
        {
            var to = new Parameter(Canonical(owner), index);
            foreach (SignatureType part in arguments[index].All())
            {
                EntityHandle? from = part.Code switch
                {
                    SignatureTypeCode.GenericTypeParameter => type,
                    SignatureTypeCode.GenericMethodParameter => Canonical(method),
                    _ => null,
                };
                if (from is { } source)
                {
                    var parameter = new Parameter(source, part.Index);
                    if (!edges.TryGetValue(parameter, out HashSet<Edge>? leaving))
                    {
                        edges.Add(parameter, leaving = []);
                    }

                    leaving.Add(new Edge(to, IsExpanding: part != arguments[index]));
                }
            }
        }
    }

    /// <summary>One handle for a method, by whatever row it is named.</summary>
    private EntityHandle Canonical(EntityHandle owner)
    {
        if (owner.Kind != HandleKind.MemberReference)
        {
            return owner;
        }

        MemberReference reference = file.Metadata.GetMemberReference((MemberReferenceHandle)owner);
        TypeDefinitionHandle type = reference.Parent.Kind switch
        {
            HandleKind.TypeDefinition => (TypeDefinitionHandle)reference.Parent,
            HandleKind.TypeSpecification => ImageFile.DefinitionOf(file.TypeOf(reference.Parent, string.Empty)),
            _ => default,
        };
        if (type.IsNil)
        {
            return owner;
        }

        string name = file.Metadata.GetString(reference.Name);
        int parameters = file.Signature(reference.Signature, name).Arguments.Count;
        foreach (MethodDefinitionHandle method in file.Metadata.GetTypeDefinition(type).GetMethods())
        {
            MethodDefinition definition = file.Metadata.GetMethodDefinition(method);
            if (file.Metadata.StringComparer.Equals(definition.Name, name)
                && file.Signature(definition.Signature, name).Arguments.Count == parameters)
            {
                return method;
            }
        }

        return owner;
    }

    private void RefuseExpandingCircles()
    {
        foreach ((Parameter from, HashSet<Edge> leaving) in edges)
        {
            foreach (Edge edge in leaving.Where(edge => edge.IsExpanding && Reaches(edge.To, from)))
            {
                string name = from.Owner.Kind == HandleKind.TypeDefinition
                    ? file.NameOf((TypeDefinitionHandle)from.Owner) : file.NameOf((MethodDefinitionHandle)from.Owner);
                file.Log.Add(RuleId.GenericExpansion, name, "it needs ever larger instances of itself");
            }
        }
    }

    private bool Reaches(Parameter start, Parameter goal)
    {
        var seen = new HashSet<Parameter> { start };
        var left = new Queue<Parameter>(seen);
        while (left.TryDequeue(out Parameter one))
        {
            if (one == goal)
            {
                return true;
            }

            foreach (Edge edge in edges.GetValueOrDefault(one) ?? [])
            {
                if (seen.Add(edge.To))
                {
                    left.Enqueue(edge.To);
                }
            }
        }

        return false;
    }
}
