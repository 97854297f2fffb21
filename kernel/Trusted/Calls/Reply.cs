using System.Runtime.CompilerServices;

namespace RedLeafSharp;

/// <summary>
/// The result of a call through a contract: a value, an error of the contract, or a fault of the callee. Returned in
/// registers when the value takes at most eight bytes.
/// </summary>
/// <typeparam name="TValue">The value; an unmanaged type or an exchange reference.</typeparam>
/// <typeparam name="TError">The contract's errors; 0 is reserved for success, all errors are positive.</typeparam>
public readonly struct Reply<TValue, TError>
    where TValue : unmanaged
    where TError : unmanaged, Enum
{
    private readonly TValue value;
    private readonly int code;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Reply(TValue value, int code)
    {
        this.value = value;
        this.code = code;
    }

    /// <summary>Whether the callee did what was asked.</summary>
    public bool IsOk => code == 0;

    /// <summary>Whether the callee did not answer, see <see cref="Fault"/>.</summary>
    public bool IsFault => code < 0;

    /// <summary>The value; the default value unless <see cref="IsOk"/>.</summary>
    public TValue Value => value;

    /// <summary>The contract's error; its zero value unless the callee answered with one.</summary>
    public TError Error
    {
        get
        {
            int error = Math.Max(code, 0);
            return Unsafe.As<int, TError>(ref error);
        }
    }

    /// <summary>Why the callee did not answer; <see cref="Fault.None"/> when it did.</summary>
    public Fault Fault => (Fault)Math.Min(code, 0);

    /// <summary>Success.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reply<TValue, TError> Ok(TValue value) => new(value, 0);

    /// <summary>The callee answers with an error of the contract.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The error is not positive: it would pass for success or a fault.</exception>
    public static Reply<TValue, TError> Fail(TError error)
    {
        int code = Unsafe.SizeOf<TError>() == sizeof(int) ? Unsafe.As<TError, int>(ref error) : throw NotAnInt();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(code, nameof(error));
        return new(default, code);
    }

    /// <summary>Success with this value; lets an implementation write <c>return value;</c>.</summary>
    public static implicit operator Reply<TValue, TError>(TValue value) => Ok(value);

    /// <summary>An error of the contract; lets an implementation write <c>return Errno.NoEntry;</c>.</summary>
    public static implicit operator Reply<TValue, TError>(TError error) => Fail(error);

    /// <summary>
    /// What it is, with the value if that is a number or an enumeration. The text of any other value is made by code of its own, which
    /// nobody expects to run here.
    /// </summary>
    public override string ToString() => (IsOk, IsFault) switch
    {
        (true, _) => typeof(TValue).IsPrimitive || typeof(TValue).IsEnum ? $"Ok({value})" : "Ok",
        (_, true) => $"Fault({Fault})",
        _ => $"Error({Error})",
    };

    internal static Reply<TValue, TError> FromFault(Fault fault) => new(default, (int)fault);

    private static NotSupportedException NotAnInt() => new($"{typeof(TError).Name} must have int as its underlying type");
}
