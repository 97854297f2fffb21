using System.Reflection;
using System.Runtime.CompilerServices;

namespace RedLeafSharp.Verification.Rules;

/// <summary>
/// Value types that may hold a boxed value, and that the framework compares, hashes or prints by asking what they hold. A chain of such
/// boxes is as deep as its maker likes, and the framework walks it by recursion, without a poll or a guard: it ends the process. So no
/// box is made of one.
/// </summary>
/// <remarks>
/// A struct with an Equals and a GetHashCode of its own is not one: those are the domain's code, with guards. A class is compared by
/// identity, or by code of the domain.
/// </remarks>
internal sealed class OpenValues
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Interfaces of the framework that its own value types implement.</summary>
    private static readonly HashSet<Type> ValueInterfaces =
    [
        typeof(IComparable), typeof(IComparable<>), typeof(IEquatable<>), typeof(IFormattable), typeof(ISpanFormattable), typeof(ITuple),
        typeof(IDisposable), typeof(System.Collections.IEnumerator), typeof(IEnumerator<>), typeof(System.Collections.IStructuralEquatable),
        typeof(System.Collections.IStructuralComparable),
    ];

    /// <summary>Their own Equals, GetHashCode and ToString ask each item.</summary>
    private static readonly HashSet<Type> Walked =
    [
        typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>),
        typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
    ];

    private readonly HashSet<Type> interfaces = [.. ValueInterfaces];
    private readonly Dictionary<Type, bool> known = [];

    internal OpenValues(LoadedImage image)
    {
        foreach (Type one in image.Types.Where(type => type.IsValueType).SelectMany(type => type.GetInterfaces()))
        {
            interfaces.Add(DefinitionOf(one));
        }
    }

    /// <summary>What is wrong with making a box of a value, or null.</summary>
    internal (string Rule, string Message)? Objection(Type type) => IsOpen(type)
        ? (RuleId.Cost, $"a box of {type.Name}, which may hold another one: the framework walks a chain of them by recursion. Give the struct an "
            + "Equals and a GetHashCode of its own, or use a class")
        : null;

    /// <summary>
    /// What is wrong with having the framework make an enumerator, or null: those of its collections are value types, come in a box, and
    /// hold the item where they are.
    /// </summary>
    internal (string Rule, string Message)? EnumeratorObjection(MemberInfo member) =>
        member is MethodInfo { Name: nameof(IEnumerable<int>.GetEnumerator), DeclaringType: { IsInterface: true } type }
        && (type == typeof(System.Collections.IEnumerable)
            || (DefinitionOf(type) == typeof(IEnumerable<>) && MayHoldABox(type.GetGenericArguments()[0])))
            ? (RuleId.Cost, "a boxed enumerator of items that may be boxes: the framework walks a chain of them by recursion. Enumerate a list or an "
                + "array itself, or items of a class of your own")
            : null;

    internal bool IsOpen(Type type)
    {
        if (!type.IsValueType || type.IsGenericParameter || type.IsPrimitive || type.IsEnum)
        {
            return false;
        }

        if (!known.TryGetValue(type, out bool isOpen))
        {
            known[type] = false;
            isOpen = Judge(type);
            known[type] = isOpen;
        }

        return isOpen;
    }

    private bool Judge(Type type)
    {
        Type definition = DefinitionOf(type);
        if (Walked.Contains(definition))
        {
            return type.GetGenericArguments().Any(MayHoldABox);
        }

        return !HasOwn(type, nameof(Equals), typeof(object)) || !HasOwn(type, nameof(GetHashCode))
            ? type.GetFields(Fields).Any(field => MayHoldABox(field.FieldType)) : false;
    }

    private bool MayHoldABox(Type type)
    {
        if (type.IsGenericParameter)
        {
            // Structs as type arguments are looked at where the argument is named.
            return !type.GenericParameterAttributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint)
                && !type.GetGenericParameterConstraints().Any(one => one.IsClass && one != typeof(object));
        }

        return type.IsValueType
            ? IsOpen(type)
            : type == typeof(object) || type == typeof(ValueType) || (type.IsInterface && interfaces.Contains(DefinitionOf(type)));
    }

    private static bool HasOwn(Type type, string method, params Type[] parameters) =>
        type.GetMethod(method, BindingFlags.Instance | BindingFlags.Public, parameters) is { } found
        && found.DeclaringType != typeof(ValueType) && found.DeclaringType != typeof(object);

    private static Type DefinitionOf(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
