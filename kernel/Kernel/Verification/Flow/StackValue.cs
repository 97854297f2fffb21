using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>What the evaluation stack tells apart (ECMA-335 III.1.1 and III.1.8.1.2).</summary>
internal enum StackKind : byte
{
    Int32,
    Int64,
    Native,
    Float,
    Null,
    Object,
    ByRef,
    Value,
    Function,
}

/// <summary>What is known of a value besides its type.</summary>
[Flags]
internal enum ValueFlags : byte
{
    None = 0,

    /// <summary>A borrow of memory that outlives this frame; it may be returned.</summary>
    Outlives = 1,

    /// <summary>A reference through which nothing may be written.</summary>
    ReadOnly = 2,

    /// <summary>ECMA-335 III.1.8.1.2.2: nothing is stored through it, but methods may be called.</summary>
    Controlled = 4,

    /// <summary>The method's own <c>this</c>.</summary>
    This = 8,

    /// <summary><c>this</c> of a constructor that has not called its base yet.</summary>
    Uninitialised = 16,

    /// <summary>What it was borrowed from has been moved, freed or taken.</summary>
    Dead = 32,

    /// <summary>Dead because other code of the domain could run during a wait or a call to another domain.</summary>
    DeadByWait = 64,

    /// <summary>The address of a whole slot, not of a field in it.</summary>
    WholeSlot = 128,
}

/// <summary>A value on the evaluation stack.</summary>
/// <param name="Kind">What the stack tells apart.</param>
/// <param name="Type">Of the object or value; of what a reference refers to; null for numbers.</param>
/// <param name="Flags">What else is known.</param>
/// <param name="Origins">The places (<see cref="Places"/>) whose emptying ends this borrow.</param>
/// <param name="Targets">The places that a reference may refer to.</param>
/// <param name="Function">The method whose address this is.</param>
/// <param name="OutArgument">The argument that this reference is, counted from 1, if the method has to assign it.</param>
internal readonly record struct StackValue(
    StackKind Kind,
    Type? Type = null,
    ValueFlags Flags = ValueFlags.None,
    ulong Origins = 0,
    ulong Targets = 0,
    MethodBase? Function = null,
    int OutArgument = 0)
{
    internal bool Has(ValueFlags flags) => (Flags & flags) != 0;

    internal bool IsDead => Has(ValueFlags.Dead);

    public override string ToString() => Kind switch
    {
        StackKind.ByRef => $"reference to {Type?.Name}",
        StackKind.Object or StackKind.Value => Type?.Name ?? "object",
        _ => Kind.ToString(),
    };
}
