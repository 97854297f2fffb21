using System.Reflection;

namespace RedLeafSharp.Verification.Rules;

/// <summary>Types as the runtime loaded them: what they derive from, how they lie in memory, what their fields hold.</summary>
internal sealed class TypeRules
{
    private static readonly HashSet<string> Interfaces = new(StringComparer.Ordinal)
    {
        "System.IDisposable", "System.IEquatable`1", "System.IComparable", "System.IComparable`1",
        "System.IFormattable", "System.ISpanFormattable", "System.IUtf8SpanFormattable", "System.IParsable`1", "System.ISpanParsable`1",
        "System.Collections.IEnumerable", "System.Collections.IEnumerator", "System.Collections.IStructuralEquatable",
        "System.Collections.Generic.IEnumerable`1", "System.Collections.Generic.IEnumerator`1",
        "System.Collections.Generic.IReadOnlyCollection`1", "System.Collections.Generic.IReadOnlyList`1",
        "System.Collections.Generic.IReadOnlyDictionary`2", "System.Collections.Generic.IReadOnlySet`1",
        "System.Collections.Generic.ICollection`1", "System.Collections.Generic.IList`1",
        "System.Collections.Generic.ISet`1", "System.Collections.Generic.IDictionary`2",
        "System.Collections.ICollection", "System.Collections.IList", "System.Collections.IDictionary",
        "System.Collections.Generic.IComparer`1", "System.Collections.Generic.IEqualityComparer`1",
        "System.ICloneable", "System.Runtime.Serialization.ISerializable",
        "System.Numerics.IEqualityOperators`3", "System.Numerics.IComparisonOperators`3",
        "System.Numerics.IAdditionOperators`3", "System.Numerics.ISubtractionOperators`3",
    };

    private static readonly HashSet<string> Exceptions = new(StringComparer.Ordinal)
    {
        "System.Exception", "System.ApplicationException", "System.SystemException", "System.InvalidOperationException",
        "System.ArgumentException", "System.IO.IOException", "System.NotSupportedException", "System.FormatException",
    };

    private readonly LoadedImage image;
    private readonly ExchangeTypes exchange = new();

    internal TypeRules(LoadedImage image) => this.image = image;

    internal void Check()
    {
        foreach (Type type in image.Types)
        {
            string name = type.FullName ?? type.Name;
            _ = LoadedImage.Attempt(image.Log, name, () => CheckOne(type, name));
        }
    }

    private void CheckOne(Type type, string name)
    {
        CheckBase(type, name);
        foreach (Type one in type.GetInterfaces().Where(one => !IsAllowedInterface(type, one)))
        {
            image.Log.Add(RuleId.BaseType, name, $"a domain may not implement {one.FullName ?? one.Name}");
        }

        if ((type.Attributes & TypeAttributes.Import) != 0)
        {
            image.Log.Add(RuleId.NativeCode, name, "a COM type");
        }

        CheckLayout(type, name);
        CountRules.Check(image, type, name);
        CheckFields(type, name);
        CheckMembers(type, name);
    }

    private void CheckBase(Type type, string name)
    {
        if (type.BaseType is not { } baseType || image.IsOwn(baseType))
        {
            return;
        }

        string? full = baseType.IsGenericType ? baseType.GetGenericTypeDefinition().FullName : baseType.FullName;
        if (full is not ("System.Object" or "System.ValueType" or "System.Enum" or "System.MulticastDelegate" or "System.Attribute")
            && !Exceptions.Contains(full ?? string.Empty))
        {
            image.Log.Add(RuleId.BaseType, name, $"a domain may not derive from {full}");
        }
    }

    /// <summary>
    /// Own interfaces, contracts and those that collections and comparisons need. An interface that comes with one of them, or
    /// with an exception, is the runtime's own affair.
    /// </summary>
    private bool IsAllowedInterface(Type type, Type one)
    {
        string? full = one.IsGenericType ? one.GetGenericTypeDefinition().FullName : one.FullName;
        return image.IsOwn(one) || IsKernelInterface(one) || Interfaces.Contains(full ?? string.Empty) || type.IsEnum
            || typeof(Delegate).IsAssignableFrom(type)
            || (type.BaseType is { } above && !image.IsOwn(above) && above.GetInterfaces().Contains(one));
    }

    private static bool IsKernelInterface(Type one) =>
        one.Assembly == typeof(Contracts.IDomain).Assembly && one != typeof(Contracts.IProxy);

    private void CheckLayout(Type type, string name)
    {
        if (type.IsExplicitLayout && !IsLiteralData(type) && FirstUnsafeOverlay(type) is { } field)
        {
            image.Log.Add(
                RuleId.ExplicitLayout, name, $"explicit layout with the field '{field}', which is not a number: parts of it could be forged");
        }

        if (type.IsValueType && !IsLiteralData(type) && image.Sizes.Of(type) > VerificationLimits.TypeBytesMax)
        {
            image.Log.Add(
                RuleId.Size, name, $"a struct of {image.Sizes.Of(type)} bytes; {VerificationLimits.TypeBytesMax} are allowed: use an array");
        }
    }

    /// <summary>A struct without fields: the compiler's type for the data of a literal. Locals of it count in the frame.</summary>
    private static bool IsLiteralData(Type type) => type.GetFields(LoadedImage.Declared).Length == 0;

    /// <summary>Only numbers, enums and structs of them may share their bytes.</summary>
    private string? FirstUnsafeOverlay(Type type) => type
        .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .FirstOrDefault(field => !IsPlain(field.FieldType, 0))?.Name;

    private bool IsPlain(Type type, int depth) => (type.IsPrimitive && type != typeof(IntPtr) && type != typeof(UIntPtr)) || type.IsEnum
        || (depth < VerificationLimits.TypeDepthMax && type.IsValueType && image.IsOwn(type)
            && type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .All(field => IsPlain(field.FieldType, depth + 1)));

    private void CheckFields(Type type, string name)
    {
        foreach (FieldInfo field in type.GetFields(LoadedImage.Declared))
        {
            if (exchange.Holds(field.FieldType))
            {
                image.Log.Add(
                    RuleId.StoredReference, $"{name}.{field.Name}", "an exchange reference in a field: keep it in a Cell");
            }

            if (field.FieldType.IsByRef)
            {
                image.Log.Add(
                    RuleId.Unsafe, $"{name}.{field.Name}", "a ref field may refer to nothing, and whoever gets what it refers to is ended by that: keep a span");
            }

            if (Flow.TypeTable.IsInPlaceOnly(field.FieldType))
            {
                image.Log.Add(
                    RuleId.CopiedReference, $"{name}.{field.Name}", "a text in the making in a field, which is copied with the struct: keep it in a local");
            }

            bool isData = (field.Attributes & FieldAttributes.HasFieldRVA) != 0;
            if (!isData && image.Sizes.Of(field.FieldType) > VerificationLimits.TypeBytesMax)
            {
                image.Log.Add(
                    RuleId.Size, $"{name}.{field.Name}", $"a field of more than {VerificationLimits.TypeBytesMax} bytes: use an array");
            }
        }
    }

    private void CheckMembers(Type type, string name)
    {
        foreach (MethodInfo method in type.GetMethods(LoadedImage.Declared))
        {
            if (method.Name == "Finalize" && method.IsVirtual && method.GetBaseDefinition().DeclaringType == typeof(object))
            {
                image.Log.Add(RuleId.Finalizer, $"{name}.Finalize", "a finalizer runs on a thread of the runtime's, at any time");
            }
        }
    }
}
