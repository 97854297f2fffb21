namespace RedLeafSharp.Verification.Flow;

/// <summary>Cells that a method may empty, or whose borrows it may return. It grows only.</summary>
internal sealed class CellSet
{
    private bool hasElements;

    internal HashSet<int> Fields { get; } = [];

    internal bool IsAny { get; private set; }

    internal bool IsEmpty => !IsAny && !hasElements && Fields.Count == 0;

    internal bool HasElements => hasElements;

    internal void AddAny() => IsAny = true;

    internal void AddElements() => hasElements = true;

    /// <summary>Takes in another set; returns whether this one grew.</summary>
    internal bool Add(CellSet other)
    {
        (bool wasAny, bool hadElements, int count) = (IsAny, hasElements, Fields.Count);
        IsAny |= other.IsAny;
        hasElements |= other.hasElements;
        if (!IsAny)
        {
            Fields.UnionWith(other.Fields);
            IsAny = Fields.Count > FlowLimits.CellsMax;
        }

        return wasAny != IsAny || hadElements != hasElements || (!IsAny && count != Fields.Count);
    }
}
