using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// Whether code may name a member (ECMA-335 I.8.5.3). The runtime checks this too, but leaves it out for assemblies that an
/// image names in an attribute of its own making; this check knows no attributes.
/// </summary>
internal sealed class Accessibility
{
    private readonly HashSet<(Type From, MemberInfo Member, Type? Through)> granted = [];

    /// <param name="from">The method that names the member.</param>
    /// <param name="member">A field or a method.</param>
    /// <param name="through">Type of the object; null for static members.</param>
    /// <exception cref="FlowException">It may not be named.</exception>
    internal void Check(MethodBase from, MemberInfo member, Type? through)
    {
        Type user = from.DeclaringType!;
        if (granted.Contains((user, member, through)))
        {
            return;
        }

        CheckType(user, member.DeclaringType!, 0);
        if (!MaySeeMember(user, member, through))
        {
            throw FlowException.Access($"{member.DeclaringType!.Name}.{member.Name} is not accessible from {user.Name}");
        }

        if (member is MethodInfo { IsGenericMethod: true } generic)
        {
            Array.ForEach(generic.GetGenericArguments(), argument => CheckType(user, argument, 0));
        }

        granted.Add((user, member, through));
    }

    /// <exception cref="FlowException">The type, or one that it is made of, may not be named.</exception>
    internal void CheckType(Type user, Type type, int depth)
    {
        if (depth > FlowLimits.TypeDepthMax)
        {
            throw FlowException.Malformed($"a type is nested more than {FlowLimits.TypeDepthMax} levels deep");
        }

        if (type.IsGenericParameter)
        {
            return;
        }

        if (type.HasElementType)
        {
            CheckType(user, type.GetElementType()!, depth + 1);
            return;
        }

        if (!MaySeeType(user, type))
        {
            throw FlowException.Access($"the type {type.Name} is not accessible from {user.Name}");
        }

        if (type.IsGenericType && !type.IsGenericTypeDefinition)
        {
            Array.ForEach(type.GetGenericArguments(), argument => CheckType(user, argument, depth + 1));
        }
    }

    private static bool MaySeeType(Type user, Type type)
    {
        bool isOwn = type.Module.Assembly == user.Module.Assembly;
        if (!type.IsNested)
        {
            return isOwn || type.IsPublic;
        }

        Type outer = type.DeclaringType!;
        bool mayEnter = (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.NestedPublic => true,
            TypeAttributes.NestedAssembly => isOwn,
            TypeAttributes.NestedFamORAssem => isOwn || IsFamily(user, outer),
            TypeAttributes.NestedFamANDAssem => isOwn && IsFamily(user, outer),
            TypeAttributes.NestedFamily => IsFamily(user, outer),
            _ => IsWithin(user, outer),
        };
        return mayEnter && MaySeeType(user, outer);
    }

    private static bool MaySeeMember(Type user, MemberInfo member, Type? through)
    {
        Type declaring = member.DeclaringType!;
        bool isOwn = declaring.Module.Assembly == user.Module.Assembly;
        MethodAttributes access = member switch
        {
            FieldInfo field => (MethodAttributes)(field.Attributes & FieldAttributes.FieldAccessMask),
            MethodBase method => method.Attributes & MethodAttributes.MemberAccessMask,
            _ => MethodAttributes.PrivateScope,
        };
        return access switch
        {
            MethodAttributes.Public => true,
            MethodAttributes.Assembly => isOwn,
            MethodAttributes.Family => IsFamilyAccess(user, declaring, through),
            MethodAttributes.FamORAssem => isOwn || IsFamilyAccess(user, declaring, through),
            MethodAttributes.FamANDAssem => isOwn && IsFamilyAccess(user, declaring, through),
            MethodAttributes.Private => isOwn && IsWithin(user, declaring),
            _ => isOwn,
        };
    }

    /// <summary>
    /// Protected members are seen by nested types of the family too, but only on objects of the family's class.
    /// </summary>
    private static bool IsFamilyAccess(Type user, Type declaring, Type? through)
    {
        for (Type? scope = user; scope is not null; scope = scope.DeclaringType)
        {
            if (Derives(scope, declaring) && (through is null || Derives(through, scope)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFamily(Type user, Type declaring)
    {
        for (Type? scope = user; scope is not null; scope = scope.DeclaringType)
        {
            if (Derives(scope, declaring))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Derives(Type type, Type ancestor)
    {
        Type definition = Definition(ancestor);
        for (Type? up = type; up is not null; up = up.BaseType)
        {
            if (Definition(up) == definition)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWithin(Type user, Type outer)
    {
        Type definition = Definition(outer);
        for (Type? scope = user; scope is not null; scope = scope.DeclaringType)
        {
            if (Definition(scope) == definition)
            {
                return true;
            }
        }

        return false;
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
