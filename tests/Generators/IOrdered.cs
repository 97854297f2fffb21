using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Generators;

/// <summary>A contract with an order of calls.</summary>
[DomainContract]
[States("closed", "open", "broken")]
internal interface IOrdered
{
    [LeadsTo("open")]
    Reply<Unit, CrossedError> Open(CallContext context, bool succeeds);

    [LegalIn("open")]
    Reply<int, CrossedError> Take(CallContext context, RRef<int> value);

    [LegalIn("closed", "open")]
    [LeadsTo("broken")]
    Reply<Unit, CrossedError> Break(CallContext context);

    [LegalIn("closed", "open", "broken")]
    Reply<int, CrossedError> Look(CallContext context, KernelEvent change);
}

/// <summary>Counts the calls that reach it.</summary>
internal sealed class Ordered : IOrdered
{
    internal int CallCount { get; private set; }

    public Reply<Unit, CrossedError> Open(CallContext context, bool succeeds)
    {
        CallCount++;
        return succeeds ? default(Unit) : CrossedError.Refused;
    }

    public Reply<int, CrossedError> Take(CallContext context, RRef<int> value)
    {
        CallCount++;
        return value.Borrow(context);
    }

    public Reply<Unit, CrossedError> Break(CallContext context)
    {
        CallCount++;
        return default(Unit);
    }

    public Reply<int, CrossedError> Look(CallContext context, KernelEvent change) => ++CallCount;
}
