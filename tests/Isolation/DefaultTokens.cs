using System.Reflection;
using System.Text;

namespace RedLeafSharp.Tests.Isolation;

/// <summary>
/// Writes C# that uses every member it is given with default values. Contexts cannot be passed by reflection, so the calls are
/// compiled.
/// </summary>
internal static class DefaultTokens
{
    /// <summary>A class <c>Calls</c> with a public static method M0, M1, ... for each member, which takes what it is called on.</summary>
    internal static string Source(IReadOnlyList<MethodInfo> methods)
    {
        var text = new StringBuilder("public static class Calls\n{\n");
        for (int i = 0; i < methods.Count; i++)
        {
            text.Append(Call(methods[i], i));
        }

        return text.Append("}\n").ToString();
    }

    private static string Call(MethodInfo method, int index)
    {
        ParameterInfo[] parameters = method.GetParameters();
        string locals = string.Concat(parameters.Where(p => p.ParameterType.IsByRef)
            .Select(p => $"        {Name(p.ParameterType.GetElementType()!)} p{p.Position} = default;\n"));
        string arguments = string.Join(", ", parameters.Select(Argument));
        string type = Name(method.DeclaringType!);
        string target = method.IsStatic ? type : method.DeclaringType!.IsValueType ? $"default({type})" : $"(({type})target)";
        string generic = method.IsGenericMethodDefinition ? "<int>" : "";
        string call = method.IsSpecialName ? $"_ = {target}.{method.Name[4..]};" : $"{target}.{method.Name}{generic}({arguments});";
        return $"    public static void M{index}(object target)\n    {{\n{locals}        {call}\n    }}\n";
    }

    private static string Argument(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        return !type.IsByRef ? $"default({Name(type)})"
            : parameter.IsOut ? $"out p{parameter.Position}"
            : parameter.IsIn ? $"in p{parameter.Position}"
            : $"ref p{parameter.Position}";
    }

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
        {
            return "int";
        }

        string name = type.FullName ?? $"{type.Namespace}.{type.Name}";
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0
            ? $"global::{name.Replace('+', '.')}"
            : $"global::{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
