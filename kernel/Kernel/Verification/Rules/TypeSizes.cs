using System.Reflection;

namespace RedLeafSharp.Verification.Rules;

/// <summary>How many bytes values take, rounded up: each field to eight.</summary>
internal sealed class TypeSizes
{
    private const int Word = 8;

    private readonly Dictionary<Type, int> known = [];

    /// <summary>Bytes of a local, argument or field of the type.</summary>
    internal int Of(Type type)
    {
        if (type.IsGenericParameter)
        {
            return IsReference(type) ? Word : VerificationLimits.TypeArgumentBytesMax;
        }

        if (!type.IsValueType || type.IsPrimitive || type.IsEnum || type.IsByRef || type.IsPointer)
        {
            return Word;
        }

        if (!known.TryGetValue(type, out int bytes))
        {
            bytes = Measure(type);
            known[type] = bytes;
        }

        return bytes;
    }

    private static bool IsReference(Type parameter) =>
        (parameter.GenericParameterAttributes & GenericParameterAttributes.ReferenceTypeConstraint) != 0;

    private int Measure(Type type)
    {
        long sum = 0;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            sum += (Of(field.FieldType) + Word - 1) & ~(Word - 1);
        }

        sum = Math.Max(sum, type.StructLayoutAttribute?.Size ?? 0) * InlineLength(type);
        return (int)Math.Clamp(sum, 1, int.MaxValue / 2);
    }

    /// <summary>Structs of the framework may be inline arrays; a domain's may not.</summary>
    private static int InlineLength(Type type)
    {
        CustomAttributeData? inline = type.CustomAttributes.FirstOrDefault(
            one => one.AttributeType == typeof(System.Runtime.CompilerServices.InlineArrayAttribute));
        return inline?.ConstructorArguments is [{ Value: int length }] ? Math.Max(1, length) : 1;
    }
}
