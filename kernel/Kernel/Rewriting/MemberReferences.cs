using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>References to methods, as code names them that is outside of the method's own type, or inside of a generic one.</summary>
internal static class MemberReferences
{
    /// <summary>A method of a type, given its signature by a method of the same name and parameters.</summary>
    internal static MethodReference On(TypeReference type, MethodReference signature)
    {
        var reference = new MethodReference(signature.Name, signature.ReturnType, type)
        {
            HasThis = signature.HasThis,
            ExplicitThis = signature.ExplicitThis,
            CallingConvention = signature.CallingConvention,
        };
        foreach (GenericParameter parameter in signature.GenericParameters)
        {
            reference.GenericParameters.Add(new GenericParameter(parameter.Name, reference));
        }

        foreach (ParameterDefinition parameter in signature.Parameters)
        {
            reference.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
        }

        return reference;
    }

    /// <summary>Another method, called as a call names its callee: of the same type, with the same type arguments.</summary>
    /// <param name="called">What the call names now.</param>
    /// <param name="other">A method of the callee's type with as many type parameters.</param>
    internal static MethodReference InPlaceOf(MethodReference called, MethodDefinition other)
    {
        if (called is GenericInstanceMethod generic)
        {
            return Instance(InPlaceOf(generic.ElementMethod, other), generic.GenericArguments);
        }

        return called is MethodDefinition ? other : On(called.DeclaringType, other);
    }

    /// <summary>A method as code of its own type calls it, with the type parameters of a caller that has the same.</summary>
    internal static MethodReference FromWithin(MethodDefinition method, MethodDefinition caller)
    {
        MethodReference reference = method;
        if (method.DeclaringType.HasGenericParameters)
        {
            var type = new GenericInstanceType(method.DeclaringType);
            foreach (GenericParameter parameter in method.DeclaringType.GenericParameters)
            {
                type.GenericArguments.Add(parameter);
            }

            reference = On(type, method);
        }

        return caller.HasGenericParameters ? Instance(reference, caller.GenericParameters) : reference;
    }

    private static GenericInstanceMethod Instance(MethodReference method, IEnumerable<TypeReference> arguments)
    {
        var instance = new GenericInstanceMethod(method);
        foreach (TypeReference argument in arguments)
        {
            instance.GenericArguments.Add(argument);
        }

        return instance;
    }
}
