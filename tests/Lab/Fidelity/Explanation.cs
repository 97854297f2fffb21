using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>Why a mutant is not what its source is compiled to.</summary>
internal static class Explanation
{
    private const string NamedOnce = "the source names it once and the code uses it several times, of which the mutant changes one";

    private const string Temporaries =
        "the compiler takes other temporaries, or the default of a variable that C# wants assigned, where the mutant leaves what was there";

    internal static string Of(FidelityResult one) => one.Mutant.Operator switch
    {
        MutationOperator.Wpfv or MutationOperator.Source or MutationOperator.Pointer or MutationOperator.Interface or MutationOperator.Text
            or MutationOperator.Wvav => NamedOnce,
        MutationOperator.Mlac or MutationOperator.Mloc =>
            "the condition has an 'and' and an 'or', and on one way through the code the part is still looked at",
        MutationOperator.Wlec or MutationOperator.Branch or MutationOperator.Loop =>
            "the condition is a pattern, whose last branch in the code is not its last part in the source",
        _ => Temporaries,
    };
}
