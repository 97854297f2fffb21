namespace RedLeafSharp.Verification.Flow;

/// <summary>What a slot for an exchange reference, or for a struct that holds one, holds at a point of the code.</summary>
internal enum Ownership : byte
{
    /// <summary>Nothing: never assigned, freed or put away.</summary>
    Empty,

    /// <summary>Perhaps a reference.</summary>
    Owned,

    /// <summary>What it held belongs to somebody else. Of a local reference: it has not been assigned, and refers to nothing.</summary>
    Moved,

    /// <summary>Moved on some of the paths that lead here.</summary>
    Maybe,
}

/// <summary>State of a slot that is tracked.</summary>
/// <param name="Ownership">Of slots for exchange references, and for references: whether they are assigned.</param>
/// <param name="Flags">Of the borrow in slots for references and ref structs.</param>
/// <param name="Origins">As <see cref="StackValue.Origins"/>.</param>
/// <param name="Targets">As <see cref="StackValue.Targets"/>.</param>
internal readonly record struct SlotState(Ownership Ownership, ValueFlags Flags, ulong Origins, ulong Targets)
{
    internal static SlotState Initial(Ownership ownership) => new(ownership, ValueFlags.Outlives, 0, 0);

    internal static SlotState Join(SlotState one, SlotState other) => new(
        Join(one.Ownership, other.Ownership),
        FrameState.JoinFlags(one.Flags, other.Flags),
        one.Origins | other.Origins,
        one.Targets | other.Targets);

    internal SlotState Killed(ulong places, ValueFlags reason) =>
        (Origins & places) != 0 ? this with { Flags = Flags | reason } : this;

    private static Ownership Join(Ownership one, Ownership other)
    {
        if (one == other)
        {
            return one;
        }

        return one <= Ownership.Owned && other <= Ownership.Owned ? Ownership.Owned : Ownership.Maybe;
    }
}
