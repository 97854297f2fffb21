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
/// CUBIC: how fast a stream is when the wire costs one copy of each frame.
/// </summary>
internal static class StreamBench
{
    private const int Slices = 12;
    private const int WarmUpSlices = 12;
    private const int BytesPerSlice = 64 << 20;
    private const ushort Port = 7;

    internal static int Run(string[] arguments)
    {
        using var heap = new ExchangeHeap(128L << 20);
        var scheduler = new PollingScheduler();
        using var thread = new ThreadContext(scheduler, new ExchangeHeapCache(heap), executorId: 0, bottomDomain: 200);
        var context = new CallContext(thread);
        (NetworkStack sender, NetworkStack receiver) = PassWire.Connect(context);
        TcpConnection from = Open(context, sender, receiver, out TcpConnection to);
        byte[] data = new byte[64 << 10];
        byte[] buffer = new byte[64 << 10];
        Random.Shared.NextBytes(data);
        for (int slice = 0; slice < WarmUpSlices; slice++)
        {
            _ = Measure(context, sender, receiver, from, to, data, buffer);
        }

        var rates = new List<double>();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int slice = 0; slice < Slices; slice++)
        {
            rates.Add(Measure(context, sender, receiver, from, to, data, buffer));
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Console.WriteLine("TCP in process, both ends and the wire in one thread, MTU 1500, SACK, timestamps, window scaling, CUBIC");
        Console.WriteLine("A byte is copied by send, by the wire and by receive, and summed once by each side; compiled as host code.");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Gbit/s: best {rates.Max():F1}, median {rates.Order().ElementAt(Slices / 2):F1} of {Slices} slices of {BytesPerSlice >> 20} MiB; "
            + $"{(double)allocated / Slices / (BytesPerSlice / 1448):F3} bytes allocated a segment"));
        return 0;
    }

    private static TcpConnection Open(CallContext context, NetworkStack sender, NetworkStack receiver, out TcpConnection accepted)
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

    /// <summary>Gbit/s of one slice.</summary>
    private static double Measure(
        CallContext context, NetworkStack sender, NetworkStack receiver, TcpConnection from, TcpConnection to, byte[] data, byte[] buffer)
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

        return BytesPerSlice * 8 / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }
}
