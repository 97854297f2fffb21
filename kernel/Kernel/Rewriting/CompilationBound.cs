using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Bounds how long the runtime's compiler takes for one method: nothing stops it meanwhile, and a program's methods are compiled on the
/// executor's thread. Compiled without optimisation a method takes time in proportion to its length; with it some shapes take more
/// (docs/decisions/0076-bounded-compilation.md).
/// </summary>
internal static class CompilationBound
{
    /// <summary>Instructions up to which a method is optimised, with what has been planted. The longest of our domains has 360.</summary>
    internal const int OptimizedInstructionsMax = 2_000;

    /// <summary>
    /// Instructions up to which a method may ask to be inlined where the compiler would not: a few hundred bytes that call each other
    /// can make it compile for seconds.
    /// </summary>
    internal const int InlinedOnDemandMax = 48;

    internal static void Apply(MethodDefinition method)
    {
        if (method.Body.Instructions.Count > OptimizedInstructionsMax)
        {
            method.ImplAttributes |= MethodImplAttributes.NoOptimization | MethodImplAttributes.NoInlining;
            method.ImplAttributes &= ~(MethodImplAttributes.AggressiveInlining | MethodImplAttributes.AggressiveOptimization);
        }
        else if (method.Body.Instructions.Count > InlinedOnDemandMax)
        {
            method.ImplAttributes &= ~MethodImplAttributes.AggressiveInlining;
        }
    }
}
