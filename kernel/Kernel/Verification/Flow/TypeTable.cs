using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>Classifies types, and says which may stand for which.</summary>
internal sealed class TypeTable
{
    private const BindingFlags InstanceFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly Dictionary<Type, TypeFacts> facts = [];
    private readonly Dictionary<Type, bool> linear = [];
    private readonly Dictionary<(Type From, Type To), bool> assignable = [];

    /// <exception cref="FlowException">Domains may not use the type at all.</exception>
    internal TypeFacts Of(Type type)
    {
        if (!facts.TryGetValue(type, out TypeFacts? known))
        {
            CheckWellFormed(type, 0);
            known = Classify(type, 0);
            facts.Add(type, known);
        }

        return known;
    }

    /// <summary>Whether a location of one type may be seen as one of the other.</summary>
    internal bool IsSame(Type? one, Type? other)
    {
        if (one == other)
        {
            return true;
        }

        return one is { IsValueType: true } && other is { IsValueType: true } && Of(one).Reduced == Of(other).Reduced;
    }

    /// <summary>Whether an object of one type may stand where the other is expected.</summary>
    internal bool IsAssignable(Type from, Type to)
    {
        if (from == to)
        {
            return true;
        }

        if (HoldsLinear(from))
        {
            return false;
        }

        if (!assignable.TryGetValue((from, to), out bool result))
        {
            result = to == typeof(object) || to.IsAssignableFrom(from);
            assignable.Add((from, to), result);
        }

        return result;
    }

    /// <summary>
    /// Arrays of cells: who sees one as another type (object, Array, IList) can have it copied element by element.
    /// </summary>
    internal bool HoldsLinear(Type type) =>
        type.HasElementType && type.GetElementType() is { } element && (Of(element).IsLinear || HoldsLinear(element));

    /// <summary>
    /// Texts in the making hold a buffer of the process's pool: a copy would give it back a second time, and the pool would give it out
    /// to two others at once. Whoever makes one uses it in place.
    /// </summary>
    internal static bool IsInPlaceOnly(Type? type) => type == typeof(System.Runtime.CompilerServices.DefaultInterpolatedStringHandler);

    internal static bool IsBorrowType(Type type) =>
        type.IsByRef || (type.IsGenericParameter
            ? (type.GenericParameterAttributes & GenericParameterAttributes.AllowByRefLike) != 0 : type.IsByRefLike);

    private TypeFacts Classify(Type type, int depth)
    {
        if (type.IsByRef)
        {
            return new TypeFacts(StackKind.ByRef, type, false, false, true);
        }

        bool isExchangeReference = IsExchangeReference(type);
        if (type.IsGenericParameter)
        {
            return new TypeFacts(StackKind.Value, type, isExchangeReference, isExchangeReference, IsBorrowType(type));
        }

        if (!type.IsValueType)
        {
            return new TypeFacts(StackKind.Object, type, false, false, false);
        }

        Type reduced = Reduce(type);
        StackKind kind = KindOf(reduced);
        bool isLinear = isExchangeReference || IsCell(type) || (kind == StackKind.Value && HasLinearField(type, depth));
        return new TypeFacts(kind, reduced, isLinear, isExchangeReference, type.IsByRefLike);
    }

    internal static bool IsCell(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Cell<>);

    private static bool IsExchangeReference(Type type) =>
        (type.IsValueType || type.IsGenericParameter) && typeof(IExchangeReference).IsAssignableFrom(type);

    private static Type Reduce(Type type)
    {
        if (type.IsEnum)
        {
            type = Enum.GetUnderlyingType(type);
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean or TypeCode.Byte => typeof(sbyte),
            TypeCode.Char or TypeCode.UInt16 => typeof(short),
            TypeCode.UInt32 => typeof(int),
            TypeCode.UInt64 => typeof(long),
            _ => type == typeof(nuint) ? typeof(nint) : type,
        };
    }

    private static StackKind KindOf(Type reduced) => Type.GetTypeCode(reduced) switch
    {
        TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 => StackKind.Int32,
        TypeCode.Int64 => StackKind.Int64,
        TypeCode.Single or TypeCode.Double => StackKind.Float,
        _ => reduced == typeof(nint) ? StackKind.Native : StackKind.Value,
    };

    private bool HasLinearField(Type type, int depth)
    {
        if (depth > FlowLimits.TypeDepthMax)
        {
            throw FlowException.Malformed($"{type.Name} nests more than {FlowLimits.TypeDepthMax} structs");
        }

        foreach (FieldInfo field in type.GetFields(InstanceFields))
        {
            Type inner = field.FieldType;
            if (inner.IsByRef || inner.IsPointer || inner.IsFunctionPointer || inner == type)
            {
                continue;
            }

            if (!linear.TryGetValue(inner, out bool isLinear))
            {
                isLinear = Classify(inner, depth + 1).IsLinear;
                linear.Add(inner, isLinear);
            }

            if (isLinear)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Refuses pointers, and exchange references as arguments of generic types that would copy them.</summary>
    private void CheckWellFormed(Type type, int depth)
    {
        if (depth > FlowLimits.TypeDepthMax)
        {
            throw FlowException.Malformed($"a type is nested more than {FlowLimits.TypeDepthMax} levels deep");
        }

        if (type.IsPointer || type.IsFunctionPointer)
        {
            throw FlowException.Unsafe($"{type} is a pointer");
        }

        if (type == typeof(TypedReference) || type == typeof(ArgIterator) || type == typeof(RuntimeArgumentHandle))
        {
            throw FlowException.Unsafe($"{type.Name} is for variable arguments");
        }

        if (type.HasElementType)
        {
            CheckElement(type, type.GetElementType()!, depth);
        }
        else if (type.IsGenericType && !type.IsGenericTypeDefinition)
        {
            Type definition = type.GetGenericTypeDefinition();
            CheckArguments(definition.GetGenericArguments(), type.GetGenericArguments(), definition == typeof(Reply<,>), depth);
        }
    }

    private void CheckElement(Type type, Type element, int depth)
    {
        CheckWellFormed(element, depth + 1);
        if (!type.IsArray)
        {
            return;
        }

        TypeFacts inner = Of(element);
        if (inner.IsExchangeReference)
        {
            throw FlowException.Stored($"an array of {element.Name}; keep exchange references in arrays of cells");
        }

        if (inner.IsBorrow || (inner.IsLinear && !type.IsSZArray))
        {
            throw FlowException.Stored($"an array of {element.Name} of {type.GetArrayRank()} dimensions");
        }
    }

    /// <summary>Generic code copies its arguments unless their constraint tells it that they are exchange references.</summary>
    internal void CheckArguments(Type[] parameters, Type[] arguments, bool isReply, int depth)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            Type argument = arguments[i];
            if (argument == parameters[i])
            {
                continue;
            }

            CheckWellFormed(argument, depth + 1);
            if (IsInPlaceOnly(argument))
            {
                throw FlowException.Copied($"{argument.Name} as argument of generic code, which may copy it");
            }

            bool keepsLinear = (isReply && i == 0) || IsExchangeReference(parameters[i]);
            if (!keepsLinear && (Of(argument).IsLinear || HoldsLinear(argument)))
            {
                throw FlowException.Copied($"{argument.Name} as argument of generic code, which may copy it");
            }
        }
    }
}
