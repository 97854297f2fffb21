using Mono.Cecil;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>What stands in code for a mistake: the question of a mutant, and what a mistaken source calls.</summary>
internal static class Mistake
{
    /// <summary>For a call that gives null where C# has no words for it: added to the source.</summary>
    internal const string Source = "internal static class MadeMistake { internal static T Null<T>(T value) => default!;"
        + " internal static void Skip<T>(out T value) => value = default!; }";

    internal const string NullCall = "MadeMistake.Null";

    /// <summary>Has C# take a variable for assigned that is not.</summary>
    internal const string SkipCall = "MadeMistake.Skip";

    /// <summary>Whether a mutant is the one that is armed. There is one only, and it is.</summary>
    internal static bool IsQuestion(MethodReference method) => method.Name == "IsMutated" && method.DeclaringType.Name == "<FaultSites>";

    internal static bool IsNull(MethodReference method) => method is { Name: "Null", DeclaringType.Name: "MadeMistake" };

    internal static bool IsSkip(MethodReference method) => method is { Name: "Skip", DeclaringType.Name: "MadeMistake" };
}
