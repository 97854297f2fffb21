using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Rules;

/// <summary>
/// Collections of the image's own. The library asks one for its Count and makes an array of that size before it asks for an element: a
/// number that no planted check of an array's length sees. So the number is one that cannot be made up.
/// </summary>
internal static class CountRules
{
    private const int SmallMax = 8;

    internal static void Check(LoadedImage image, Type type, string name)
    {
        // The rewriter plants a poll before the forms below, and changes nothing that they say.
        if (type.IsInterface || image.File.Options.IsRewritten)
        {
            return;
        }

        foreach (Type collection in type.GetInterfaces().Where(IsCollection))
        {
            InterfaceMapping map = type.GetInterfaceMap(collection);
            int count = Array.FindIndex(map.InterfaceMethods, method => method.Name == "get_Count");
            if (count >= 0 && map.TargetMethods[count] is { IsAbstract: false } method && image.IsOwn(method.DeclaringType!) && !IsHonest(method))
            {
                image.Log.Add(
                    RuleId.Cost,
                    $"{name}.Count",
                    "the library makes an array as large as ICollection<T>.Count says: return the length of an array, or the Count of a "
                        + "collection of the library, in a field, or implement IReadOnlyCollection<T>");
            }
        }
    }

    private static bool IsCollection(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ICollection<>);

    /// <summary>A small constant; the length of an array in a field; the Count of a collection in a field.</summary>
    private static bool IsHonest(MethodInfo method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        int constant = code.Length == 2 && code[1] == OpCodes.Ret.Value ? code[0] - OpCodes.Ldc_I4_0.Value : -1;
        if (constant is >= 0 and <= SmallMax)
        {
            return true;
        }

        const int FieldAt = 2, CallAt = 7;
        bool isOfField = code.Length > CallAt && code[0] == OpCodes.Ldarg_0.Value && code[1] == OpCodes.Ldfld.Value && code[^1] == OpCodes.Ret.Value;
        return isOfField && (code.Length == FieldAt + sizeof(int) + 3
            ? code[6] == OpCodes.Ldlen.Value && code[7] == OpCodes.Conv_I4.Value && FieldOf(method, code.AsSpan(FieldAt)).FieldType.IsSZArray
            : code.Length == CallAt + sizeof(int) + 1 && code[6] is 0x28 or 0x6F && IsCountOfLibrary(MemberOf(method, code.AsSpan(CallAt))));
    }

    private static FieldInfo FieldOf(MethodInfo method, ReadOnlySpan<byte> token) => (FieldInfo)MemberOf(method, token);

    private static MemberInfo MemberOf(MethodInfo method, ReadOnlySpan<byte> token) => method.Module.ResolveMember(
        BinaryPrimitives.ReadInt32LittleEndian(token), method.DeclaringType!.GetGenericArguments(), [])!;

    /// <summary>Not an interface's that something else than a collection may implement.</summary>
    private static bool IsCountOfLibrary(MemberInfo member) => member is MethodInfo { Name: "get_Count", DeclaringType: { } type }
        && (IsCollection(type) || (!type.IsInterface && (type.Assembly == typeof(List<>).Assembly || type.Assembly == typeof(Stack<>).Assembly)));
}
