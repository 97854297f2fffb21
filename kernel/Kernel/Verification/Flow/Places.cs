namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// Places that hold exchange references or borrows, as bits of a mask. Places that do not get a bit of their own share one:
/// what is said of one is then said of all of them.
/// </summary>
internal static class Places
{
    /// <summary>Slots (arguments and locals) of the method have bits 0 to 39; the last one is shared.</summary>
    internal const int SlotBits = 40;

    /// <summary>Fields that hold cells have bits 40 to 58; the last one is shared.</summary>
    internal const int FieldBits = 19;

    internal const ulong None = 0;

    /// <summary>Elements of arrays of cells.</summary>
    internal const ulong Elements = 1UL << 59;

    /// <summary>Cells that are reached through a reference of unknown origin.</summary>
    internal const ulong UnknownCell = 1UL << 60;

    /// <summary>What the caller's references refer to.</summary>
    internal const ulong Caller = 1UL << 61;

    internal const ulong Slots = (1UL << SlotBits) - 1;

    /// <summary>All cells of the heap.</summary>
    internal const ulong Cells = (((1UL << FieldBits) - 1) << SlotBits) | Elements | UnknownCell;

    internal static ulong OfSlot(int ordinal) => 1UL << Math.Min(ordinal, SlotBits - 1);

    internal static ulong OfField(int ordinal) => 1UL << (SlotBits + Math.Min(ordinal, FieldBits - 1));

    internal static bool IsSingle(ulong mask) => mask != 0 && (mask & (mask - 1)) == 0;
}
