using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Generators;

/// <summary>A contract with everything that may cross; the generator makes its proxy as it does for the system's own.</summary>
[DomainContract]
internal interface ICrossed
{
    Reply<int, CrossedError> Ping(CallContext context, int number);

    Reply<int, CrossedError> Take(CallContext context, RRef<int> value);

    Reply<int, CrossedError> TakeAll(CallContext context, RRef<int> value, RRefArray<byte> bytes, PageBuffer pages);

    Reply<RRef<int>, CrossedError> Make(CallContext context);

    Reply<PageBuffer, CrossedError> Exchange(CallContext context, PageBuffer pages);

    Reply<Unit, CrossedError> Borrow(CallContext context, Span<byte> bytes, in Guid input, ref int counter, out long sum);
}

internal enum CrossedError
{
    None = 0,
    Refused = 1,
}

/// <summary>A callee that answers each method as a test says, and counts its calls.</summary>
internal sealed class Callee : ICrossed
{
    internal delegate Reply<TValue, CrossedError> Answer<TArgument, TValue>(CallContext context, TArgument argument)
        where TValue : unmanaged;

    internal int CallCount { get; private set; }

    internal Answer<int, int> OnPing { get; init; } = (_, number) => number + 1;

    internal Answer<RRef<int>, int> OnTake { get; init; } = (context, value) => value.Borrow(context);

    internal Answer<int, RRef<int>> OnMake { get; init; } = (context, _) => RRef<int>.Allocate(context);

    public Reply<int, CrossedError> Ping(CallContext context, int number)
    {
        CallCount++;
        return OnPing(context, number);
    }

    public Reply<int, CrossedError> Take(CallContext context, RRef<int> value)
    {
        CallCount++;
        return OnTake(context, value);
    }

    public Reply<int, CrossedError> TakeAll(CallContext context, RRef<int> value, RRefArray<byte> bytes, PageBuffer pages)
    {
        CallCount++;
        return value.Borrow(context) + bytes.Borrow(context).Length + pages.Borrow(context).Length;
    }

    public Reply<RRef<int>, CrossedError> Make(CallContext context)
    {
        CallCount++;
        return OnMake(context, 0);
    }

    public Reply<PageBuffer, CrossedError> Exchange(CallContext context, PageBuffer pages)
    {
        CallCount++;
        return pages;
    }

    public Reply<Unit, CrossedError> Borrow(CallContext context, Span<byte> bytes, in Guid input, ref int counter, out long sum)
    {
        CallCount++;
        input.TryWriteBytes(bytes);
        counter++;
        sum = bytes.Length;
        return default(Unit);
    }
}
