using System.Diagnostics.CodeAnalysis;

namespace RedLeafSharp;

/// <summary>
/// A domain used a block of the exchange heap that it does not own, or no longer: a fault of that domain.
/// </summary>
public sealed class OwnershipException : Exception
{
    internal OwnershipException(string message)
        : base(message)
    {
    }

    [DoesNotReturn]
    internal static void ThrowStale() =>
        throw new OwnershipException("stale or foreign reference: the caller does not own this block (moved, freed or never owned)");

    [DoesNotReturn]
    internal static void ThrowLent() =>
        throw new OwnershipException("the block is lent to a device: end the loan before it is moved, freed or lent again");

    [DoesNotReturn]
    internal static void ThrowMapped() =>
        throw new OwnershipException("a device still maps the block: the loan ends when its completion has been delivered");

    [DoesNotReturn]
    internal static void ThrowNotPlain() =>
        throw new OwnershipException("the type holds references, replies or pointers: bytes must not be read as these");

    [DoesNotReturn]
    internal static void ThrowNotLent() =>
        throw new OwnershipException("the block is not lent");
}

/// <summary>The exchange heap, or the part of it that a caller may use, is full.</summary>
public sealed class ExchangeHeapFullException : Exception
{
    internal ExchangeHeapFullException(int lengthBytes)
        : base($"no block of {lengthBytes} bytes is left in the exchange heap")
    {
    }

    [DoesNotReturn]
    internal static void Throw(int lengthBytes) => throw new ExchangeHeapFullException(lengthBytes);
}
