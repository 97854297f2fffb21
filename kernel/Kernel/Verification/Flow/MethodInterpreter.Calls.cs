using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <content>Calls.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteCall()
    {
        MethodBase callee = tokens.Method(current.Token);
        CheckCallee(callee);
        CallTarget target = image.TargetOf(callee);
        if (current.Code == 0x73)
        {
            Construct(callee, target);
            return;
        }

        if (callee is ConstructorInfo && IsSpanOverData(callee.DeclaringType!, target))
        {
            // In place of a local: what the slot was known to hold before stays on record, which only restricts its use.
            state.Pop();
            PopConstructed(callee, callee.DeclaringType!);
            return;
        }

        StackValue[] arguments = PopArguments(target);
        StackValue? self = callee.IsStatic ? null : PopThis(callee, target);
        if (callee.IsStatic)
        {
            CheckStaticCall(callee);
        }

        CheckCopy(callee, self, arguments);
        image.Access.Check(method, callee, self?.Type);
        bool isVirtualCall = (current.Code == 0x6F && callee.IsVirtual) || (constrained is not null && callee.IsVirtual);
        Complete(target, arguments, self, isVirtualCall);
    }

    private void CheckCallee(MethodBase callee)
    {
        if ((callee.CallingConvention & CallingConventions.VarArgs) == CallingConventions.VarArgs)
        {
            throw FlowException.Unsafe($"{callee.Name} takes variable arguments");
        }

        types.Of(callee.DeclaringType!);
        if (callee.DeclaringType!.IsSZArray)
        {
            // Get, Set and Address, which every array has (ECMA-335 II.14.2): Get copies whatever it is, cells too.
            throw FlowException.Type($"{callee.Name} of an array that instructions index");
        }

        if (callee is MethodInfo { IsGenericMethod: true } generic)
        {
            Type[] parameters = generic.GetGenericMethodDefinition().GetGenericArguments();
            types.CheckArguments(parameters, generic.GetGenericArguments(), isReply: false, 0);
            if (callee.IsGenericMethodDefinition && callee != method)
            {
                throw FlowException.Malformed($"{callee.Name} is called without its type arguments");
            }
        }

        if (callee.Name == nameof(MemberwiseClone) && callee.DeclaringType == typeof(object))
        {
            throw FlowException.Copied("MemberwiseClone copies what the object holds, cells too");
        }
    }

    private void CheckStaticCall(MethodBase callee)
    {
        if (current.Code == 0x6F)
        {
            throw FlowException.Type($"callvirt on the static method {callee.Name}");
        }

        if (callee is ConstructorInfo)
        {
            throw FlowException.Type("a static constructor is called");
        }

        if ((callee.IsAbstract || callee.IsVirtual) && constrained is null)
        {
            throw FlowException.Type($"the abstract static method {callee.Name} is called without a type that implements it");
        }

        if (constrained is not null && !types.IsAssignable(constrained, callee.DeclaringType!))
        {
            throw FlowException.Type($"{constrained.Name} does not implement {callee.DeclaringType!.Name}");
        }
    }

    /// <summary>
    /// A copy of structs into an array of objects boxes each of them, whatever OpenValues says of the struct. Type parameters are
    /// looked at where they are given.
    /// </summary>
    private static void CheckCopy(MethodBase callee, StackValue? self, StackValue[] arguments)
    {
        if (!CopiesArrays(callee))
        {
            return;
        }

        bool isCopyTo = callee.Name == nameof(Array.CopyTo);
        Type? source = isCopyTo ? self?.Type : arguments[0].Type;
        Type? target = arguments[isCopyTo ? 0 : arguments.Length == 3 ? 1 : 2].Type;
        Type? element = source is { IsArray: true } ? source.GetElementType() : null;
        bool mayBox = source is not null && (element is null
            || (element is { IsValueType: true, IsGenericParameter: false, IsPrimitive: false, IsEnum: false } && target != source));
        if (mayBox)
        {
            throw FlowException.Cost($"{callee.Name} may put structs into boxes; copy between arrays of one type, or in a loop");
        }
    }

    private static bool CopiesArrays(MethodBase callee) =>
        (callee.DeclaringType == typeof(Array) && callee.Name is nameof(Array.Copy) or nameof(Array.CopyTo))
        || (callee.DeclaringType == typeof(System.Collections.ICollection) && callee.Name == nameof(Array.CopyTo));

    private StackValue[] PopArguments(CallTarget target)
    {
        var arguments = new StackValue[target.Parameters.Length];
        for (int i = arguments.Length - 1; i >= 0; i--)
        {
            ParameterFacts parameter = target.Parameters[i];
            arguments[i] = Pop();
            CheckAssignable(arguments[i], parameter.Type, $"argument {i} of {target.Method.Name}");
            if (parameter.Type.IsByRef && !parameter.IsReadOnly)
            {
                CheckWritable(arguments[i]);
            }
        }

        return arguments;
    }

    private StackValue PopThis(MethodBase callee, CallTarget target)
    {
        Type declaring = callee.DeclaringType!;
        if (callee is ConstructorInfo)
        {
            return PopConstructed(callee, declaring);
        }

        StackValue self = Pop();
        if (constrained is not null)
        {
            CheckConstrained(self, callee);
            return self;
        }

        if (declaring.IsValueType)
        {
            if (current.Code == 0x6F || self.Kind != StackKind.ByRef || !types.IsSame(self.Type, declaring))
            {
                throw FlowException.Type($"{declaring.Name}.{callee.Name} on {self}");
            }

            if (self.Has(ValueFlags.ReadOnly) && !target.IsThisReadOnly)
            {
                throw FlowException.Access($"{declaring.Name}.{callee.Name} may write to what is for reading only");
            }

            return self;
        }

        CheckAssignable(self, declaring, $"'this' of {callee.Name}");
        if (current.Code == 0x28 && callee.IsVirtual && !callee.IsFinal && !declaring.IsSealed && !self.Has(ValueFlags.This))
        {
            throw FlowException.Type(
                $"{declaring.Name}.{callee.Name} is called past its overrides on an object that is not 'this'");
        }

        return callee.IsAbstract && current.Code == 0x28
            ? throw FlowException.Type($"the abstract method {callee.Name} is called directly") : self;
    }

    /// <summary>ECMA-335 III.2.1: <c>this</c> is a reference to a value of the type that the prefix names.</summary>
    private void CheckConstrained(StackValue self, MethodBase callee)
    {
        Type type = constrained!;
        TypeFacts facts = types.Of(type);
        if (current.Code != 0x6F || self.Kind != StackKind.ByRef || !types.IsSame(self.Type, type))
        {
            throw FlowException.Type($"constrained call of {callee.Name} on {self}");
        }

        bool implements = types.IsAssignable(type, callee.DeclaringType!)
            || (!type.IsGenericParameter && facts.IsBorrow && callee.DeclaringType!.IsAssignableFrom(type));
        if (!implements)
        {
            throw FlowException.Type($"{type.Name} has no method {callee.DeclaringType!.Name}.{callee.Name}");
        }

        if (facts.IsLinear && !callee.DeclaringType!.IsInterface)
        {
            throw FlowException.Copied($"{callee.Name} may put {type.Name} into a box");
        }

        if (self.Has(ValueFlags.ReadOnly) && (type.IsValueType || type.IsGenericParameter) && !IsHarmless(callee))
        {
            throw FlowException.Access($"{type.Name}.{callee.Name} may write to what is for reading only");
        }
    }

    /// <summary>Whether an implementation that writes to its <c>this</c> would at most change a copy.</summary>
    private bool IsHarmless(MethodBase callee) =>
        constrained is { IsGenericParameter: false } type && ImageContext.IsReadOnlyStruct(type) && callee.IsVirtual;

    /// <summary>A constructor is called on <c>this</c> by another one, or on the address of a struct.</summary>
    private StackValue PopConstructed(MethodBase callee, Type declaring)
    {
        StackValue self = state.Pop();
        CheckUsable(self);
        if (current.Code == 0x6F)
        {
            throw FlowException.Type("callvirt on a constructor");
        }

        if (declaring.IsValueType)
        {
            if (self.Kind != StackKind.ByRef || !types.IsSame(self.Type, declaring))
            {
                throw FlowException.Type($"the constructor of {declaring.Name} on {self}");
            }

            CheckWritable(self);
            return self;
        }

        bool isOwn = declaring == method.DeclaringType || declaring == method.DeclaringType!.BaseType;
        if (!frame.IsObjectConstructor || !isOwn || !self.Has(ValueFlags.Uninitialised))
        {
            throw FlowException.Type($"the constructor of {declaring.Name} is called on an object that exists already");
        }

        state.IsThisInitialised = true;
        slotsChanged = true;
        foreach (ref StackValue value in state.Stack)
        {
            value = value with { Flags = value.Flags & ~ValueFlags.Uninitialised };
        }

        return self;
    }

    private void Construct(MethodBase callee, CallTarget target)
    {
        Type type = callee.DeclaringType!;
        if (callee is not ConstructorInfo || callee.IsStatic || type.IsAbstract)
        {
            throw FlowException.Type($"newobj of {type.Name}.{callee.Name}");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            ConstructDelegate(type);
            return;
        }

        if (IsSpanOverData(type, target))
        {
            return;
        }

        StackValue[] arguments = PopArguments(target);
        image.Access.Check(method, callee, type);
        Complete(target, arguments, null, isVirtualCall: false);
    }

    /// <summary>
    /// What compilers make of <c>ReadOnlySpan&lt;byte&gt; x = [1, 2, 3]</c>: a span over data in the image, constructed
    /// from an address. Admitted for exactly this sequence, if the data is as long as the span.
    /// </summary>
    private bool IsSpanOverData(Type type, CallTarget target)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(ReadOnlySpan<>) || target.Parameters.Length != 2
            || !target.Parameters[0].Type.IsPointer)
        {
            return false;
        }

        Instruction? length = code.Previous(current);
        Instruction? load = length is null ? null : code.Previous(length.Value);
        bool isSequence = load is { Code: 0x7F } && InlineNumber(length!.Value) is not null
            && !isJoin[code.IndexAt(current.Offset)] && !isJoin[code.IndexAt(length.Value.Offset)];
        if (!isSequence)
        {
            throw FlowException.Unsafe("a span is made from an address");
        }

        FieldInfo field = tokens.Field(load!.Value.Token);
        long bytes = (long)InlineNumber(length!.Value)!.Value * ImageContext.SizeOfNumber(type.GetGenericArguments()[0]);
        if (!field.Attributes.HasFlag(FieldAttributes.HasFieldRVA) || field.Module != method.Module || bytes < 0
            || bytes > ImageContext.SizeOfData(field.FieldType))
        {
            throw FlowException.Unsafe($"a span of {bytes} bytes over the field {field.Name}");
        }

        state.Pop();
        state.Pop();
        state.Push(new StackValue(StackKind.Value, type, ValueFlags.Outlives));
        return true;
    }

    private static int? InlineNumber(Instruction instruction) => instruction.Code switch
    {
        >= 0x15 and <= 0x1E => instruction.Code - 0x16,
        0x1F or 0x20 => (int)instruction.Operand,
        _ => null,
    };
}
