using System.Reflection;
using System.Reflection.Emit;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Flow;

/// <summary>What no compiler of C# emits: types taken for others, addresses, objects that are not ready.</summary>
public sealed class TypeTests
{
    /// <summary>A method: rule, result, parameters, code.</summary>
    public static TheoryData<string, Type, Type[], Action<ILGenerator>> Methods { get; } = new()
    {
        { "RL0401", typeof(string), [typeof(object)], Codes(OpCodes.Ldarg_0) },
        { "RL0401", typeof(object), [typeof(int)], Codes(OpCodes.Ldarg_0) },
        { "RL0401", typeof(object), [typeof(long)], Codes(OpCodes.Ldarg_0) },
        { "RL0401", typeof(long), [typeof(object)], Codes(OpCodes.Ldarg_0, OpCodes.Conv_I8) },
        { "RL0401", typeof(int), [typeof(long)], Codes(OpCodes.Ldarg_0, OpCodes.Ldind_I4) },
        { "RL0401", typeof(int), [typeof(nint)], Codes(OpCodes.Ldarg_0, OpCodes.Ldind_I4) },
        { "RL0401", typeof(long), [typeof(int).MakeByRefType()], Codes(OpCodes.Ldarg_0, OpCodes.Ldind_I8) },
        { "RL0401", typeof(object), [typeof(long).MakeByRefType()], Codes(OpCodes.Ldarg_0, OpCodes.Ldind_Ref) },
        {
            "RL0401", typeof(int), [typeof(int).MakeByRefType()],
            Codes(OpCodes.Ldarg_0, OpCodes.Ldc_I4_4, OpCodes.Add, OpCodes.Ldind_I4)
        },
        { "RL0401", typeof(long), [typeof(int[])], Codes(OpCodes.Ldarg_0, OpCodes.Ldc_I4_0, OpCodes.Ldelem_I8) },
        { "RL0401", typeof(object), [typeof(long[])], Codes(OpCodes.Ldarg_0, OpCodes.Ldc_I4_0, OpCodes.Ldelem_Ref) },
        { "RL0401", typeof(int), [typeof(object)], Codes(OpCodes.Ldarg_0, OpCodes.Ldlen, OpCodes.Conv_I4) },
        { "RL0401", typeof(int), [], Codes(OpCodes.Add) },
        { "RL0401", typeof(void), [], Codes(OpCodes.Ldc_I4_0) },
        { "RL0401", typeof(void), [typeof(string)], Codes(OpCodes.Ldarg_0, OpCodes.Throw) },
        {
            "RL0401", typeof(int), [typeof(object)],
            il =>
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldfld, typeof((int, int)).GetField("Item1")!);
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0401", typeof(int), [typeof(object)],
            il =>
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Callvirt, typeof(string).GetMethod("get_Length")!);
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0401", typeof(object), [],
            il =>
            {
                il.Emit(OpCodes.Newobj, typeof(Attribute).GetConstructor(Hidden, [])!);
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0401", typeof(object), [typeof(Version)],
            il =>
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Call, typeof(object).GetMethod("ToString")!);
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0401", typeof(int).MakeByRefType(), [typeof(int)],
            il =>
            {
                il.Emit(OpCodes.Ldarga_S, (byte)0);
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0401", typeof(object), [typeof(int)],
            il =>
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Box, typeof(long));
                il.Emit(OpCodes.Ret);
            }
        },
        { "RL0402", typeof(void), [], Codes(OpCodes.Ldarg_3, OpCodes.Pop) },
        { "RL0402", typeof(void), [], Codes(OpCodes.Ldloc_2, OpCodes.Pop) },
        { "RL0402", typeof(void), [], il => il.Emit(OpCodes.Nop) },
        { "RL0402", typeof(int), [typeof(int)], Codes(OpCodes.Ldarg_0, OpCodes.Volatile) },
        { "RL0402", typeof(void), [], il => il.Emit(OpCodes.Call, 0x06000fff) },
        { "RL0003", typeof(void), [typeof(int*)], Codes() },
        { "RL0003", typeof(void), [], il => il.EmitCalli(OpCodes.Calli, CallingConventions.Standard, typeof(void), [], null) },
        { "RL0003", typeof(void), [typeof(nint)], Codes(OpCodes.Ldarg_0, OpCodes.Ldc_I4_0, OpCodes.Ldc_I4_1, OpCodes.Initblk) },
        {
            "RL0003", typeof(nint), [],
            il =>
            {
                il.Emit(OpCodes.Ldftn, typeof(GC).GetMethod("Collect", [])!);
                il.Emit(OpCodes.Ret);
            }
        },
        { "RL0004", typeof(void), [], Codes(OpCodes.Ldc_I4_8, OpCodes.Conv_U, OpCodes.Localloc, OpCodes.Pop) },
        { "RL0010", typeof(RuntimeTypeHandle), [], il => { il.Emit(OpCodes.Ldtoken, typeof(string)); il.Emit(OpCodes.Ret); } },
        {
            "RL0403", typeof(int), [typeof(string)],
            il =>
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldfld, typeof(string).GetField("_stringLength", Hidden)!);
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0403", typeof(uint), [typeof(PageBuffer)],
            il =>
            {
                il.Emit(OpCodes.Ldarga_S, (byte)0);
                il.Emit(OpCodes.Ldfld, typeof(PageBuffer).GetField("Generation", Hidden)!);
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0403", typeof(void), [],
            il =>
            {
                il.Emit(OpCodes.Ldsflda, typeof(Guid).GetField("Empty")!);
                il.Emit(OpCodes.Initobj, typeof(Guid));
                il.Emit(OpCodes.Ret);
            }
        },
        {
            "RL0403", typeof(void), [],
            il =>
            {
                il.Emit(OpCodes.Ldstr, "x");
                il.Emit(OpCodes.Stsfld, typeof(string).GetField("Empty")!);
                il.Emit(OpCodes.Ret);
            }
        },
    };

    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    [Theory]
    [MemberData(nameof(Methods), DisableDiscoveryEnumeration = true)]
    public void Method_ThatNoCompilerEmits_IsRefused(string rule, Type result, Type[] parameters, Action<ILGenerator> write)
    {
        Assert.Contains(rule, FlowImage.JudgeMethod(result, parameters, write), StringComparison.Ordinal);
    }

    [Fact]
    public void Join_OfValuesOfOtherTypes_IsRefused()
    {
        string findings = FlowImage.JudgeMethod(typeof(object), [typeof(bool), typeof(int)], il =>
        {
            (Label other, Label end) = (il.DefineLabel(), il.DefineLabel());
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Brtrue, other);
            il.Emit(OpCodes.Ldnull);
            il.Emit(OpCodes.Br, end);
            il.MarkLabel(other);
            il.Emit(OpCodes.Ldarg_1);
            il.MarkLabel(end);
            il.Emit(OpCodes.Ret);
        });

        Assert.Contains("RL0401", findings, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Constructor_WithoutItsBase_IsRefused(bool usesThis)
    {
        string findings = FlowImage.JudgeType(type =>
        {
            ILGenerator il = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, []).GetILGenerator();
            if (usesThis)
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Callvirt, typeof(object).GetMethod("GetHashCode")!);
                il.Emit(OpCodes.Pop);
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Call, typeof(object).GetConstructor([])!);
            }

            il.Emit(OpCodes.Ret);
        });

        Assert.Contains("RL0401", findings, StringComparison.Ordinal);
    }

    [Fact]
    public void Delegate_OverAMethodOfAnotherClass_IsRefused()
    {
        string findings = FlowImage.JudgeMethod(typeof(Func<int>), [], il =>
        {
            il.Emit(OpCodes.Ldstr, "not a version");
            il.Emit(OpCodes.Ldftn, typeof(Version).GetMethod("get_Major")!);
            il.Emit(OpCodes.Newobj, typeof(Func<int>).GetConstructors()[0]);
            il.Emit(OpCodes.Ret);
        });

        Assert.Contains("RL0401", findings, StringComparison.Ordinal);
    }

    [Fact]
    public void Delegate_OfAnotherSignature_IsRefused()
    {
        string findings = FlowImage.JudgeMethod(typeof(Func<string>), [], il =>
        {
            il.Emit(OpCodes.Ldstr, "text");
            il.Emit(OpCodes.Ldftn, typeof(string).GetMethod("get_Length")!);
            il.Emit(OpCodes.Newobj, typeof(Func<string>).GetConstructors()[0]);
            il.Emit(OpCodes.Ret);
        });

        Assert.Contains("RL0401", findings, StringComparison.Ordinal);
    }

    [Fact]
    public void Field_Readonly_IsNotWrittenOutsideOfItsConstructor()
    {
        string findings = FlowImage.JudgeType(type =>
        {
            FieldBuilder field = type.DefineField("f", typeof(int), FieldAttributes.Public | FieldAttributes.InitOnly);
            ILGenerator il = type.DefineMethod("M", MethodAttributes.Public, typeof(void), []).GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Stfld, field);
            il.Emit(OpCodes.Ret);
        });

        Assert.Contains("RL0403", findings, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicate_OfAnExchangeReference_IsRefused()
    {
        string findings = FlowImage.JudgeMethod(typeof(PageBuffer), [typeof(PageBuffer)],
            Codes(OpCodes.Ldarg_0, OpCodes.Dup, OpCodes.Pop));

        Assert.Contains("RL0109", findings, StringComparison.Ordinal);
    }

    private static Action<ILGenerator> Codes(params OpCode[] codes) => il =>
    {
        Array.ForEach(codes, il.Emit);
        il.Emit(OpCodes.Ret);
    };
}
