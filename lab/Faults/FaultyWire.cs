using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Machine.Links;

namespace RedLeafSharp.Lab.Faults;

/// <summary>
/// The wire of a trial between two network controllers: frames take their time in virtual microseconds, are put into the trace, and meet
/// the armed faults of the link on their way.
/// </summary>
internal sealed class FaultyWire
{
    /// <summary>A frame takes at least so long: a host's way to another one in the same rack.</summary>
    private const int MicrosMin = 10;

    /// <summary>And up to so much longer: the queue of a switch.</summary>
    private const int MicrosSpread = 40;

    private readonly TrialSimulation simulation;
    private readonly CountedFaults<LinkCounter, LinkFaultKind> faults;
    private readonly End near;
    private readonly End far;
    private ArmedFault? slowing;
    private long bytesPerSecond;
    private long partitionedUntilMicros;

    /// <param name="simulation">Time, chance and trace.</param>
    /// <param name="faults">Those of the trial that are the wire's.</param>
    internal FaultyWire(TrialSimulation simulation, IEnumerable<ArmedFault> faults)
    {
        this.simulation = simulation;
        this.faults = new CountedFaults<LinkCounter, LinkFaultKind>(faults, LinkFaultKind.Find);
        near = new End(this, 0);
        far = new End(this, 1);
        near.Other = far;
        far.Other = near;
    }

    /// <summary>The end at the controller that is shot at.</summary>
    internal LinkPort Near => near;

    internal LinkPort Far => far;

    /// <summary>When something is due at the controller that the wire knows nothing of.</summary>
    internal Func<long> NextElsewhereMicros { get; init; } = () => long.MaxValue;

    internal long CountOf(LinkCounter counter) => faults.CountOf(counter);

    /// <summary>Counts from now on.</summary>
    internal void Begin() => faults.Begin();

    /// <summary>A frame enters the wire.</summary>
    private void Carry(End from, ReadOnlySpan<byte> frame, in FrameState state)
    {
        simulation.Note(TraceEvent.FrameCarried, ((ulong)from.Number << 32) | (uint)frame.Length, Mixing.Chain(0, frame));
        var flight = new Flight(frame.ToArray(), state);
        bool isSegment = TcpFrame.IsSegment(frame);
        faults.Count(LinkCounter.Frames);
        if (isSegment)
        {
            faults.Count(LinkCounter.Segments);
        }

        bool isPartitioned = simulation.NowMicros < partitionedUntilMicros;
        foreach ((ArmedFault fault, LinkFaultKind kind) in faults.All)
        {
            if ((kind.Counter == LinkCounter.Frames || isSegment) && fault.Strikes(() => $"frame {faults.CountOf(LinkCounter.Frames)} of {flight.Bytes.Length} bytes"))
            {
                Strike(fault, kind, flight);
            }
        }

        if (!flight.IsLost && !isPartitioned)
        {
            Launch(from, flight);
        }
    }

    private void Strike(ArmedFault fault, LinkFaultKind kind, Flight flight)
    {
        long argument = kind.Most > 0 ? fault.ArgumentOr(kind.Least, kind.Most) : 0;
        switch (kind.Fault)
        {
            case LinkFault.Loss:
                flight.IsLost = true;
                break;
            case LinkFault.Delay:
                flight.ExtraMicros = argument;
                flight.HoldsOthers = kind.Name == "delay";
                break;
            case LinkFault.Duplication:
                flight.Copies = 2;
                break;
            case LinkFault.Corruption:
                int bit = (int)(argument % (8 * flight.Bytes.Length));
                flight.Bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                break;
            case LinkFault.Reset:
                flight.Bytes = TcpFrame.ToReset(flight.Bytes);
                break;
            case LinkFault.Rate:
                (slowing, bytesPerSecond) = (fault, argument);
                break;
            default:
                flight.IsLost = true;
                partitionedUntilMicros = simulation.NowMicros + argument;
                break;
        }
    }

    /// <summary>Frames stay in their order, but for one that is held back alone.</summary>
    private void Launch(End from, Flight flight)
    {
        long now = simulation.NowMicros;
        if (slowing is { IsDisarmed: false })
        {
            now = Math.Max(now, from.FreeMicros) + (flight.Bytes.Length * 1_000_000L / bytesPerSecond);
            from.FreeMicros = now;
        }

        for (; flight.Copies > 0; flight.Copies--)
        {
            long due = Math.Max(from.LastDueMicros, now + MicrosMin + simulation.Choose(Choice.DeviceDelay, MicrosSpread)) + flight.ExtraMicros;
            from.LastDueMicros = flight.ExtraMicros == 0 || flight.HoldsOthers ? due : from.LastDueMicros;
            from.Flying.Enqueue(flight, (due, from.Launched++));
        }
    }

    /// <summary>A frame on its way.</summary>
    private sealed class Flight(byte[] bytes, FrameState state)
    {
        internal byte[] Bytes { get; set; } = bytes;

        internal FrameState State => state;

        internal bool IsLost { get; set; }

        internal int Copies { get; set; } = 1;

        internal long ExtraMicros { get; set; }

        internal bool HoldsOthers { get; set; }
    }

    /// <summary>One end, with what is on its way from there.</summary>
    private sealed class End(FaultyWire wire, int number) : LinkPort
    {
        private readonly FrameQueue arrived = new(LinkLimits.FramesPerPort);

        internal PriorityQueue<Flight, (long DueMicros, long Number)> Flying { get; } = new();

        internal End? Other { get; set; }

        internal int Number => number;

        internal long Launched { get; set; }

        internal long LastDueMicros { get; set; }

        internal long FreeMicros { get; set; }

        /// <summary>What is due has been taken over by the other end before this answers: a frame that waits there is nobody's date.</summary>
        internal override long NextDueMicros
        {
            get
            {
                Deliver();
                long next = wire.NextElsewhereMicros();
                return Flying.TryPeek(out _, out (long DueMicros, long Number) when) ? Math.Min(next, when.DueMicros) : next;
            }
        }

        internal override void Send(ReadOnlySpan<byte> frame, in FrameState state) => wire.Carry(this, frame, in state);

        internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
        {
            Other!.Deliver();
            return arrived.TryPeek(out frame, out state);
        }

        internal override void Take() => arrived.Take();

        private void Deliver()
        {
            while (Flying.TryPeek(out Flight? first, out (long DueMicros, long Number) when) && when.DueMicros <= wire.simulation.NowMicros)
            {
                _ = Flying.Dequeue();
                if (!Other!.arrived.TryPut(first.Bytes, first.State))
                {
                    Other.OverrunCount++;
                }
            }
        }
    }
}
