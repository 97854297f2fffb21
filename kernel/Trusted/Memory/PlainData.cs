using System.Reflection;

namespace RedLeafSharp.Memory;

/// <summary>
/// Whether values of a type are numbers and nothing more, so that any bytes may be read as one. A reference, a reply or a
/// capability is not: whoever reads bytes as one has forged it.
/// </summary>
/// <remarks>
/// The constraint <c>unmanaged</c> alone admits <see cref="RRef{T}"/> and <see cref="Reply{TValue, TError}"/>, which are
/// unmanaged in memory only. The verifier refuses such type arguments too; this check stands by itself.
/// </remarks>
/// <typeparam name="T">What bytes on the exchange heap are to be read as.</typeparam>
internal static class PlainData<T>
    where T : unmanaged
{
    /// <summary>Structs do not nest deeper; a type that does is refused.</summary>
    private const int DepthMax = 32;

    internal static readonly bool IsPlain = Holds(typeof(T), 0);

    private static bool Holds(Type type, int depth)
    {
        if (type.IsPrimitive || type.IsEnum)
        {
            // IntPtr is how C# spells an address; on the heap it is a number like any other, for no pointer can be made of it.
            return true;
        }

        if (type.IsPointer || type.IsFunctionPointer || type.IsByRef || depth == DepthMax || IsMintedByTheKernel(type))
        {
            return false;
        }

        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (!Holds(field.FieldType, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The structs of this assembly are made by the kernel, but for those that anyone may make.</summary>
    private static bool IsMintedByTheKernel(Type type) =>
        type.Assembly == typeof(PlainData<>).Assembly && type != typeof(Unit) && type != typeof(DomainId);
}
