using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>A sample of what <c>dotnet run -c Release --project tests -- rewrite COUNT SEED</c> does at length.</summary>
public sealed class DifferentialTests
{
    private const int Programs = 8;

    [Fact]
    public void Rewrite_RandomPrograms_ReturnAndThrowTheSame()
    {
        using var output = new StringWriter();
        Assert.True(DifferentialRun.RunAll(Programs, seed: 1, output), output.ToString());
    }

    [Fact]
    public void Compare_ImageThatSubtractsInsteadOfAdding_IsFound() =>
        Assert.NotNull(new DifferentialRun().Compare(2, image => Changed(image, ReplaceAdditions)));

    [Fact]
    public void Compare_ImageWithoutItsFinallyBlocks_IsFound() =>
        Assert.Contains(Enumerable.Range(1, 6), seed => new DifferentialRun().Compare(seed, image => Changed(image, DropFinallies)) is not null);

    private static byte[] Changed(byte[] image, Action<MethodBody> change)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image));
        foreach (MethodDefinition method in module.GetType("Sample").Methods.Where(method => method.HasBody))
        {
            change(method.Body);
        }

        var changed = new MemoryStream();
        module.Write(changed);
        return changed.ToArray();
    }

    private static void ReplaceAdditions(MethodBody body)
    {
        foreach (Instruction instruction in body.Instructions.Where(one => one.OpCode == OpCodes.Add))
        {
            instruction.OpCode = OpCodes.Sub;
        }
    }

    private static void DropFinallies(MethodBody body)
    {
        foreach (ExceptionHandler handler in body.ExceptionHandlers.Where(one => one.HandlerType == ExceptionHandlerType.Finally))
        {
            handler.HandlerStart.OpCode = OpCodes.Endfinally;
            handler.HandlerStart.Operand = null;
        }
    }
}
