using System.Reflection;

namespace RedLeafSharp.Verification.Rules;

/// <summary>Which types are, or hold, references into the exchange heap.</summary>
internal sealed class ExchangeTypes
{
    private readonly Dictionary<Type, bool> known = [];

    /// <summary>Whether a value of the type holds an exchange reference outside a cell.</summary>
    internal bool Holds(Type type)
    {
        if (type.IsGenericParameter)
        {
            return false;
        }

        if (type.HasElementType)
        {
            return Holds(type.GetElementType()!);
        }

        if (known.TryGetValue(type, out bool holds))
        {
            return holds;
        }

        known[type] = false;
        holds = type.IsValueType && !IsCell(type) && (typeof(IExchangeReference).IsAssignableFrom(type) || HoldsInside(type));
        known[type] = holds;
        return holds;
    }

    internal static bool IsCell(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Cell<>);

    /// <summary>Structs of the framework hold what their arguments say: their own fields name type parameters.</summary>
    private bool HoldsInside(Type type) => !type.IsPrimitive && !type.IsEnum
        && type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Any(field => Holds(field.FieldType));
}
