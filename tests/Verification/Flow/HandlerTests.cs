using System.Reflection.Emit;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Flow;

/// <summary>Ways in and out of protected regions.</summary>
public sealed class HandlerTests
{
    [Fact]
    public void Return_OutOfATry_IsRefused() => Refuses(il =>
    {
        il.BeginExceptionBlock();
        il.Emit(OpCodes.Ret);
        il.BeginFinallyBlock();
        il.EndExceptionBlock();
        il.Emit(OpCodes.Ret);
    });

    [Fact]
    public void Branch_IntoATry_IsRefused() => Refuses(il =>
    {
        Label inside = il.DefineLabel();
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Brtrue, inside);
        il.BeginExceptionBlock();
        il.Emit(OpCodes.Nop);
        il.MarkLabel(inside);
        il.Emit(OpCodes.Nop);
        il.BeginFinallyBlock();
        il.EndExceptionBlock();
        il.Emit(OpCodes.Ret);
    });

    [Fact]
    public void Branch_OutOfAFinally_IsRefused() => Refuses(il =>
    {
        Label outside = il.DefineLabel();
        il.BeginExceptionBlock();
        il.Emit(OpCodes.Nop);
        il.BeginFinallyBlock();
        il.Emit(OpCodes.Br, outside);
        il.EndExceptionBlock();
        il.MarkLabel(outside);
        il.Emit(OpCodes.Ret);
    });

    [Fact]
    public void Leave_OutOfAFinally_IsRefused() => Refuses(il =>
    {
        Label outside = il.DefineLabel();
        il.BeginExceptionBlock();
        il.Emit(OpCodes.Nop);
        il.BeginFinallyBlock();
        il.Emit(OpCodes.Leave, outside);
        il.EndExceptionBlock();
        il.MarkLabel(outside);
        il.Emit(OpCodes.Ret);
    });

    [Fact]
    public void Branch_IntoAHandler_IsRefused() => Refuses(il =>
    {
        Label handler = il.DefineLabel();
        il.Emit(OpCodes.Ldnull);
        il.Emit(OpCodes.Br, handler);
        il.BeginExceptionBlock();
        il.Emit(OpCodes.Nop);
        il.BeginCatchBlock(typeof(Exception));
        il.MarkLabel(handler);
        il.Emit(OpCodes.Pop);
        il.EndExceptionBlock();
        il.Emit(OpCodes.Ret);
    });

    [Fact]
    public void Try_WithValuesOnTheStack_IsRefused() => Refuses(il =>
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.BeginExceptionBlock();
        il.Emit(OpCodes.Nop);
        il.BeginFinallyBlock();
        il.EndExceptionBlock();
        il.Emit(OpCodes.Ret);
    });

    [Fact]
    public void Rethrow_OutsideOfACatch_IsRefused() => Refuses(il => il.Emit(OpCodes.Rethrow));

    [Fact]
    public void EndFinally_OutsideOfAFinally_IsRefused() => Refuses(il => il.Emit(OpCodes.Endfinally));

    [Fact]
    public void EndFilter_OutsideOfAFilter_IsRefused() => Refuses(il =>
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Endfilter);
    });

    [Fact]
    public void Leave_OutsideOfATry_IsRefused() => Refuses(il =>
    {
        Label end = il.DefineLabel();
        il.Emit(OpCodes.Leave, end);
        il.MarkLabel(end);
        il.Emit(OpCodes.Ret);
    });

    [Fact]
    public void Handlers_Nested_HaveNoFinding()
    {
        const string Source = """
            public sealed class T
            {
                static int M(int n)
                {
                    for (int i = 0; i < n; i++)
                    {
                        try
                        {
                            try { if (i == 3) continue; if (i == 4) return i; }
                            catch (InvalidOperationException e) when (e.HResult > i) { try { throw; } finally { n--; } }
                            catch (ArgumentException) { break; }
                        }
                        finally { n++; }
                    }
                    return n;
                }
            }
            """;

        Assert.Empty(FlowImage.JudgeSource(Source));
    }

    private static void Refuses(Action<ILGenerator> write) =>
        Assert.Contains("RL0405", FlowImage.JudgeMethod(typeof(void), [], write), StringComparison.Ordinal);
}
