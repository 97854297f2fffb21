using Mono.Cecil;
using Mono.Cecil.Cil;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Rewriting;
using RedLeafSharp.Verification;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Rules;

/// <summary>Rewritten images whose planted code somebody has changed (RL0409).</summary>
public sealed class PlantedCodeTests
{
    private const string Source = """
        public static class Sample
        {
            public static int Loop(int n)
            {
                int sum = 0;
                while (n > 0)
                {
                    try { sum += n--; } finally { sum++; }
                }
                return sum;
            }
        }
        """;

    private static readonly Dictionary<string, Action<TypeDefinition>> Changes = new()
    {
        ["poll that returns"] = holder => Rewrite(holder, "Poll", OpCodes.Ret),
        ["stack guard that returns"] = holder => Rewrite(holder, "CheckStack", OpCodes.Ret),
        ["handler that always catches"] = holder => Rewrite(holder, "MayCatch", OpCodes.Ldc_I4_1, OpCodes.Ret),
        ["finally that is always entered"] = holder => Rewrite(holder, "EnterFinally", OpCodes.Ldc_I4_1, OpCodes.Ret),
        ["word read without volatile"] = holder => Remove(holder, "Poll", OpCodes.Volatile),
        ["poll of another address"] = holder => Body(holder, "Poll").Instructions[0].Operand = 0x10000L,
        ["limit of another stack"] = holder =>
            Body(holder, "CheckStack").Instructions.Last(one => one.OpCode == OpCodes.Ldc_I4).Operand = 0,
        ["branch elsewhere"] = holder =>
        {
            Instruction branch = Body(holder, "MayCatch").Instructions.First(one => one.OpCode == OpCodes.Brfalse_S);
            branch.Operand = Body(holder, "MayCatch").Instructions[^1].Previous.Previous.Previous;
        },
        ["call of another slow path"] = holder =>
        {
            Instruction call = Body(holder, "EnterFinally").Instructions.Single(one => one.OpCode == OpCodes.Call);
            call.Operand = Body(holder, "MayCatch").Instructions.Single(one => one.OpCode == OpCodes.Call).Operand;
        },
        ["further method"] = holder =>
        {
            var method = new MethodDefinition("More", MethodAttributes.Static | MethodAttributes.Assembly, holder.Module.TypeSystem.Void);
            method.Body.GetILProcessor().Emit(OpCodes.Ret);
            holder.Methods.Add(method);
        },
    };

    public static TheoryData<string> Names => [.. Changes.Keys];

    [Fact]
    public void Verify_ImageAsTheRewriterLeavesIt_IsClean() => Assert.Empty(Verify(_ => { }).Violations);

    [Theory]
    [MemberData(nameof(Names))]
    public void Verify_PlantedCodeThatIsNotTheRewriters_IsReported(string change) =>
        Assert.Contains(Verify(Changes[change]).Violations, violation => violation.Rule == "RL0409");

    private static VerificationReport Verify(Action<TypeDefinition> change)
    {
        CompiledSample sample = CompiledSample.Of(Source);
        RewrittenImage image = ImageRewriter.Rewrite(sample.Assembly, null, "Sample", RewritePasses.Safepoints);
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image.Assembly));
        change(module.GetType("RedLeafSharp.<Safepoints>"));
        var changed = new MemoryStream();
        module.Write(changed);
        return ImageVerifier.Verify(changed.ToArray(), null, "Sample", VerificationOptions.Rewritten);
    }

    private static MethodBody Body(TypeDefinition holder, string method) => holder.Methods.Single(one => one.Name == method).Body;

    private static void Rewrite(TypeDefinition holder, string method, params OpCode[] code)
    {
        MethodBody body = Body(holder, method);
        body.Instructions.Clear();
        Array.ForEach(code, one => body.GetILProcessor().Emit(one));
    }

    private static void Remove(TypeDefinition holder, string method, OpCode code) =>
        Body(holder, method).Instructions.Remove(Body(holder, method).Instructions.Single(one => one.OpCode == code));
}
