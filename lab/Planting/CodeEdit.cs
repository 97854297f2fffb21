using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Lab.Planting;

/// <summary>
/// One change to the code of one method, made in its IL: what an author forgot, or got wrong, put there without a switch in the source.
/// </summary>
/// <remarks>
/// A place is named by what is called, loaded or stored there and not by an offset, so that the same edit fits Debug and Release builds. An
/// edit whose place is gone throws: a bug that is not planted must not count as one that is not found.
/// </remarks>
/// <param name="Method">Simple name of the type, a dot, name of the method.</param>
/// <param name="Apply">Changes the body.</param>
internal sealed record CodeEdit(string Method, Action<MethodBody> Apply)
{
    /// <summary>The call is not made; its result is the default of its type.</summary>
    internal static CodeEdit Skip(string method, string callee, int nth = 0) => At(method, IsCall(callee), nth, (body, at) =>
    {
        var called = (MethodReference)at.Operand;
        int arguments = called.Parameters.Count + (called.HasThis ? 1 : 0);
        List<Instruction> code = [.. Enumerable.Range(0, arguments).Select(_ => Instruction.Create(OpCodes.Pop))];
        if (called.ReturnType.MetadataType != MetadataType.Void)
        {
            code.AddRange(DefaultOf(body, called));
        }

        Replace(body, at, code);
    });

    /// <summary>What is called or loaded there has another value: a constant.</summary>
    internal static CodeEdit Pretend(string method, string member, int value, int nth = 0) => Behind(method, member, nth, at =>
        [Instruction.Create(OpCodes.Pop), IsLong(at) ? Instruction.Create(OpCodes.Ldc_I8, (long)value) : Instruction.Create(OpCodes.Ldc_I4, value)]);

    /// <summary>What is called or loaded there is larger than it should be by a number.</summary>
    internal static CodeEdit Add(string method, string member, int number, int nth = 0) =>
        Behind(method, member, nth, _ => [Instruction.Create(OpCodes.Ldc_I4, number), Instruction.Create(OpCodes.Add)]);

    /// <summary>The last argument of a call is larger than it should be by a number.</summary>
    internal static CodeEdit AddToArgument(string method, string callee, int number, int nth = 0) => At(method, IsCall(callee), nth, (body, at) =>
        Insert(body, at, Instruction.Create(OpCodes.Ldc_I4, number), Instruction.Create(OpCodes.Add)));

    /// <summary>The last argument of a call is a constant.</summary>
    internal static CodeEdit PretendArgument(string method, string callee, int value, int nth = 0) => At(method, IsCall(callee), nth, (body, at) =>
        Insert(body, at, Instruction.Create(OpCodes.Pop), Instruction.Create(OpCodes.Ldc_I4, value)));

    /// <summary>The field keeps its value.</summary>
    internal static CodeEdit Keep(string method, string field, int nth = 0) => At(
        method, one => one.OpCode.Code == Code.Stfld && NameOf(one) == field, nth,
        (body, at) => Replace(body, at, [Instruction.Create(OpCodes.Pop), Instruction.Create(OpCodes.Pop)]));

    /// <summary>Another constant stands there.</summary>
    internal static CodeEdit Constant(string method, int right, int wrong, int nth = 0) => At(
        method, one => ValueOf(one) == right, nth, (body, at) => Replace(body, at, [Instruction.Create(OpCodes.Ldc_I4, wrong)]));

    /// <summary>Another field or method of the same type is meant: in a method, everywhere.</summary>
    internal static CodeEdit Instead(string method, string right, string wrong) => new(method, body =>
    {
        Instruction[] places = [.. body.Instructions.Where(one => NameOf(one) == right)];
        foreach (Instruction one in places)
        {
            one.Operand = one.Operand is FieldReference field
                ? (object)field.DeclaringType.Resolve().Fields.Single(other => other.Name == wrong)
                : Renamed((MethodReference)one.Operand, wrong);
        }

        Expect(places.Length > 0, method, right);
    });

    /// <summary>Something more is done with what is called or loaded there.</summary>
    internal static CodeEdit Behind(string method, string member, int nth, Func<Instruction, Instruction[]> code) =>
        At(method, one => NameOf(one) == member && !IsStore(one), nth, (body, at) =>
        {
            int index = body.Instructions.IndexOf(at) + 1;
            foreach (Instruction one in code(at))
            {
                body.Instructions.Insert(index++, one);
            }
        });

    internal static void Expect(bool isThere, string method, string what)
    {
        if (!isThere)
        {
            throw new PlantingException($"{method} has no place '{what}' any more");
        }
    }

    private static CodeEdit At(string method, Func<Instruction, bool> isMeant, int nth, Action<MethodBody, Instruction> change) => new(method, body =>
    {
        Instruction? at = body.Instructions.Where(isMeant).ElementAtOrDefault(nth);
        Expect(at is not null, method, $"number {nth} of those that are edited");
        change(body, at!);
    });

    private static Func<Instruction, bool> IsCall(string callee) => one => one.Operand is MethodReference called && called.Name == callee;

    private static string? NameOf(Instruction one) => one.Operand is MemberReference member ? member.Name : null;

    private static bool IsStore(Instruction one) => one.OpCode.Code is Code.Stfld or Code.Stsfld;

    private static bool IsLong(Instruction one) => (one.Operand is FieldReference field ? field.FieldType : ((MethodReference)one.Operand).ReturnType)
        .MetadataType is MetadataType.Int64 or MetadataType.UInt64;

    private static int? ValueOf(Instruction one) => one.OpCode.Code switch
    {
        Code.Ldc_I4 => (int)one.Operand,
        Code.Ldc_I4_S => (sbyte)one.Operand,
        >= Code.Ldc_I4_M1 and <= Code.Ldc_I4_8 => one.OpCode.Code - Code.Ldc_I4_0,
        _ => null,
    };

    private static MethodReference Renamed(MethodReference called, string name)
    {
        var other = new MethodReference(name, called.ReturnType, called.DeclaringType) { HasThis = called.HasThis };
        foreach (ParameterDefinition parameter in called.Parameters)
        {
            other.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
        }

        return other;
    }

    private static List<Instruction> DefaultOf(MethodBody body, MethodReference called)
    {
        if (called.ReturnType.MetadataType is MetadataType.Int64 or MetadataType.UInt64)
        {
            return [Instruction.Create(OpCodes.Ldc_I8, 0L)];
        }

        if (!called.ReturnType.IsValueType || called.ReturnType.IsPrimitive)
        {
            return [Instruction.Create(called.ReturnType.IsValueType ? OpCodes.Ldc_I4_0 : OpCodes.Ldnull)];
        }

        var empty = new VariableDefinition(called.ReturnType);
        body.Variables.Add(empty);
        body.InitLocals = true;
        return [Instruction.Create(OpCodes.Ldloc, empty)];
    }

    /// <summary>The first new instruction takes the old one's place, so branches to it still meet it.</summary>
    private static void Replace(MethodBody body, Instruction at, List<Instruction> code)
    {
        int index = body.Instructions.IndexOf(at);
        Instruction[] rest = [.. code.Skip(1)];
        (at.OpCode, at.Operand) = code.Count > 0 ? (code[0].OpCode, code[0].Operand) : (OpCodes.Nop, null);
        foreach (Instruction one in rest)
        {
            body.Instructions.Insert(++index, one);
        }
    }

    /// <summary>Nothing jumps to a call with arguments, so nothing has to be led to what is put before it.</summary>
    private static void Insert(MethodBody body, Instruction before, params Instruction[] code)
    {
        int index = body.Instructions.IndexOf(before);
        foreach (Instruction one in code)
        {
            body.Instructions.Insert(index++, one);
        }
    }
}

/// <summary>A bug cannot be planted: the code it was made for is not there.</summary>
internal sealed class PlantingException(string message) : Exception(message);
