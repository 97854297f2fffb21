using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.ExchangeHeaps;

/// <summary>Moves a reference as a proxy does, without a callee behind it.</summary>
internal static class Mover
{
    internal static bool TryMove(TestThread from, PageBuffer reference, uint to)
    {
        var gate = new DomainGate(to, "receiver", homeExecutorId: 0, isReentrant: true);
        CrossingFrame frame = Crossing.Enter(from.Context, gate, gate.Id);
        bool isMoved = Crossing.TryMoveIn(frame, gate, reference);
        _ = Crossing.Leave(from.Context, gate, frame);
        return isMoved;
    }

    internal static bool TryMove<T>(TestThread from, RRef<T> reference, uint to)
        where T : unmanaged
    {
        var gate = new DomainGate(to, "receiver", homeExecutorId: 0, isReentrant: true);
        CrossingFrame frame = Crossing.Enter(from.Context, gate, gate.Id);
        bool isMoved = Crossing.TryMoveIn(frame, gate, reference);
        _ = Crossing.Leave(from.Context, gate, frame);
        return isMoved;
    }
}
