using System.Diagnostics;
using System.Globalization;
using RedLeafSharp.Bench.Harness;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Bench.Network;

/// <summary>
/// One TCP connection between two stacks in one thread, at an MSS of 1,460 less the timestamps, with SACK, timestamps, window scaling and
/// CUBIC: how fast a stream is when the wire costs one copy of each frame. With all work done by the stacks, and with what they leave
/// to devices left to the wire; the two take turns.
/// </summary>
internal static class StreamBench
{
    private const int Slices = 40;

    /// <summary>The host's half is compiled in tiers: a second of work, and pauses in which the better code takes over.</summary>
    private const int WarmUpSlices = 60;
    private const int SlicesPerPause = 10;
    private const int BytesPerSlice = 64 << 20;
    private const int SegmentBytes = 1_448;
    private const ushort Port = 7;

    internal static int Run(string[] arguments)
    {
        using var heap = new ExchangeHeap(256L << 20);
        var scheduler = new PollingScheduler();
        using var thread = new ThreadContext(scheduler, new ExchangeHeapCache(heap), executorId: 0, bottomDomain: 200);
        var context = new CallContext(thread);
        Stream[] streams = [new("the stacks do all", context, takesUnfinished: false), new("cutting, sums left", context, takesUnfinished: true)];
        for (int slice = 0; slice < WarmUpSlices; slice++)
        {
            foreach (Stream stream in streams)
            {
                _ = stream.Measure(context);
            }

            if (slice % SlicesPerPause == SlicesPerPause - 1)
            {
                Thread.Sleep(150);
            }
        }

        for (int slice = 0; slice < Slices; slice++)
        {
            foreach (Stream stream in streams)
            {
                stream.Take(context);
            }
        }

        Console.WriteLine("TCP in process, both ends and the wire in one thread, MTU 1500, SACK, timestamps, window scaling, CUBIC;");
        Console.WriteLine("compiled as host code. A byte is copied by send, by the wire and by receive. 'the stacks do all': it is also summed once");
        Console.WriteLine("by each side. 'cutting, sums left': the wire cuts packets into the same frames, and nobody sums payload.");
        Console.WriteLine($"Gbit/s, {Slices} slices of {BytesPerSlice >> 20} MiB, turn by turn:");
        foreach (Stream stream in streams)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{stream.Name,-20} best {stream.Rates.Max(),5:F1}, median {stream.Rates.Order().ElementAt(Slices / 2),5:F1}; "
                + $"{(double)stream.AllocatedBytes / Slices / (BytesPerSlice / SegmentBytes):F3} bytes allocated a segment"));
        }

        return 0;
    }

    private sealed class Stream
    {
        private readonly NetworkStack sender;
        private readonly NetworkStack receiver;
        private readonly TcpConnection from;
        private readonly TcpConnection to;
        private readonly byte[] data = new byte[64 << 10];
        private readonly byte[] buffer = new byte[64 << 10];

        internal Stream(string name, CallContext context, bool takesUnfinished)
        {
            Name = name;
            (sender, receiver) = PassWire.Connect(context, takesUnfinished);
            from = Open(context, out to);
            Random.Shared.NextBytes(data);
        }

        internal string Name { get; }

        internal List<double> Rates { get; } = [];

        internal long AllocatedBytes { get; private set; }

        internal void Take(CallContext context)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            double rate = Measure(context);
            AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
            Rates.Add(rate);
        }

        /// <summary>Gbit/s of one slice.</summary>
        internal double Measure(CallContext context)
        {
            long start = Stopwatch.GetTimestamp();
            for (long received = 0; received < BytesPerSlice;)
            {
                _ = from.Send(context, data, out _);
                _ = sender.Poll(context);
                _ = receiver.Poll(context);
                for (int count = 1; count > 0; received += count)
                {
                    count = to.Receive(context, buffer, isPeek: false, out _);
                }

                receiver.Flush(context);
            }

            return BytesPerSlice * 8.0 / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }

        private TcpConnection Open(CallContext context, out TcpConnection accepted)
        {
            if (receiver.Tcp.Listen(IpAddress.AnyV4, Port, 1, out TcpListener listener) != SocketError.None
                || sender.Tcp.Connect(context, default, 0, PassWire.Second, Port, TcpOptionsOfSocket.Default, out TcpConnection? connection)
                    != SocketError.None)
            {
                throw new InvalidOperationException("no connection");
            }

            TcpConnection? other;
            while (!listener.TryAccept(out other))
            {
                _ = sender.Poll(context);
                _ = receiver.Poll(context);
            }

            accepted = other!;
            return connection!;
        }
    }
}
