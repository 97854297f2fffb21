using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <content>
/// Addresses of methods exist only between the instruction that loads one and the constructor of a delegate right behind it
/// (ECMA-335 III.4.21).
/// </content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteFunctionLoad()
    {
        MethodBase function = tokens.Method(current.Token);
        CheckCallee(function);
        if (CopiesArrays(function))
        {
            throw FlowException.Cost($"a delegate of {function.Name}, which may put structs into boxes; copy in a loop");
        }

        bool isVirtual = current.Code == 0xFE07;
        bool isDelegate = Following() == 0x73
            && typeof(Delegate).IsAssignableFrom(tokens.Method(code.Following(current)!.Value.Token).DeclaringType);
        if (!isDelegate || function is not MethodInfo)
        {
            throw FlowException.Unsafe($"the address of {function.Name} is loaded for something else than a delegate");
        }

        if (isVirtual)
        {
            bool isDuplicate = code.Previous(current) is { Code: 0x25 } && !isJoin[code.IndexAt(current.Offset)];
            if (!isDuplicate || function.IsStatic)
            {
                throw FlowException.Type("ldvirtftn on another object than the delegate's");
            }

            CheckAssignable(Pop(), function.DeclaringType!, "ldvirtftn");
        }
        else if (function.IsStatic ? function.IsAbstract && constrained is null : function.IsAbstract)
        {
            throw FlowException.Type($"the address of the abstract method {function.Name}");
        }

        if (constrained is not null && (!function.IsStatic || !types.IsAssignable(constrained, function.DeclaringType!)))
        {
            throw FlowException.Type($"{constrained.Name} does not implement {function.DeclaringType!.Name}");
        }

        ValueFlags how = isVirtual ? ValueFlags.Controlled : ValueFlags.None;
        state.Push(new StackValue(StackKind.Function, null, how, 0, 0, function));
    }

    private void ConstructDelegate(Type type)
    {
        StackValue loaded = Pop();
        StackValue receiver = Pop();
        MethodInfo invoke = type.GetMethod("Invoke") ?? throw FlowException.Malformed($"{type.Name} has no Invoke");
        if (loaded.Kind != StackKind.Function || loaded.Function is not MethodInfo function)
        {
            throw FlowException.Type($"a delegate is made from {loaded}");
        }

        image.Access.CheckType(method.DeclaringType!, type, 0);
        CallTarget from = image.TargetOf(invoke);
        CallTarget to = image.TargetOf(function);
        int bound = function.IsStatic && to.Parameters.Length == from.Parameters.Length + 1 ? 1 : 0;
        CheckReceiver(receiver, loaded, to, bound);
        if (to.Parameters.Length - bound != from.Parameters.Length)
        {
            throw FlowException.Type($"{type.Name} over {function.Name}, which takes another number of arguments");
        }

        for (int i = 0; i < from.Parameters.Length; i++)
        {
            ParameterFacts given = from.Parameters[i];
            ParameterFacts taken = to.Parameters[i + bound];
            if (!StandsFor(given.Type, taken.Type) || (given.IsReadOnly && !taken.IsReadOnly))
            {
                throw FlowException.Type($"{type.Name} over {function.Name}: argument {i} is of another type");
            }
        }

        if (!StandsFor(to.ReturnType, from.ReturnType) || (to.IsReturnReadOnly && !from.IsReturnReadOnly))
        {
            throw FlowException.Type($"{type.Name} over {function.Name}, which returns another type");
        }

        Push(StackKind.Object, type);
    }

    private void CheckReceiver(StackValue receiver, StackValue loaded, CallTarget to, int bound)
    {
        MethodBase function = to.Method;
        image.Access.Check(method, function, function.IsStatic ? null : receiver.Type ?? function.DeclaringType);
        if (function.IsStatic)
        {
            bool isFine = bound == 0 ? receiver.Kind == StackKind.Null
                : !to.Parameters[0].Type.IsValueType && types.Of(to.Parameters[0].Type).Kind == StackKind.Object
                    && IsAssignable(receiver, to.Parameters[0].Type);
            if (!isFine)
            {
                throw FlowException.Type($"a delegate over the static method {function.Name} is bound to {receiver}");
            }

            return;
        }

        Type declaring = function.DeclaringType!;
        bool isReceiver = receiver.Kind == StackKind.Object
            && (declaring.IsValueType ? receiver.Type == declaring : types.IsAssignable(receiver.Type!, declaring));
        if (!isReceiver)
        {
            throw FlowException.Type($"a delegate over {declaring.Name}.{function.Name} is bound to {receiver}");
        }

        bool hasOverrides = function.IsVirtual && !function.IsFinal && !declaring.IsSealed;
        if (hasOverrides && !loaded.Has(ValueFlags.Controlled) && !receiver.Has(ValueFlags.This))
        {
            throw FlowException.Type($"a delegate goes past the overrides of {function.Name} on an object that is not 'this'");
        }
    }

    private bool StandsFor(Type given, Type taken) => given == taken || types.IsSame(given, taken)
        || (given != typeof(void) && taken != typeof(void) && types.Of(given).Kind == StackKind.Object
            && types.Of(taken).Kind == StackKind.Object && types.IsAssignable(given, taken));
}
