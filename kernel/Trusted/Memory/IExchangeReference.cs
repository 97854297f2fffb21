namespace RedLeafSharp;

/// <summary>
/// A reference to a block of the exchange heap: <see cref="RRef{T}"/>, <see cref="RRefArray{T}"/> or
/// <see cref="PageBuffer"/>. Passed by value through a contract it is <em>moved</em>: the caller loses it.
/// </summary>
public interface IExchangeReference
{
    /// <summary>Whether this is the empty reference, which refers to no block.</summary>
    bool IsNull { get; }
}
