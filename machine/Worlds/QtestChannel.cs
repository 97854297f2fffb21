using System.Buffers.Text;
using System.Net.Sockets;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// QEMU's qtest protocol (docs/devel/testing/qtest.rst in its sources): a command a line, answered by one line "OK" with
/// an optional value. Interrupt notices ("IRQ ...") may come between answers and are skipped.
/// </summary>
/// <remarks>
/// Every wait is bounded. After the first failure the channel is broken: reads give ones and writes do nothing, as with a
/// device that has left the bus, so that a driver meets nothing it would not meet in hardware. A lock, because the death
/// of a driver may be cleaned up on another thread than the one it ran on.
/// </remarks>
internal sealed class QtestChannel(Socket socket) : IDisposable
{
    /// <summary>A register access takes some 20 us; a QEMU that does not answer for this long has hung.</summary>
    private const int ReplyTimeoutMilliseconds = 20_000;

    /// <summary>Two commands of the longest form fit with much to spare.</summary>
    private const int LineBytesMax = 256;

    private readonly Lock turn = new();
    private readonly byte[] output = new byte[LineBytesMax];
    private readonly byte[] input = new byte[LineBytesMax];
    private int outputCount;
    private int inputCount;
    private int lineEnd;

    /// <summary>Whether QEMU has gone, or has broken the protocol.</summary>
    internal bool IsBroken { get; private set; }

    internal ulong Read(ReadOnlySpan<byte> command, ulong address)
    {
        lock (turn)
        {
            Put(command, address);
            return Exchange(1);
        }
    }

    internal void Write(ReadOnlySpan<byte> command, ulong address, ulong value)
    {
        lock (turn)
        {
            Put(command, address, value);
            Exchange(1);
        }
    }

    /// <summary>A write and a read with no other command between them: an index register and its data register.</summary>
    internal ulong WriteThenRead(ReadOnlySpan<byte> write, ulong address, ulong value, ReadOnlySpan<byte> read, ulong dataAddress)
    {
        lock (turn)
        {
            Put(write, address, value);
            Put(read, dataAddress);
            return Exchange(2);
        }
    }

    /// <summary>As <see cref="WriteThenRead"/>, for two writes.</summary>
    internal void WriteTwice(ReadOnlySpan<byte> command, ulong address, ulong value, ulong secondAddress, ulong secondValue)
    {
        lock (turn)
        {
            Put(command, address, value);
            Put(command, secondAddress, secondValue);
            Exchange(2);
        }
    }

    public void Dispose() => socket.Dispose();

    private void Put(ReadOnlySpan<byte> command, ulong address, ulong? value = null)
    {
        command.CopyTo(output.AsSpan(outputCount));
        outputCount += command.Length;
        PutHexadecimal(address);
        if (value is { } number)
        {
            PutHexadecimal(number);
        }

        output[outputCount++] = (byte)'\n';
    }

    private void PutHexadecimal(ulong value)
    {
        " 0x"u8.CopyTo(output.AsSpan(outputCount));
        outputCount += 3;
        Utf8Formatter.TryFormat(value, output.AsSpan(outputCount), out int written, new('x'));
        outputCount += written;
    }

    /// <summary>Sends what was put, waits for that many answers, and returns the value of the last.</summary>
    private ulong Exchange(int answers)
    {
        ulong value = 0;
        try
        {
            for (int sent = 0; sent < outputCount && !IsBroken;)
            {
                sent += socket.Send(output.AsSpan(sent, outputCount - sent));
            }

            for (int answer = 0; answer < answers && !IsBroken; answer++)
            {
                IsBroken = !TryTakeAnswer(out value);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            IsBroken = true;
        }

        outputCount = 0;
        return IsBroken ? ulong.MaxValue : value;
    }

    private bool TryTakeAnswer(out ulong value)
    {
        while (true)
        {
            ReadOnlySpan<byte> line = TakeLine();
            if (line.StartsWith("IRQ "u8))
            {
                continue;
            }

            value = 0;
            return line.SequenceEqual("OK"u8)
                || (line.StartsWith("OK 0x"u8) && Utf8Parser.TryParse(line[5..], out value, out _, 'x'));
        }
    }

    /// <summary>The next line without its end; empty when none comes. Valid until the next call.</summary>
    private ReadOnlySpan<byte> TakeLine()
    {
        input.AsSpan(lineEnd, inputCount - lineEnd).CopyTo(input);
        inputCount -= lineEnd;
        lineEnd = 0;
        int length;
        while ((length = input.AsSpan(0, inputCount).IndexOf((byte)'\n')) < 0)
        {
            socket.ReceiveTimeout = ReplyTimeoutMilliseconds;
            int count = inputCount < input.Length ? socket.Receive(input.AsSpan(inputCount)) : 0;
            if (count <= 0)
            {
                return default;
            }

            inputCount += count;
        }

        lineEnd = length + 1;
        return input.AsSpan(0, length);
    }
}
