using System.Reflection;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Analyzers.Isolation;

/// <summary>What this .NET and the kernel offer, by the names of metadata: finds the lines of a list that name nothing.</summary>
internal static class PlatformSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private const string AnyType = ".*";

    private static readonly Dictionary<string, Type> Types = ReadTypes();

    private static readonly HashSet<string> Namespaces =
        [.. Types.Values.SelectMany(type => Prefixes(type.Namespace ?? string.Empty))];

    internal static IEnumerable<string> FindMissing(string name, IEnumerable<string> members)
    {
        if (name.EndsWith(AnyType, StringComparison.Ordinal))
        {
            return Namespaces.Contains(name[..^AnyType.Length]) ? [] : [$"there is no namespace {name}"];
        }

        if (!Types.TryGetValue(name, out Type? type))
        {
            return [$"there is no type {name}"];
        }

        HashSet<string> known = [.. type.GetMembers(Declared).SelectMany(member => NamesOf(member))];
        return members.Where(member => !known.Contains(member)).Select(member => $"{name} has no {member}");
    }

    private static IEnumerable<string> NamesOf(MemberInfo member) => member is MethodBase method
        ? [method.Name, $"{method.Name}({string.Join(',', method.GetParameters().Select(p => NameOf(p.ParameterType)))})"]
        : [member.Name];

    private static string NameOf(Type type) =>
        type.HasElementType ? NameOf(type.GetElementType()!) + (type.IsByRef ? "&" : type.IsPointer ? "*" : "[]")
            : type.Name.Split('`')[0];

    private static IEnumerable<string> Prefixes(string name)
    {
        for (int end = name.Length; end > 0; end = name.LastIndexOf('.', end - 1))
        {
            yield return name[..end];
        }
    }

    private static Dictionary<string, Type> ReadTypes()
    {
        var types = new Dictionary<string, Type>();
        foreach (string path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            bool isListed = name.StartsWith("System.", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.CSharp", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.Win32", StringComparison.Ordinal)
                || name == typeof(RRef<>).Assembly.GetName().Name || name == typeof(IDomain).Assembly.GetName().Name;
            foreach (Type type in isListed ? Assembly.Load(name).GetTypes().Where(type => type.IsVisible) : [])
            {
                types.TryAdd(type.FullName!, type);
            }
        }

        return types;
    }
}
