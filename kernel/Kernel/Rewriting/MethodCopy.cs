using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>A second method with the signature and the code of another one, in the same type, under another name.</summary>
internal static class MethodCopy
{
    private const MethodAttributes NotCopied =
        MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot | MethodAttributes.CheckAccessOnOverride;

    /// <summary>Makes the copy and adds it to the type. Its code still calls what the original calls.</summary>
    /// <param name="original">As it was read: with its offsets and sequence points, which the copy has, too.</param>
    /// <param name="name">Of the copy.</param>
    internal static MethodDefinition Add(MethodDefinition original, string name)
    {
        MethodAttributes attributes = original.Attributes & ~NotCopied;
        var copy = new MethodDefinition(
            name, original.IsConstructor ? attributes : attributes & ~MethodAttributes.SpecialName, original.ReturnType)
        {
            ImplAttributes = original.ImplAttributes,
            HasThis = original.HasThis,
            ExplicitThis = original.ExplicitThis,
            CallingConvention = original.CallingConvention,
        };
        CopySignature(original, copy);
        original.DeclaringType.Methods.Add(copy);
        CopyBody(original, copy);
        return copy;
    }

    private static void CopySignature(MethodDefinition original, MethodDefinition copy)
    {
        foreach (GenericParameter parameter in original.GenericParameters)
        {
            var own = new GenericParameter(parameter.Name, copy) { Attributes = parameter.Attributes };
            Share(parameter.CustomAttributes, own.CustomAttributes);
            copy.GenericParameters.Add(own);
        }

        var types = new TypeSubstitution(original, copy);
        foreach (GenericParameter parameter in original.GenericParameters)
        {
            foreach (GenericParameterConstraint constraint in parameter.Constraints)
            {
                copy.GenericParameters[parameter.Position].Constraints.Add(new GenericParameterConstraint(types.Of(constraint.ConstraintType)));
            }
        }

        copy.ReturnType = types.Of(original.ReturnType);
        Share(original.CustomAttributes, copy.CustomAttributes);
        Share(original.MethodReturnType.CustomAttributes, copy.MethodReturnType.CustomAttributes);
        foreach (ParameterDefinition parameter in original.Parameters)
        {
            // Which value a caller in C# gets by default is of no use to planted calls.
            const ParameterAttributes Data = ParameterAttributes.HasDefault | ParameterAttributes.HasFieldMarshal;
            var own = new ParameterDefinition(parameter.Name, parameter.Attributes & ~Data, types.Of(parameter.ParameterType));
            Share(parameter.CustomAttributes, own.CustomAttributes);
            copy.Parameters.Add(own);
        }
    }

    /// <summary>What is scoped or read-only in one is so in the other: the verifier asks for it.</summary>
    private static void Share(IEnumerable<CustomAttribute> attributes, ICollection<CustomAttribute> to)
    {
        foreach (CustomAttribute attribute in attributes)
        {
            to.Add(attribute);
        }
    }

    private static void CopyBody(MethodDefinition original, MethodDefinition copy)
    {
        (MethodBody from, MethodBody to) = (original.Body, copy.Body);
        var types = new TypeSubstitution(original, copy);
        to.InitLocals = from.InitLocals;
        foreach (VariableDefinition variable in from.Variables)
        {
            to.Variables.Add(new VariableDefinition(types.Of(variable.VariableType)));
        }

        var copies = new Dictionary<Instruction, Instruction>(from.Instructions.Count);
        foreach (Instruction instruction in from.Instructions)
        {
            Instruction own = Instruction.Create(OpCodes.Nop);
            (own.OpCode, own.Offset) = (instruction.OpCode, instruction.Offset);
            copies.Add(instruction, own);
            to.Instructions.Add(own);
        }

        foreach ((Instruction instruction, Instruction own) in copies)
        {
            own.Operand = instruction.Operand switch
            {
                Instruction target => copies[target],
                Instruction[] targets => targets.Select(target => copies[target]).ToArray(),
                VariableDefinition variable => to.Variables[variable.Index],
                ParameterDefinition parameter => parameter.Index < 0 ? to.ThisParameter : copy.Parameters[parameter.Index],
                object operand => types.OfOperand(operand),
                null => null,
            };
        }

        CopyHandlers(from, to, copies, types);
        CopySymbols(original, copy, copies);
    }

    private static void CopyHandlers(
        MethodBody from, MethodBody to, Dictionary<Instruction, Instruction> copies, TypeSubstitution types)
    {
        Instruction? At(Instruction? instruction) => instruction is null ? null : copies[instruction];
        foreach (ExceptionHandler handler in from.ExceptionHandlers)
        {
            to.ExceptionHandlers.Add(new ExceptionHandler(handler.HandlerType)
            {
                TryStart = At(handler.TryStart),
                TryEnd = At(handler.TryEnd),
                FilterStart = At(handler.FilterStart),
                HandlerStart = At(handler.HandlerStart),
                HandlerEnd = At(handler.HandlerEnd),
                CatchType = handler.CatchType is null ? null : types.Of(handler.CatchType),
            });
        }
    }

    private static void CopySymbols(MethodDefinition original, MethodDefinition copy, Dictionary<Instruction, Instruction> copies)
    {
        Dictionary<int, Instruction> byOffset = copies.Values.ToDictionary(one => one.Offset);
        foreach (SequencePoint point in original.DebugInformation.SequencePoints)
        {
            copy.DebugInformation.SequencePoints.Add(new SequencePoint(byOffset[point.Offset], point.Document)
            {
                StartLine = point.StartLine,
                StartColumn = point.StartColumn,
                EndLine = point.EndLine,
                EndColumn = point.EndColumn,
            });
        }

        copy.DebugInformation.Scope = original.DebugInformation.Scope is { } scope ? CopyScope(scope, copy.Body, byOffset) : null;
    }

    /// <summary>The names of variables: some mistakes are of one name for another.</summary>
    private static ScopeDebugInformation CopyScope(ScopeDebugInformation scope, MethodBody to, Dictionary<int, Instruction> byOffset)
    {
        Instruction? end = scope.End.IsEndOfMethod ? null : byOffset.GetValueOrDefault(scope.End.Offset);
        var copy = new ScopeDebugInformation(byOffset[scope.Start.Offset], end);
        foreach (VariableDebugInformation variable in scope.Variables)
        {
            copy.Variables.Add(new VariableDebugInformation(to.Variables[variable.Index], variable.Name) { Attributes = variable.Attributes });
        }

        foreach (ScopeDebugInformation inner in scope.Scopes)
        {
            copy.Scopes.Add(CopyScope(inner, to, byOffset));
        }

        return copy;
    }
}
