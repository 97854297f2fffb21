using System.Diagnostics.CodeAnalysis;

namespace RedLeafSharp;

/// <summary>
/// The one way to keep an exchange reference in a field or an array. A cell holds at most one reference; taking it
/// empties the cell, so a reference is never in two places.
/// </summary>
/// <typeparam name="TReference"><see cref="RRef{T}"/>, <see cref="RRefArray{T}"/> or <see cref="PageBuffer"/>.</typeparam>
public struct Cell<TReference>
    where TReference : struct, IExchangeReference
{
    private TReference content;

    /// <summary>Whether the cell holds no reference.</summary>
    public readonly bool IsEmpty => content.IsNull;

    /// <summary>The reference in place, for borrowing: <c>cell.Content.Borrow(context)</c>. The cell keeps it.</summary>
    [UnscopedRef]
    public readonly ref readonly TReference Content => ref content;

    /// <summary>Takes the reference out; the cell is empty afterwards. The caller owns the result.</summary>
    public TReference Take()
    {
        TReference taken = content;
        content = default;
        return taken;
    }

    /// <summary>Puts a reference in; <paramref name="reference"/> is empty afterwards.</summary>
    /// <exception cref="InvalidOperationException">The cell is not empty: the reference in it would leak.</exception>
    public void Put(ref TReference reference)
    {
        if (!content.IsNull)
        {
            throw new InvalidOperationException("the cell already holds a reference");
        }

        content = reference;
        reference = default;
    }
}
