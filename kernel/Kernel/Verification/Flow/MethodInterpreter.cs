using System.Reflection;
using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// Interprets one method: from its start along all paths, with types in place of values, until nothing new is learnt. A
/// point of the code that several paths lead to has one state, which holds for all of them.
/// </summary>
internal sealed partial class MethodInterpreter
{
    private readonly ImageContext image;
    private readonly TypeTable types;
    private readonly MethodBase method;
    private readonly CallTarget self;
    private readonly MethodFrame frame;
    private readonly InstructionStream code;
    private readonly RegionTree regions;
    private readonly TokenResolver tokens;
    private readonly FrameState?[] states;
    private readonly bool[] isJoin;
    private readonly Queue<int> work = new();
    private readonly bool[] isQueued;
    private long stepsLeft;
    private FrameState state = null!;
    private int blockStart;
    private Instruction current;

    /// <summary>Whether the instruction has changed what handlers can see.</summary>
    private bool slotsChanged;

    internal MethodInterpreter(ImageContext image, MethodBase method, MethodBody body, InstructionStream code)
    {
        this.image = image;
        this.method = method;
        this.code = code;
        types = image.Types;
        tokens = new TokenResolver(image, method);
        code.CheckTargets();
        regions = new RegionTree(code, body.ExceptionHandlingClauses);
        self = image.TargetOf(method);
        frame = new MethodFrame(method, body, self, types);
        if (!body.InitLocals && body.LocalVariables.Count > 0)
        {
            throw new FlowException("RL0012", "locals are not cleared at entry (SkipLocalsInit)");
        }

        states = new FrameState?[code.Instructions.Count];
        isJoin = new bool[states.Length];
        isQueued = new bool[states.Length];
        stepsLeft = FlowLimits.StepsBase + ((long)FlowLimits.StepsPerByte * code.Length);
        MarkJoins();
        MarkTouchedSlots();
    }

    /// <summary>Where an offence was found.</summary>
    internal int Offset => current.Offset;

    /// <exception cref="FlowException">The method is not what it has to be.</exception>
    internal void Run()
    {
        CheckStaticConstructor();
        Flow(0, frame.Start(types));
        while (work.TryDequeue(out int index))
        {
            isQueued[index] = false;
            blockStart = index;
            RunBlock();
        }
    }

    /// <summary>
    /// The kernel runs static constructors before anything is borrowed; those of generic types it cannot, and the runtime runs them where a
    /// field or method is used first: no call leads there, so no call could end a borrow.
    /// </summary>
    private void CheckStaticConstructor()
    {
        if (method is ConstructorInfo { IsStatic: true } && method.DeclaringType!.IsGenericType
            && image.Cells.EmptiedBy(method, isVirtualCall: false).Places != 0)
        {
            throw new FlowException("RL0106", "the static constructor of a generic type may empty a cell, wherever the type is used first");
        }
    }

    private void RunBlock()
    {
        state = states[blockStart]!.Clone();
        int index = blockStart;
        current = code.Instructions[index];
        FlowToHandlers();
        while (true)
        {
            current = code.Instructions[index];
            Spend(1);
            slotsChanged = false;
            bool fallsThrough = Execute();
            if (slotsChanged)
            {
                FlowToHandlers();
            }

            if (!fallsThrough)
            {
                return;
            }

            if (current.Next >= code.Length)
            {
                throw FlowException.Malformed("control falls off the end of the code");
            }

            regions.CheckStep(current.Offset, current.Next);
            index = code.IndexAt(current.Next);
            if (isJoin[index])
            {
                Flow(current.Next, state);
                return;
            }
        }
    }

    /// <summary>Brings a state to the start of a block.</summary>
    private void Flow(int offset, FrameState from)
    {
        Spend(from.Steps);
        int index = code.IndexAt(offset);
        if (regions.IsTryStart(offset) && from.Depth != 0)
        {
            throw FlowException.Handler("the stack is not empty where a protected region starts");
        }

        if (states[index] is not { } known)
        {
            states[index] = from.Clone();
        }
        else if (!known.Join(from, types, withStack: true))
        {
            return;
        }

        Enqueue(index);
    }

    private void Enqueue(int index)
    {
        if (!isQueued[index])
        {
            isQueued[index] = true;
            work.Enqueue(index);
        }
    }

    private void Branch(int target)
    {
        regions.CheckStep(current.Offset, target);
        Flow(target, state);
    }

    /// <summary>
    /// An exception can come before an instruction has taken effect and after it (a callee frees, then throws), so handlers
    /// see both states.
    /// </summary>
    private void FlowToHandlers()
    {
        if (regions.Innermost(current.Offset) is null)
        {
            return;
        }

        foreach (Handler handler in regions.HandlersAt(current.Offset))
        {
            EnterHandler(handler);
        }
    }

    private void EnterHandler(Handler handler)
    {
        if (handler.Filter is { } filter)
        {
            FlowToHandler(filter.Start, typeof(object), isSecondPass: false);
        }

        FlowToHandler(handler.Body.Start, handler.CatchType, handler.IsSecondPass);
    }

    private void FlowToHandler(int offset, Type? exception, bool isSecondPass)
    {
        Spend(state.Steps);
        int index = code.IndexAt(offset);
        if (states[index] is not { } known)
        {
            known = state.Clone();
            known.Clear();
            if (exception is not null)
            {
                known.Push(new StackValue(StackKind.Object, exception));
            }

            states[index] = known;
            Enqueue(index);
        }
        else if (known.Join(state, types, withStack: false))
        {
            Enqueue(index);
        }

        if (isSecondPass && HasLiveCellBorrow(known))
        {
            // Filters of the callers have run by now, and they may have emptied any cell.
            known.Kill(Places.Cells | Places.Caller, ValueFlags.Dead);
            Enqueue(index);
        }
    }

    private static bool HasLiveCellBorrow(FrameState known)
    {
        foreach (SlotState slot in known.Slots)
        {
            if ((slot.Origins & (Places.Cells | Places.Caller)) != 0 && (slot.Flags & ValueFlags.Dead) == 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Spend(int steps)
    {
        stepsLeft -= steps;
        if (stepsLeft < 0)
        {
            throw FlowException.Malformed("the method takes too many steps to verify; it was made to");
        }
    }

    /// <summary>States are kept only where paths can meet.</summary>
    private void MarkJoins()
    {
        foreach (Instruction instruction in code.Instructions)
        {
            OperandType operand = instruction.Opcode.OperandType;
            if (operand is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget)
            {
                isJoin[code.IndexAt(instruction.Target)] = true;
            }
            else if (operand == OperandType.InlineSwitch)
            {
                for (int i = 0; i < instruction.Operand; i++)
                {
                    isJoin[code.IndexAt(code.SwitchTarget(instruction, i))] = true;
                }
            }
        }

        // Nothing falls into a handler, but what stands before one is not what has run before it either.
        foreach (Handler handler in regions.Handlers)
        {
            isJoin[code.IndexAt(handler.Try.Start)] = true;
            isJoin[code.IndexAt(handler.Body.Start)] = true;
            isJoin[code.IndexAt(handler.Filter?.Start ?? handler.Body.Start)] = true;
        }
    }

    private StackValue Pop()
    {
        StackValue value = state.Pop();
        CheckUsable(value);
        return value.Has(ValueFlags.Uninitialised)
            ? throw FlowException.Type("'this' is used before the constructor of the base class has been called") : value;
    }

    private static void CheckUsable(StackValue value)
    {
        if (value.IsDead)
        {
            throw DeadBorrow(value.Flags);
        }
    }

    private static FlowException DeadBorrow(ValueFlags flags) => (flags & ValueFlags.DeadByWait) != 0
        ? new FlowException(
            "RL0107",
            "a borrow is used after a wait or a call out, where other code of the domain may have emptied its cell; borrow again")
        : new FlowException(
            "RL0106", "a borrow is used after what it was borrowed from has been moved, freed or taken; borrow again");

    private void Push(StackKind kind, Type? type = null) => state.Push(new StackValue(kind, type));

    /// <summary>Pushes a value of a type that is no borrow.</summary>
    private void PushType(Type type)
    {
        TypeFacts facts = types.Of(type);
        bool hasType = facts.Kind is StackKind.Object or StackKind.Value;
        state.Push(new StackValue(facts.Kind, hasType ? type : null, ValueFlags.Outlives));
    }

    private bool IsAssignable(StackValue value, Type to)
    {
        TypeFacts facts = types.Of(to);
        return facts.Kind switch
        {
            StackKind.ByRef => value.Kind == StackKind.ByRef && types.IsSame(value.Type, to.GetElementType()),
            StackKind.Object => value.Kind == StackKind.Null
                || (value.Kind == StackKind.Object && types.IsAssignable(value.Type!, to)),
            StackKind.Value => value.Kind == StackKind.Value && types.IsSame(value.Type, to),
            StackKind.Native => value.Kind is StackKind.Native or StackKind.Int32,
            _ => value.Kind == facts.Kind,
        };
    }

    private void CheckAssignable(StackValue value, Type to, string what)
    {
        if (!IsAssignable(value, to))
        {
            throw FlowException.Type($"{what}: {value} where {to.Name} is expected");
        }
    }
}
