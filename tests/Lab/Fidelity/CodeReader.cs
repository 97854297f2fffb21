using System.Globalization;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>
/// Executes a method with symbols from one event to the next. What the compiler may do in one way or another, such as keeping a value in a local
/// or on the stack, is not seen in its events.
/// </summary>
internal sealed class CodeReader
{
    /// <summary>Instructions without an event: a loop that does nothing.</summary>
    private const int QuietMax = 10_000;

    private readonly MethodBody body;
    private readonly Dictionary<Instruction, int> places = [];

    /// <summary>Names of those whose address is taken: their values may change elsewhere.</summary>
    private readonly Dictionary<int, string> shared = [];

    internal CodeReader(MethodDefinition method)
    {
        body = method.Body;
        body.SimplifyMacros();
        for (int index = 0; index < body.Instructions.Count; index++)
        {
            places.Add(body.Instructions[index], index);
        }

        FindShared();
    }

    private int ArgumentCount => body.Method.Parameters.Count + (body.Method.HasThis ? 1 : 0);

    /// <summary>At the entry: parameters are what the caller says, locals are zero.</summary>
    internal CodeState Entry => new(
        [
            .. Enumerable.Range(0, ArgumentCount).Select(index => $"argument {index}"),
            .. body.Variables.Select(variable => ZeroOf(variable.VariableType)),
        ],
        []);

    /// <summary>Goes on to the next event, and changes the state by what happens before it.</summary>
    internal CodeEvent Run(int place, CodeState state)
    {
        for (int quiet = 0; quiet < QuietMax; quiet++)
        {
            Instruction one = body.Instructions[place];
            if (EventOf(one, place, state, out int next) is { } happens)
            {
                return happens;
            }

            place = next;
        }

        return new CodeEvent("loops for ever", [], 0, [], []);
    }

    /// <summary>After a finally block has run, nothing is known of what it assigns.</summary>
    internal void ForgetFinally(CodeState state, string name)
    {
        foreach (ExceptionHandler handler in body.ExceptionHandlers.Where(handler => handler.HandlerType == ExceptionHandlerType.Finally))
        {
            for (int index = places[handler.HandlerStart]; index < EndOf(handler.HandlerEnd); index++)
            {
                if (body.Instructions[index] is { OpCode.Code: Code.Stloc, Operand: VariableDefinition variable })
                {
                    state.Slots[SlotOf(variable)] = $"@{name}{SlotOf(variable)}";
                }
            }
        }
    }

    private CodeEvent? EventOf(Instruction one, int place, CodeState state, out int next)
    {
        next = place + 1;
        switch (one.OpCode.Code)
        {
            case Code.Nop:
                return null;
            case Code.Pop:
                _ = state.Pop();
                return null;
            case Code.Dup:
                state.Stack.Add(state.Stack[^1]);
                return null;
            case Code.Br:
                next = places[(Instruction)one.Operand];
                return null;
            case Code.Ldloc or Code.Ldarg when !shared.ContainsKey(SlotOf(one.Operand)):
                state.Stack.Add(state.Slots[SlotOf(one.Operand)]);
                return null;
            case Code.Stloc or Code.Starg when !shared.ContainsKey(SlotOf(one.Operand)):
                state.Slots[SlotOf(one.Operand)] = state.Pop();
                return null;
            case Code.Ldloca or Code.Ldarga when shared.TryGetValue(SlotOf(one.Operand), out string? name):
                state.Stack.Add(name);
                return null;
            case Code.Ldloca or Code.Ldarga:
                state.Slots[SlotOf(one.Operand)] = ZeroOf(((VariableDefinition)one.Operand).VariableType);
                next = place + 2;
                return null;
            case Code.Call when Mistake.IsQuestion((MethodReference)one.Operand):
                _ = state.Pop();
                state.Stack.Add("=1");
                return null;
            case Code.Call when Mistake.IsSkip((MethodReference)one.Operand):
                _ = state.Pop();
                return null;
            case Code.Call when Mistake.IsNull((MethodReference)one.Operand):
                _ = state.Pop();
                state.Stack.Add("=null");
                return null;
        }

        if (Constant(one) is { } constant)
        {
            state.Stack.Add(constant);
            return null;
        }

        if (Operations.IsPure(one.OpCode.Code))
        {
            Compute(one, state);
            return null;
        }

        return one.OpCode.FlowControl == FlowControl.Cond_Branch && one.Operand is Instruction target
            ? Branch(one, place, places[target], state, ref next)
            : Happen(one, place, state);
    }

    private CodeEvent? Branch(Instruction one, int place, int target, CodeState state, ref int next)
    {
        Condition condition = Condition.Of(one.OpCode.Code, state);
        if (condition.Known is { } isTaken)
        {
            next = isTaken ? target : next;
            return null;
        }

        int[] ways = condition.IsNegated ? [next, target] : [target, next];
        return new CodeEvent(condition.What, condition.Values, 0, ways, HandlersAt(place));
    }

    private CodeEvent Happen(Instruction one, int place, CodeState state)
    {
        string what = $"{one.OpCode.Name} {NameOf(one.Operand)}";
        int count = Operations.PopCount(one, body.Method, state.Stack.Count);
        List<string> values = state.Stack.GetRange(state.Stack.Count - count, count);
        state.Stack.RemoveRange(state.Stack.Count - count, count);
        int[] next = one.OpCode.FlowControl switch
        {
            FlowControl.Return or FlowControl.Throw => [],
            FlowControl.Branch => [places[(Instruction)one.Operand]],
            FlowControl.Cond_Branch => [.. ((Instruction[])one.Operand).Select(way => places[way]), place + 1],
            _ => [place + 1],
        };
        return new CodeEvent(what, values, Operations.PushCount(one), next, HandlersAt(place));
    }

    private void Compute(Instruction one, CodeState state)
    {
        string last = state.Pop();
        state.Stack.Add(Operations.IsUnary(one.OpCode.Code)
            ? Operations.Unary(one.OpCode, last)
            : Operations.Binary(one.OpCode, state.Pop(), last));
    }

    private List<(int Start, bool HasException)> HandlersAt(int place) =>
    [
        .. body.ExceptionHandlers.Where(handler => place >= places[handler.TryStart] && place < EndOf(handler.TryEnd))
            .Select(handler => (places[handler.FilterStart ?? handler.HandlerStart],
                handler.HandlerType is ExceptionHandlerType.Catch or ExceptionHandlerType.Filter)),
    ];

    private int EndOf(Instruction? end) => end is null ? body.Instructions.Count : places[end];

    private string NameOf(object? operand) => operand switch
    {
        Instruction or Instruction[] or null => string.Empty,
        VariableDefinition or ParameterDefinition => shared[SlotOf(operand)],
        MemberReference member => member.FullName,
        _ => operand.ToString()!,
    };

    private static string? Constant(Instruction one) => one.OpCode.Code switch
    {
        Code.Ldc_I4 => string.Create(CultureInfo.InvariantCulture, $"={one.Operand}"),
        Code.Ldc_I8 => string.Create(CultureInfo.InvariantCulture, $"={one.Operand}L"),
        Code.Ldstr => $"='{one.Operand}'",
        Code.Ldnull => "=null",
        Code.Ldtoken or Code.Ldftn or Code.Sizeof or Code.Ldsflda => $"={one.OpCode.Name} {((MemberReference)one.Operand).FullName}",
        _ => null,
    };

    private static string ZeroOf(TypeReference type) => type.MetadataType switch
    {
        MetadataType.Int64 or MetadataType.UInt64 => "=0L",
        MetadataType.Boolean or MetadataType.Byte or MetadataType.SByte or MetadataType.Int16 or MetadataType.UInt16 or MetadataType.Char
            or MetadataType.Int32 or MetadataType.UInt32 => "=0",
        _ when !type.IsValueType && !type.IsByReference && !type.IsGenericParameter => "=null",
        _ when type.Resolve() is { IsEnum: true } => "=0",
        _ => $"=default {type.FullName}",
    };

    private static TypeReference TypeOf(object operand) =>
        operand is VariableDefinition variable ? variable.VariableType : ((ParameterDefinition)operand).ParameterType;

    private int SlotOf(object operand) => operand switch
    {
        ParameterDefinition parameter => parameter == body.ThisParameter ? 0 : parameter.Index + (body.Method.HasThis ? 1 : 0),
        VariableDefinition variable => ArgumentCount + variable.Index,
        _ => throw new ArgumentException($"{operand} is no variable", nameof(operand)),
    };

    /// <summary>Named by their types, and by the order in which they are met on the ways through the method, whatever their numbers are.</summary>
    private void FindShared()
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>([0, .. body.ExceptionHandlers.Select(handler => places[handler.HandlerStart])]);
        while (open.TryPop(out int place))
        {
            while (place < body.Instructions.Count && seen.Add(place))
            {
                Instruction one = body.Instructions[place];
                bool isZeroing = one is { OpCode.Code: Code.Ldloca, Next.OpCode.Code: Code.Initobj };
                bool isQuestion = one.Previous is { OpCode.Code: Code.Call, Operand: MethodReference asked } && Mistake.IsQuestion(asked);
                if (one.OpCode.Code is Code.Ldloca or Code.Ldarga && !isZeroing && !shared.ContainsKey(SlotOf(one.Operand)))
                {
                    string name = $"=&{TypeOf(one.Operand).FullName} ";
                    shared.Add(SlotOf(one.Operand), $"{name}{shared.Values.Count(each => each.StartsWith(name, StringComparison.Ordinal))}");
                }

                foreach (Instruction target in one.Operand as Instruction[] ?? (one.Operand is Instruction only && !isQuestion ? [only] : []))
                {
                    open.Push(places[target]);
                }

                place = one.OpCode.FlowControl is FlowControl.Branch or FlowControl.Return or FlowControl.Throw ? body.Instructions.Count : place + 1;
            }
        }
    }
}
