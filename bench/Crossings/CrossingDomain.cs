using RedLeafSharp.Bench.Crossings;

// This file is compiled twice: here, to be checked like all code, and by BenchDomain into a domain's assembly.
namespace RedLeafSharp.Bench.CrossingDomain;

internal sealed class Entry : ICrossingDomain
{
    public ICrossing NewCallee() => new Callee();

    public ICrossing NewShadow(ICrossing inner) => new Shadow(inner);

    public ICrossingLoops NewLoops(int rung, ICrossing target) => rung switch
    {
        0 => new Loops<Direct>(target),
        1 => new Loops<Crossing>(target),
        _ => new Loops<Shadowed>(target),
    };
}

internal sealed class Callee : ICrossing
{
    private Cell<RRef<Packet>> slot;

    public Reply<int, CrossingError> Add(CallContext context, int number) => number + 1;

    public Reply<Unit, CrossingError> Put(CallContext context, RRef<Packet> packet)
    {
        packet.BorrowMutable(context).ReceiveCount++;
        slot.Put(ref packet);
        return default(Unit);
    }

    public Reply<RRef<Packet>, CrossingError> Take(CallContext context) => slot.Take();

    public Reply<RRef<Packet>, CrossingError> Pass(CallContext context, RRef<Packet> packet)
    {
        packet.BorrowMutable(context).ReceiveCount++;
        return packet;
    }
}

internal sealed class Shadow(ICrossing inner) : ICrossing
{
    public Reply<int, CrossingError> Add(CallContext context, int number) => inner.Add(context, number);

    public Reply<Unit, CrossingError> Put(CallContext context, RRef<Packet> packet) => inner.Put(context, packet);

    public Reply<RRef<Packet>, CrossingError> Take(CallContext context) => inner.Take(context);

    public Reply<RRef<Packet>, CrossingError> Pass(CallContext context, RRef<Packet> packet) => inner.Pass(context, packet);
}

internal sealed class Loops<TRung>(ICrossing target) : ICrossingLoops
    where TRung : struct
{
    public long Add(CallContext context, int calls)
    {
        ICrossing callee = target;
        int number = 0;
        for (int call = 0; call < calls; call++)
        {
            number = callee.Add(context, number).Value;
        }

        return number;
    }

    public long PutAndTake(CallContext context, int calls)
    {
        ICrossing callee = target;
        RRef<Packet> packet = RRef<Packet>.Allocate(context);
        for (int call = 0; call < calls; call += 2)
        {
            _ = callee.Put(context, packet);
            packet = callee.Take(context).Value;
        }

        long received = packet.Borrow(context).ReceiveCount * 2;
        RRef<Packet>.Free(context, ref packet);
        return received;
    }

    public long Pass(CallContext context, int calls)
    {
        ICrossing callee = target;
        RRef<Packet> packet = RRef<Packet>.Allocate(context);
        for (int call = 0; call < calls; call++)
        {
            packet = callee.Pass(context, packet).Value;
        }

        long received = packet.Borrow(context).ReceiveCount;
        RRef<Packet>.Free(context, ref packet);
        return received;
    }
}

internal struct Direct;

internal struct Crossing;

internal struct Shadowed;
