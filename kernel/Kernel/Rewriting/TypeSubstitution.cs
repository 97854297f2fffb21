using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>Types and members as a copy of a generic method names them: by type parameters of its own.</summary>
/// <param name="original">The method that was copied.</param>
/// <param name="copy">The copy.</param>
internal sealed class TypeSubstitution(MethodDefinition original, MethodDefinition copy)
{
    internal TypeReference Of(TypeReference type)
    {
        if (!original.HasGenericParameters || !type.ContainsGenericParameter)
        {
            return type;
        }

        return type switch
        {
            GenericParameter parameter => parameter.Owner == original ? copy.GenericParameters[parameter.Position] : parameter,
            GenericInstanceType generic => OfInstance(generic),
            ArrayType { IsVector: true } array => new ArrayType(Of(array.ElementType)),
            ArrayType array => new ArrayType(Of(array.ElementType), array.Rank),
            PointerType pointer => new PointerType(Of(pointer.ElementType)),
            ByReferenceType reference => new ByReferenceType(Of(reference.ElementType)),
            PinnedType pinned => new PinnedType(Of(pinned.ElementType)),
            RequiredModifierType modified => new RequiredModifierType(Of(modified.ModifierType), Of(modified.ElementType)),
            OptionalModifierType modified => new OptionalModifierType(Of(modified.ModifierType), Of(modified.ElementType)),
            _ => throw new NotSupportedException($"{original.FullName} names {type.FullName}"),
        };
    }

    /// <summary>An instruction's operand: a type or member, or what has no types in it.</summary>
    internal object OfOperand(object operand) => !original.HasGenericParameters ? operand : operand switch
    {
        TypeReference type => Of(type),
        GenericInstanceMethod method => OfInstance(method),
        MethodReference method => OfMember(method),
        FieldReference field when field.DeclaringType.ContainsGenericParameter =>
            new FieldReference(field.Name, field.FieldType, Of(field.DeclaringType)),
        _ => operand,
    };

    private GenericInstanceType OfInstance(GenericInstanceType generic)
    {
        var instance = new GenericInstanceType(generic.ElementType);
        foreach (TypeReference argument in generic.GenericArguments)
        {
            instance.GenericArguments.Add(Of(argument));
        }

        return instance;
    }

    private GenericInstanceMethod OfInstance(GenericInstanceMethod method)
    {
        var instance = new GenericInstanceMethod(OfMember(method.ElementMethod));
        foreach (TypeReference argument in method.GenericArguments)
        {
            instance.GenericArguments.Add(Of(argument));
        }

        return instance;
    }

    private MethodReference OfMember(MethodReference method) => method.DeclaringType.ContainsGenericParameter
        ? MemberReferences.On(Of(method.DeclaringType), method)
        : method;
}
