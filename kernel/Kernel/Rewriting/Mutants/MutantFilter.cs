using Mono.Cecil;
using Mono.Cecil.Cil;
using RedLeafSharp.Verification;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Makes an image with all the mutants that the verifier accepts: a mistake that could not be loaded is not one that an author could
/// have delivered.
/// </summary>
internal static class MutantFilter
{
    /// <summary>
    /// The verifier reports one place of a method; a method whose mutants have not been sorted out after so many rounds loses all.
    /// </summary>
    private const int RoundsMax = 40;

    /// <exception cref="ImageException">It is no image, not one of IL only, or damaged.</exception>
    internal static RewrittenImage Make(byte[] assembly, byte[]? symbols, string path)
    {
        var excluded = new HashSet<int>();
        for (int round = 0; ; round++)
        {
            RewrittenImage image = ImageRewriter.RewriteNew(assembly, symbols, path, RewritePasses.None, id => !excluded.Contains(id));
            VerificationReport report = ImageVerifier.Verify(image.Assembly, image.Symbols, path, VerificationOptions.Rewritten);
            if (report.IsClean)
            {
                return ImageRewriter.RewriteNew(assembly, symbols, path, RewritePasses.Safepoints, id => !excluded.Contains(id));
            }

            int before = excluded.Count;
            Exclude(image.Assembly, report, excluded, isWholeMethod: round >= RoundsMax);
            if (excluded.Count == before)
            {
                throw new ImageException(path, $"no mutants can be planted: {report.Violations[0]}");
            }
        }
    }

    private static void Exclude(byte[] image, VerificationReport report, HashSet<int> excluded, bool isWholeMethod)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image));
        List<MethodDefinition> methods = [.. module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)];
        foreach (Violation violation in report.Violations)
        {
            foreach (MethodDefinition method in methods.Where(method => IsMeant(method, violation.Member)))
            {
                List<(int Offset, int Id)> questions = [.. Questions(method)];
                int nearest = questions.FindLastIndex(question => question.Offset <= violation.ILOffset);
                if (isWholeMethod || nearest < 0)
                {
                    excluded.UnionWith(questions.Select(question => question.Id));
                }
                else
                {
                    excluded.Add(questions[nearest].Id);
                }
            }
        }
    }

    /// <summary>Members are named by the runtime or by the verifier: both have the names of type and method in them.</summary>
    private static bool IsMeant(MethodDefinition method, string member) =>
        member.Contains(method.DeclaringType.Name, StringComparison.Ordinal) && member.Contains(method.Name, StringComparison.Ordinal);

    private static IEnumerable<(int Offset, int Id)> Questions(MethodDefinition method) =>
        from instruction in method.Body.Instructions
        where instruction.OpCode.Code == Code.Call && instruction.Operand is MethodReference { Name: nameof(FaultTrigger.IsMutated) } called
            && called.DeclaringType.Name == FaultHolder.Name
        select (instruction.Previous.Offset, Convert.ToInt32(ValueOf(instruction.Previous)));

    private static object ValueOf(Instruction constant) => constant.OpCode.Code switch
    {
        Code.Ldc_I4 or Code.Ldc_I4_S => constant.Operand,
        _ => constant.OpCode.Code - Code.Ldc_I4_0,
    };
}
