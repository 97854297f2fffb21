using RedLeafSharp.Contracts;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>The contract whose crossings are measured; its proxy is a generated one like all others.</summary>
[DomainContract]
public interface ICrossing
{
    /// <summary>Returns the number plus one.</summary>
    Reply<int, CrossingError> Add(CallContext context, int number);

    /// <summary>Moves a packet to the callee.</summary>
    Reply<Unit, CrossingError> Put(CallContext context, RRef<Packet> packet);

    /// <summary>Moves the packet back.</summary>
    Reply<RRef<Packet>, CrossingError> Take(CallContext context);

    /// <summary>Moves a packet to the callee and back in one call.</summary>
    Reply<RRef<Packet>, CrossingError> Pass(CallContext context, RRef<Packet> packet);
}

/// <summary>Nothing can go wrong.</summary>
public enum CrossingError
{
    /// <summary>Success.</summary>
    None = 0,
}

/// <summary>What moves.</summary>
public struct Packet
{
    /// <summary>Times it has been received.</summary>
    public long ReceiveCount;
}

/// <summary>What the harness calls in the caller's domain: loops of calls, so that only crossings are on the clock.</summary>
public interface ICrossingLoops
{
    /// <summary>Calls <see cref="ICrossing.Add"/>; the result is <paramref name="calls"/> when all have been answered.</summary>
    long Add(CallContext context, int calls);

    /// <summary>Calls <see cref="ICrossing.Put"/> and <see cref="ICrossing.Take"/> in turn, one move each.</summary>
    long PutAndTake(CallContext context, int calls);

    /// <summary>Calls <see cref="ICrossing.Pass"/>, two moves each.</summary>
    long Pass(CallContext context, int calls);
}

/// <summary>How the harness gets into a domain's assembly.</summary>
public interface ICrossingDomain
{
    /// <summary>The callee.</summary>
    ICrossing NewCallee();

    /// <summary>A domain in the middle that calls on.</summary>
    ICrossing NewShadow(ICrossing inner);

    /// <summary>Loops with call sites of their own for each rung, so that one rung's calls do not slow down another's.</summary>
    ICrossingLoops NewLoops(int rung, ICrossing target);
}
