using System.Reflection;
using System.Runtime.CompilerServices;

namespace RedLeafSharp.Verification.Flow;

/// <content>Constants, tokens, and the stack itself.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteConstant()
    {
        switch (current.Code)
        {
            case 0x14:
                Push(StackKind.Null);
                break;
            case >= 0x15 and <= 0x20:
                Push(StackKind.Int32);
                break;
            case 0x21:
                Push(StackKind.Int64);
                break;
            case 0x22 or 0x23:
                Push(StackKind.Float);
                break;
            case 0x25:
                Duplicate();
                break;
            case 0x26:
                state.Pop();
                break;
            case 0x72:
                tokens.CheckString(current.Token);
                Push(StackKind.Object, typeof(string));
                break;
            case 0xD0:
                LoadToken();
                break;
            case 0xFE1C:
                types.Of(tokens.Type(current.Token));
                Push(StackKind.Int32);
                break;
            default:
                throw FlowException.Malformed($"the operation {current.Opcode.Name} is not admitted");
        }
    }

    private void Duplicate()
    {
        StackValue value = Pop();
        if (value.Kind == StackKind.Value)
        {
            CheckNotCopied(value.Type!);
        }

        if (value.Kind == StackKind.Value && types.Of(value.Type!).IsLinear)
        {
            throw FlowException.Copied($"{value.Type!.Name} is duplicated on the stack");
        }

        state.Push(value);
        state.Push(value);
    }

    /// <summary>
    /// Tokens on the stack are the way into reflection; <c>typeof</c> and array initialisers are what compilers need.
    /// </summary>
    private void LoadToken()
    {
        MemberInfo member = tokens.Member(current.Token);
        MethodBase? user = Following() == 0x28 ? tokens.Method(code.Following(current)!.Value.Token) : null;
        switch (member)
        {
            case Type when user is { Name: nameof(System.Type.GetTypeFromHandle) } && user.DeclaringType == typeof(Type):
                Push(StackKind.Value, typeof(RuntimeTypeHandle));
                break;
            case FieldInfo field when field.Attributes.HasFlag(FieldAttributes.HasFieldRVA) && field.Module == method.Module
                && user is { Name: nameof(RuntimeHelpers.InitializeArray) or nameof(RuntimeHelpers.CreateSpan) }
                && user.DeclaringType == typeof(RuntimeHelpers):
                Push(StackKind.Value, typeof(RuntimeFieldHandle));
                break;
            default:
                throw new FlowException("RL0010", "ldtoken is admitted for typeof and for the initial contents of arrays only");
        }
    }
}
