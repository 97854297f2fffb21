using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <content>Fields.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteField()
    {
        FieldInfo field = tokens.Field(current.Token);
        bool isStatic = current.Code >= 0x7E;
        if (field.IsStatic != isStatic || field.IsLiteral)
        {
            throw FlowException.Type(
                $"{current.Opcode.Name} on {field.Name}, which is {(field.IsLiteral ? "a constant" : "no such field")}");
        }

        TypeFacts facts = types.Of(field.FieldType);
        types.Of(field.DeclaringType!);
        CheckReferenceField(field);
        switch (current.Code)
        {
            case 0x7B:
                LoadField(field, facts);
                break;
            case 0x7C:
                LoadFieldAddress(field, facts);
                break;
            case 0x7D:
                StoreField(field, facts);
                break;
            case 0x7E:
                image.Access.Check(method, field, null);
                CheckNotLinear(field, facts);
                PushType(field.FieldType);
                break;
            case 0x7F:
                image.Access.Check(method, field, null);
                LoadStaticAddress(field, facts);
                break;
            default:
                image.Access.Check(method, field, null);
                CheckInitOnly(field, default);
                CheckAssignable(Pop(), field.FieldType, $"store to {field.Name}");
                CheckNotStored(field, facts);
                break;
        }
    }

    /// <summary>A ref field that refers to a cell would let a ref struct empty it unnoticed.</summary>
    private void CheckReferenceField(FieldInfo field)
    {
        if (field.FieldType.IsByRef && types.Of(field.FieldType.GetElementType()!).IsLinear)
        {
            throw FlowException.Stored($"the ref field {field.Name} refers to {field.FieldType.GetElementType()!.Name}");
        }
    }

    private static void CheckNotLinear(FieldInfo field, TypeFacts facts)
    {
        if (facts.IsLinear)
        {
            throw FlowException.Copied(
                $"{field.FieldType.Name} is copied out of the field {field.Name}; take from its cell in place");
        }
    }

    private static void CheckNotStored(FieldInfo field, TypeFacts facts)
    {
        if (facts.IsExchangeReference)
        {
            throw FlowException.Stored(
                $"{field.FieldType.Name} in the field {field.Name}; declare it as Cell<{field.FieldType.Name}>");
        }
    }

    /// <summary>Checks what a field is accessed through, after it has been popped.</summary>
    private void CheckFieldOwner(StackValue owner, FieldInfo field)
    {
        Type declaring = field.DeclaringType!;
        bool isFine = owner.Kind switch
        {
            StackKind.Null => !declaring.IsValueType,
            StackKind.Object => !declaring.IsValueType && types.IsAssignable(owner.Type!, declaring),
            StackKind.ByRef => declaring.IsValueType && types.IsSame(owner.Type, declaring),
            StackKind.Value => current.Code == 0x7B && declaring.IsValueType && owner.Type == declaring,
            _ => false,
        };
        if (!isFine)
        {
            throw FlowException.Type($"{current.Opcode.Name} {declaring.Name}.{field.Name} on {owner}");
        }

        image.Access.Check(method, field, owner.Type);
    }

    /// <summary>
    /// Compilers initialise a class's own fields, some from others, before they call the base class's constructor.
    /// </summary>
    private StackValue PopFieldOwner(FieldInfo field)
    {
        StackValue owner = state.Pop();
        CheckUsable(owner);
        return owner.Has(ValueFlags.Uninitialised) && field.DeclaringType != method.DeclaringType
            ? throw FlowException.Type("a field of the base class is used before its constructor has been called") : owner;
    }

    private void LoadField(FieldInfo field, TypeFacts facts)
    {
        StackValue owner = PopFieldOwner(field);
        CheckFieldOwner(owner, field);
        CheckNotLinear(field, facts);
        if (!facts.IsBorrow)
        {
            CheckContentAlive(owner);
            PushType(field.FieldType);
            return;
        }

        SlotState content = owner.Kind == StackKind.ByRef
            ? ContentOf(owner) : new SlotState(Ownership.Owned, owner.Flags, owner.Origins, owner.Targets);
        PushBorrow(field.FieldType, content, IsReadOnlyReference(field));
    }

    private static bool IsReadOnlyReference(FieldInfo field) => field.FieldType.IsByRef
        && (field.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.InteropServices.InAttribute))
            || field.GetCustomAttributesData().Any(one =>
                one.AttributeType.FullName == "System.Runtime.CompilerServices.IsReadOnlyAttribute"));

    private void LoadFieldAddress(FieldInfo field, TypeFacts facts)
    {
        StackValue owner = Pop();
        CheckFieldOwner(owner, field);
        CheckAssigned(owner);
        CheckNotStored(field, facts);
        if (facts.Kind == StackKind.ByRef)
        {
            throw FlowException.Type($"the address of the ref field {field.Name}");
        }

        ValueFlags flags = owner.Kind == StackKind.ByRef
            ? owner.Flags & (ValueFlags.Outlives | ValueFlags.ReadOnly | ValueFlags.Controlled) : ValueFlags.Outlives;
        if (field.IsInitOnly && !MayWriteInitOnly(field, owner))
        {
            flags |= ValueFlags.ReadOnly;
        }

        ulong targets = facts.IsLinear ? owner.Targets | image.PlaceOf(field) : facts.IsBorrow ? owner.Targets : Places.None;
        state.Push(new StackValue(StackKind.ByRef, field.FieldType, flags, owner.Origins, targets));
    }

    private void LoadStaticAddress(FieldInfo field, TypeFacts facts)
    {
        CheckNotStored(field, facts);
        ValueFlags flags = ValueFlags.Outlives;
        if (field.IsInitOnly && !MayWriteInitOnly(field, default))
        {
            flags |= ValueFlags.ReadOnly;
        }

        ulong targets = facts.IsLinear ? image.PlaceOf(field) : Places.None;
        state.Push(new StackValue(StackKind.ByRef, field.FieldType, flags, Places.None, targets));
    }

    private void StoreField(FieldInfo field, TypeFacts facts)
    {
        StackValue value = Pop();
        StackValue owner = PopFieldOwner(field);
        CheckFieldOwner(owner, field);
        CheckNotStored(field, facts);
        CheckAssignable(value, field.FieldType, $"store to {field.Name}");
        CheckInitOnly(field, owner);
        if (owner.Kind != StackKind.ByRef)
        {
            return;
        }

        CheckWritable(owner);
        if (facts.IsLinear)
        {
            StoreLinear(owner, replaces: false);
        }
        else if (facts.IsBorrow)
        {
            CheckKeepsReadOnly(value, field);
            StoreContent(owner, value.Flags, value.Origins | value.Targets, replaces: false);
        }
    }

    private static void CheckKeepsReadOnly(StackValue value, FieldInfo field)
    {
        bool isReadOnly = value.Kind == StackKind.ByRef && value.Has(ValueFlags.ReadOnly | ValueFlags.Controlled);
        if (isReadOnly && !IsReadOnlyReference(field))
        {
            throw FlowException.Access($"a reference for reading only is stored in {field.Name}");
        }
    }

    private void CheckInitOnly(FieldInfo field, StackValue owner)
    {
        if (field.IsInitOnly && !MayWriteInitOnly(field, owner))
        {
            throw FlowException.Access(
                $"the readonly field {field.DeclaringType!.Name}.{field.Name} is written outside of its constructor");
        }
    }

    /// <summary>Constructors and init accessors write the readonly fields of their own object.</summary>
    private bool MayWriteInitOnly(FieldInfo field, StackValue owner)
    {
        if (field.DeclaringType != method.DeclaringType)
        {
            return false;
        }

        if (field.IsStatic)
        {
            return method is ConstructorInfo { IsStatic: true };
        }

        bool isInitialiser = method is ConstructorInfo { IsStatic: false } || CallTarget.IsInitialiser(method);
        return isInitialiser && owner.Has(ValueFlags.This);
    }

    /// <summary>A field of a ref struct is read: what the ref struct borrows must still be there.</summary>
    private void CheckContentAlive(StackValue owner)
    {
        if (owner.Kind == StackKind.ByRef && types.Of(owner.Type!).IsBorrow && (ContentOf(owner).Flags & ValueFlags.Dead) != 0)
        {
            throw DeadBorrow(ContentOf(owner).Flags);
        }
    }
}
