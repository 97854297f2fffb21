using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// Asks the runtime what a token means in a method: the same code that the runtime uses to run it, so there is no second
/// reading of the metadata that could differ.
/// </summary>
internal sealed class TokenResolver
{
    private readonly ImageContext image;
    private readonly Module module;
    private readonly Type[] typeParameters;
    private readonly Type[] methodParameters;

    internal TokenResolver(ImageContext image, MethodBase method)
    {
        this.image = image;
        module = method.Module;
        typeParameters = method.DeclaringType?.GetGenericArguments() ?? [];
        methodParameters = method.IsGenericMethod ? method.GetGenericArguments() : [];
    }

    private bool IsGeneric => typeParameters.Length > 0 || methodParameters.Length > 0;

    /// <exception cref="FlowException">The token names no type that the method can use.</exception>
    internal Type Type(int token)
    {
        Type type = Resolve<Type>(token, () => module.ResolveType(token, typeParameters, methodParameters));
        CheckOpen(type);
        return type;
    }

    internal FieldInfo Field(int token)
    {
        FieldInfo field = Resolve<FieldInfo>(token, () => module.ResolveField(token, typeParameters, methodParameters)!);
        CheckOpen(field.DeclaringType!);
        return field;
    }

    internal MethodBase Method(int token)
    {
        MethodBase resolved = Resolve<MethodBase>(token, () => module.ResolveMethod(token, typeParameters, methodParameters)!);
        CheckOpen(resolved.DeclaringType ?? throw FlowException.Malformed($"{resolved.Name} is a method of no type"));
        if (resolved.IsGenericMethod)
        {
            Array.ForEach(resolved.GetGenericArguments(), CheckOpen);
        }

        return resolved;
    }

    internal MemberInfo Member(int token) =>
        Resolve<MemberInfo>(token, () => module.ResolveMember(token, typeParameters, methodParameters)!);

    internal void CheckString(int token)
    {
        try
        {
            _ = module.ResolveString(token);
        }
        catch (Exception exception) when (ImageContext.IsFault(exception))
        {
            throw FlowException.Malformed($"token {token:x8} is no string");
        }
    }

    /// <summary>Refuses types that are open in parameters of somebody else: the runtime has no meaning for them here.</summary>
    internal void CheckOpen(Type type)
    {
        if (!type.ContainsGenericParameters)
        {
            return;
        }

        if (type.IsGenericParameter)
        {
            if (!typeParameters.Contains(type) && !methodParameters.Contains(type))
            {
                throw FlowException.Malformed($"the type parameter {type.Name} belongs to another type or method");
            }
        }
        else if (type.HasElementType)
        {
            CheckOpen(type.GetElementType()!);
        }
        else
        {
            Array.ForEach(type.GetGenericArguments(), CheckOpen);
        }
    }

    private T Resolve<T>(int token, Func<T> ask)
        where T : MemberInfo
    {
        if (!IsGeneric && image.Resolved.TryGetValue(token, out MemberInfo? known))
        {
            return known as T ?? throw FlowException.Malformed($"token {token:x8} is of the wrong kind");
        }

        T? member;
        try
        {
            member = ask();
        }
        catch (Exception exception) when (ImageContext.IsFault(exception))
        {
            throw FlowException.Malformed($"token {token:x8} cannot be resolved: {exception.Message}");
        }

        if (member is null)
        {
            throw FlowException.Malformed($"token {token:x8} names nothing");
        }

        if (!IsGeneric)
        {
            image.Resolved[token] = member;
        }

        return member;
    }
}
