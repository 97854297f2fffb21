using System.Reflection;

namespace RedLeafSharp.Verification.Rules;

/// <summary>How large the frame of a method can be. Each frame must fit in what a stack guard leaves.</summary>
internal static class FrameSizes
{
    private const int Word = 8;

    /// <summary>Locals, arguments and the evaluation stack.</summary>
    internal static long Declared(TypeSizes sizes, MethodBase method, MethodBody code) =>
        code.LocalVariables.Sum(local => (long)sizes.Of(local.LocalType))
        + method.GetParameters().Sum(parameter => (long)sizes.Of(parameter.ParameterType))
        + ((long)code.MaxStackSize * Word);

    /// <summary>The compiler gives each struct that a call returns, or takes by value, a place of its own.</summary>
    internal static int Temporaries(TypeSizes sizes, MethodBase called)
    {
        long bytes = called is MethodInfo method ? Spilled(sizes, method.ReturnType) : Spilled(sizes, called.DeclaringType!);
        bytes += called.GetParameters().Sum(parameter => (long)Spilled(sizes, parameter.ParameterType));
        return (int)Math.Min(bytes, int.MaxValue / 2);
    }

    private static int Spilled(TypeSizes sizes, Type type) =>
        type.IsGenericParameter || !type.IsValueType || sizes.Of(type) <= VerificationLimits.RegisterStructBytes ? 0 : sizes.Of(type);
}
