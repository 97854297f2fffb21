using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>What the interpretations of an image's methods share.</summary>
internal sealed class ImageContext
{
    private readonly Dictionary<MethodBase, CallTarget> targets = [];
    private readonly Dictionary<int, int> fieldOrdinals = [];

    internal ImageContext(Assembly assembly, FlowOptions options)
    {
        Assembly = assembly;
        Options = options;
        Types = new TypeTable();
        Access = new Accessibility();
        Cells = new CellSummaries(this);
    }

    internal Assembly Assembly { get; }

    internal FlowOptions Options { get; }

    internal TypeTable Types { get; }

    internal Accessibility Access { get; }

    internal CellSummaries Cells { get; }

    /// <summary>Tokens of code that is in no generic method or type; they mean the same everywhere.</summary>
    internal Dictionary<int, MemberInfo> Resolved { get; } = [];

    /// <summary>
    /// What the runtime throws at metadata that it cannot read or types that it cannot load. Everything else is a bug of
    /// ours and may be seen.
    /// </summary>
    internal static bool IsFault(Exception exception) => exception is BadImageFormatException or TypeLoadException
        or MissingMemberException or ArgumentException or IOException or InvalidOperationException or NotSupportedException
        or ReflectionTypeLoadException or InvalidProgramException or CustomAttributeFormatException or AmbiguousMatchException
        or System.Security.VerificationException or InvalidCastException or OverflowException or NullReferenceException
        or IndexOutOfRangeException;

    internal CallTarget TargetOf(MethodBase method)
    {
        if (!targets.TryGetValue(method, out CallTarget? target))
        {
            target = new CallTarget(method);
            targets.Add(method, target);
        }

        return target;
    }

    /// <summary>The place of the cells in a field, of all objects together.</summary>
    internal ulong PlaceOf(FieldInfo field)
    {
        if (field.Module.Assembly != Assembly)
        {
            return Places.UnknownCell;
        }

        return PlaceOfField(field.MetadataToken);
    }

    internal ulong PlaceOfField(int token)
    {
        if (!fieldOrdinals.TryGetValue(token, out int ordinal))
        {
            ordinal = fieldOrdinals.Count;
            fieldOrdinals.Add(token, ordinal);
        }

        return Places.OfField(ordinal);
    }

    /// <summary>Whether no method of a struct writes to its fields.</summary>
    internal static bool IsReadOnlyStruct(Type type) => type.IsValueType && type.GetCustomAttributesData()
        .Any(one => one.AttributeType.FullName == "System.Runtime.CompilerServices.IsReadOnlyAttribute");

    /// <summary>Bytes of a number; far too many for all else.</summary>
    internal static int SizeOfNumber(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte => 1,
        TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Char => 2,
        TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => 4,
        TypeCode.Int64 or TypeCode.UInt64 or TypeCode.Double => 8,
        _ => int.MaxValue,
    };

    /// <summary>Bytes of data that an image holds as the initial value of a field of a type.</summary>
    internal static int SizeOfData(Type type) =>
        type.IsPrimitive ? SizeOfNumber(type) : type.StructLayoutAttribute is { Size: > 0 } layout ? layout.Size : 0;
}
