using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// Linux loads a file again and again, has a stream of blocks echoed, holds a conversation of short lines, and over TAP lets iperf3 measure in
/// both directions, while the network driver dies at points of its code. The echoed stream and the conversation are one connection each
/// from the first death to the last. A reset, an end that comes too early or a wrong byte is thrown.
/// </summary>
internal sealed class NetworkDeaths : IDisposable
{
    private const int BlockBytes = 48 << 10;
    private const int LineBytes = 16;
    private const int HitsMax = 4_000;
    private const int LogLinesShown = 30;

    /// <summary>Only a hang takes so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly NetworkSystem system;
    private readonly HostNetwork? host;
    private readonly Random random;
    private NetworkFigures figures = new();
    private volatile bool isOver;

    /// <param name="seed">Where the driver dies.</param>
    /// <param name="host">Linux behind a TAP interface; null for the user link.</param>
    internal NetworkDeaths(int seed, HostNetwork? host = null)
    {
        random = new Random(seed);
        this.host = host;
        system = new NetworkSystem(host);
        if (host is not null)
        {
            system.Serve("iperf3", "iperf3 -s", NetworkSystem.IperfPort, []);
        }
    }

    internal int Deaths => system.System.System.Restarts.Count;

    /// <summary>Works until the driver has died so often, and until each client has got something done after that.</summary>
    /// <param name="deaths">How often; 0 to work for one pause.</param>
    /// <param name="pause">Time between two deaths; zero for none.</param>
    /// <param name="isReload">The driver is not crashed, but replaced by the binary in its folder.</param>
    internal NetworkFigures Run(int deaths, TimeSpan pause, bool isReload = false)
    {
        isOver = false;
        figures = new NetworkFigures();
        var clock = Stopwatch.StartNew();
        List<Task> clients = [Start(Download), Start(EchoBlocks), Start(EchoLines)];
        if (host is not null)
        {
            clients.Add(Start(Measure));
        }

        try
        {
            if (deaths == 0)
            {
                LetWork(clients, pause);
            }

            for (int death = 0; death < deaths && !HasFailed(clients); death++)
            {
                if (isReload)
                {
                    Reload(clients);
                }
                else
                {
                    Kill(clients);
                }

                LetWork(clients, pause);
            }

            NetworkFigures mark = figures.Copy();
            Await(() => figures.IsBeyond(mark) || HasFailed(clients), "each client to go on");
            isOver = true;
            Await(() => clients.TrueForAll(client => client.IsCompleted), "the clients to end");
            Task.WaitAll([.. clients]);
        }
        catch (Exception exception)
        {
            figures.Seconds = clock.Elapsed.TotalSeconds;

            // What the system says of it is gone with the system.
            throw new InvalidOperationException(
                $"{exception.Message}; {Deaths} deaths, {figures}\n{string.Join('\n', system.System.Log.TakeLast(LogLinesShown))}", exception);
        }
        finally
        {
            isOver = true;
            figures.Seconds = clock.Elapsed.TotalSeconds;
        }

        return figures;
    }

    public void Dispose() => system.Dispose();

    private static Task Start(Action client) =>
        Task.Factory.StartNew(client, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The time between two deaths, unless a client fails meanwhile.</summary>
    private static void LetWork(List<Task> clients, TimeSpan pause) => _ = Task.WaitAny([.. clients], pause);

    private static bool HasFailed(List<Task> clients) => clients.Exists(client => client.IsFaulted);

    private static void Await(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Patience))
        {
            throw new InvalidOperationException($"waited in vain for {what}");
        }
    }

    private void Kill(List<Task> clients)
    {
        int before = Deaths;
        system.Crashes.ArmAfter(random.Next(HitsMax));
        Await(() => Deaths > before || HasFailed(clients), "the driver to die");
    }

    private void Reload(List<Task> clients)
    {
        long before = Volatile.Read(ref figures.Lines);
        system.System.System.Reload("E1000e");
        Await(() => Volatile.Read(ref figures.Lines) > before + 1 || HasFailed(clients), "the new driver to work");
    }

    private Socket Connect(int port)
    {
        Socket socket = system.Connect(port);
        socket.NoDelay = true;
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        return socket;
    }

    private void EchoBlocks() => Echo(BlockBytes, ref figures.Blocks);

    private void EchoLines() => Echo(LineBytes, ref figures.Lines);

    /// <summary>Sends random bytes and compares what comes back, over and over on one connection.</summary>
    private void Echo(int lengthBytes, ref long count)
    {
        using Socket socket = Connect(NetworkSystem.EchoPort);
        byte[] data = new byte[lengthBytes];
        byte[] answer = new byte[lengthBytes];
        while (!isOver)
        {
            RandomNumberGenerator.Fill(data);
            socket.Send(data);
            for (int received = 0; received < answer.Length;)
            {
                int some = socket.Receive(answer.AsSpan(received));
                received += some > 0 ? some : throw new InvalidOperationException("the echo has ended");
            }

            if (!answer.AsSpan().SequenceEqual(data))
            {
                throw new InvalidOperationException("the echo is wrong");
            }

            Interlocked.Increment(ref count);
        }
    }

    /// <summary>Loads the file again and again and compares its sum.</summary>
    private void Download()
    {
        byte[] buffer = new byte[64 << 10];
        while (!isOver)
        {
            using Socket socket = Connect(NetworkSystem.WebPort);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            socket.Send("GET /numbers HTTP/1.0\r\n\r\n"u8);
            SkipHeaders(socket);
            long received = 0;
            for (int count; (count = socket.Receive(buffer)) > 0; received += count)
            {
                hash.AppendData(buffer.AsSpan(0, count));
                Interlocked.Add(ref figures.DownloadedBytes, count);
            }

            if (Convert.ToHexStringLower(hash.GetHashAndReset()) != system.FileSum)
            {
                throw new InvalidOperationException($"a download is wrong: {received} bytes");
            }

            Interlocked.Increment(ref figures.Downloads);
        }
    }

    private static void SkipHeaders(Socket socket)
    {
        byte[] one = new byte[1];
        for (uint last = 0; last != 0x0D0A_0D0A; last = (last << 8) | one[0])
        {
            _ = socket.Receive(one) == 1 ? 0 : throw new InvalidOperationException("a download ends in its headers");
        }
    }

    /// <summary>iperf3 in one direction, then the other; it ends with an error when a connection does.</summary>
    private void Measure()
    {
        for (bool isReverse = false; !isOver; isReverse = !isReverse)
        {
            string[] direction = isReverse ? ["-R"] : [];
            (int status, string output) = host!.Run("iperf3", ["-c", NetworkSystem.TapAddress, "-t", "1", "-f", "m", .. direction]);
            if (status != 0)
            {
                throw new InvalidOperationException($"iperf3: {output}");
            }

            Interlocked.Increment(ref figures.Measurements);
            Match received = Regex.Match(output, @"([\d.]+) ([KMG]?)Bytes.*receiver");
            double unit = Math.Pow(1024, " KMG".IndexOf(received.Groups[2].Value.PadRight(1), StringComparison.Ordinal));
            Interlocked.Add(ref figures.MeasuredBytes, (long)(double.Parse(received.Groups[1].Value, CultureInfo.InvariantCulture) * unit));
        }
    }
}

/// <summary>What the clients have got done.</summary>
internal sealed class NetworkFigures
{
    internal long Downloads;
    internal long DownloadedBytes;
    internal long Blocks;
    internal long Lines;
    internal long Measurements;
    internal long MeasuredBytes;

    internal double Seconds { get; set; }

    internal double MegabytesPerSecond => (DownloadedBytes + MeasuredBytes + (Blocks * (48 << 10))) / 1e6 / Seconds;

    internal NetworkFigures Copy() => (NetworkFigures)MemberwiseClone();

    internal bool IsBeyond(NetworkFigures mark) => Downloads > mark.Downloads && Blocks > mark.Blocks && Lines > mark.Lines;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{MegabytesPerSecond:F1} MB/s; {Downloads} downloads, {DownloadedBytes >> 20} MiB; {Blocks} blocks and {Lines} lines echoed; "
        + $"{Measurements} runs of iperf3, {MeasuredBytes >> 20} MiB");
}
