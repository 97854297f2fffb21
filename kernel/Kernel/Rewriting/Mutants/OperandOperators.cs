using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>Mistakes in one operand: another constant, variable, field or element, other arithmetic.</summary>
internal static class OperandOperators
{
    /// <summary>Of a constant, which bit the defect is in: a low one, as most constants are small.</summary>
    private const int FlippedBit = 2;

    private static readonly Dictionary<Code, OpCode> OtherArithmetic = new()
    {
        [Code.Add] = OpCodes.Sub,
        [Code.Sub] = OpCodes.Add,
        [Code.Mul] = OpCodes.Add,
        [Code.Shl] = OpCodes.Shr,
        [Code.Shr] = OpCodes.Shl,
        [Code.Shr_Un] = OpCodes.Shl,
        [Code.And] = OpCodes.Or,
        [Code.Or] = OpCodes.And,
    };

    /// <param name="body">The method, with long branches.</param>
    /// <param name="statements">Its statements.</param>
    internal static IEnumerable<Mutation> Of(MethodBody body, IReadOnlyList<Statement> statements) =>
        statements.SelectMany(one => OfStatement(body, one));

    private static IEnumerable<Mutation> OfStatement(MethodBody body, Statement one)
    {
        bool hasCall = body.Instructions.Skip(one.First).Take(one.End - one.First).Any(each => each.Operand is MethodReference);
        var covered = new HashSet<int>();
        for (int index = one.First; index < one.End; index++)
        {
            if (covered.Contains(index))
            {
                continue;
            }

            covered.UnionWith(NameUses.Of(body, one, index));
            Instruction at = body.Instructions[index];
            foreach (Mutation mutation in at.OpCode.Code switch
            {
                Code.Ldc_I4 => OfConstant(body, one, index, (int)at.Operand),
                Code.Ldloc => OfVariable(body, one, index, hasCall),
                Code.Stloc => OfTarget(body, one, index),
                Code.Ldarg => OfParameter(body, one, index, hasCall),
                Code.Ldfld => OfField(body, one, index, (FieldReference)at.Operand),
                Code.Ldelem_I4 or Code.Ldelem_U1 or Code.Ldelem_I8 or Code.Ldelem_Ref or Code.Ldelema => OfElement(body, one, index),
                Code.Call or Code.Callvirt => OfResult(body, one, index, (MethodReference)at.Operand),
                _ when hasCall && OtherArithmetic.TryGetValue(at.OpCode.Code, out OpCode other) => OfArithmetic(body, one, index, other),
                _ => [],
            })
            {
                yield return mutation;
            }
        }
    }

    /// <summary>Of the two shifts to the right C# takes the one that the type asks for, which the code names where the value goes.</summary>
    private static IEnumerable<Mutation> OfArithmetic(MethodBody body, Statement one, int index, OpCode other)
    {
        OpCode wrong = other == OpCodes.Shr && IsUnsigned(body.Instructions[one.End - 1]) ? OpCodes.Shr_Un : other;
        string effect = $"{body.Instructions[index].OpCode.Name} is {other.Name}";
        yield return Change(body, one, index, MutationOperator.Waep, effect, copy => copy.OpCode = wrong);
    }

    private static bool IsUnsigned(Instruction last)
    {
        TypeReference? type = last.Operand switch
        {
            VariableDefinition variable => variable.VariableType,
            FieldReference field => field.FieldType,
            MethodReference { Parameters: [.., var parameter] } => parameter.ParameterType,
            _ => null,
        };
        return type?.MetadataType is MetadataType.UInt32 or MetadataType.UInt64 or MetadataType.UIntPtr;
    }

    private static IEnumerable<Mutation> OfConstant(MethodBody body, Statement one, int index, int value)
    {
        int wrong = value is 0 or 1 ? value ^ 1 : value + 1;
        if (one.Kind == StatementKind.Assignment && index == one.End - 2)
        {
            yield return Change(body, one, index, MutationOperator.Wvav, $"{value} is {wrong}", copy => copy.Operand = wrong);
        }

        int flipped = value ^ (1 << FlippedBit);
        if (value is not (0 or 1))
        {
            yield return Change(body, one, index, MutationOperator.Text, $"{value} is {flipped}", copy => copy.Operand = flipped);
        }
    }

    private static IEnumerable<Mutation> OfVariable(MethodBody body, Statement one, int index, bool hasCall)
    {
        if (OtherVariable(body, (VariableDefinition)body.Instructions[index].Operand, body.Instructions[index].Offset) is { } other)
        {
            yield return Change(
                body,
                one,
                index,
                hasCall ? MutationOperator.Wpfv : MutationOperator.Source,
                $"{NameOf(body, (VariableDefinition)body.Instructions[index].Operand)} is {NameOf(body, other)}",
                copy => copy.Operand = other);
        }
    }

    private static IEnumerable<Mutation> OfTarget(MethodBody body, Statement one, int index)
    {
        var target = (VariableDefinition)body.Instructions[index].Operand;
        if (OtherVariable(body, target, body.Instructions[one.First].Offset) is { } other)
        {
            yield return Change(
                body, one, index, MutationOperator.Destination, $"{NameOf(body, other)} is assigned, not {NameOf(body, target)}", copy => copy.Operand = other);
        }
    }

    private static IEnumerable<Mutation> OfParameter(MethodBody body, Statement one, int index, bool hasCall)
    {
        var parameter = (ParameterDefinition)body.Instructions[index].Operand;
        if (hasCall && parameter != body.ThisParameter && parameter.ParameterType.MetadataType is MetadataType.Int32
            or MetadataType.UInt32 or MetadataType.Boolean or MetadataType.Byte or MetadataType.UInt16)
        {
            yield return Change(
                body, one, index, MutationOperator.Interface, $"{parameter.Name} is 0", copy => (copy.OpCode, copy.Operand) = (OpCodes.Ldc_I4, 0));
        }
    }

    private static IEnumerable<Mutation> OfField(MethodBody body, Statement one, int index, FieldReference field)
    {
        FieldDefinition? other = field.DeclaringType is TypeDefinition type
            ? type.Fields.FirstOrDefault(each => !each.IsStatic && each.Name != field.Name && each.FieldType.FullName == field.FieldType.FullName)
            : null;
        if (other is not null)
        {
            yield return Change(body, one, index, MutationOperator.Pointer, $"{field.Name} is {other.Name}", copy => copy.Operand = other);
        }
    }

    private static IEnumerable<Mutation> OfElement(MethodBody body, Statement one, int index)
    {
        List<Instruction> clone = CodeClone.Of(body, one.First, one.End);
        clone.Insert(index - one.First, Instruction.Create(OpCodes.Add));
        clone.Insert(index - one.First, Instruction.Create(OpCodes.Ldc_I4, 1));
        yield return new Mutation(one, MutationOperator.Pointer, "the element behind is meant", clone, one.End);
    }

    private static IEnumerable<Mutation> OfResult(MethodBody body, Statement one, int index, MethodReference called)
    {
        bool isReference = called.ReturnType is { IsValueType: false, IsByReference: false, IsGenericParameter: false, IsPointer: false }
            && called.ReturnType.MetadataType is MetadataType.Class or MetadataType.String or MetadataType.Object or MetadataType.Array;
        if (isReference)
        {
            List<Instruction> clone = CodeClone.Of(body, one.First, one.End);
            clone.Insert(index - one.First + 1, Instruction.Create(OpCodes.Ldnull));
            clone.Insert(index - one.First + 1, Instruction.Create(OpCodes.Pop));
            yield return new Mutation(one, MutationOperator.Null, $"{called.Name} gives null", clone, one.End);
        }
    }

    /// <summary>One that the author could have written instead: both have a name, and it may be used there.</summary>
    private static VariableDefinition? OtherVariable(MethodBody body, VariableDefinition variable, int offset)
    {
        MethodDebugInformation symbols = body.Method.DebugInformation;
        return symbols.TryGetName(variable, out _)
            ? body.Variables.FirstOrDefault(each => each != variable && each.VariableType.FullName == variable.VariableType.FullName
                && symbols.TryGetName(each, out _) && IsVisible(symbols, each, offset))
            : null;
    }

    private static bool IsVisible(MethodDebugInformation symbols, VariableDefinition variable, int offset) => symbols.GetScopes().Any(scope =>
        scope.Variables.Any(each => each.Index == variable.Index)
        && scope.Start.Offset <= offset && (scope.End.IsEndOfMethod || offset < scope.End.Offset));

    private static string NameOf(MethodBody body, VariableDefinition variable) =>
        body.Method.DebugInformation.TryGetName(variable, out string name) ? name : $"variable {variable.Index}";

    private static Mutation Change(
        MethodBody body, Statement one, int index, MutationOperator kind, string effect, Action<Instruction> change)
    {
        List<Instruction> clone = CodeClone.Of(body, one.First, one.End);
        NameUses.Of(body, one, index).ForEach(use => change(clone[use - one.First]));
        return new Mutation(one, kind, effect, clone, one.End);
    }
}
