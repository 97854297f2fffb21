using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>tail: prints the last lines (-n) or bytes (-c) of a file, or all from a line on (-n +NUMBER).</summary>
public sealed class TailProgram : Utility
{
    // What a tail may have to keep in memory; more than that is cut off at its start.
    private const int KeptBytesMax = 64 << 20;
    private const int FirstBufferBytes = 64 * 1024;

    private protected override string Synopsis => "[-q] [-n [+]LINES|-c [+]BYTES] [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(ShortCount.Expand(libc.Arguments), "n:c:q", "lines=n bytes=c quiet=q");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        bool countsBytes = options.Has('c');
        string text = options.ValueOf(countsBytes ? 'c' : 'n') ?? "10";
        bool isFromStart = text.StartsWith('+');
        if (!SizeText.TryParse(text.TrimStart('+', '-'), out long limit))
        {
            return libc.Complain($"invalid number of {(countsBytes ? "bytes" : "lines")}: '{text}'");
        }

        List<string> paths = options.Operands;
        if (paths.Count == 0)
        {
            paths.Add("-");
        }

        int status = 0;
        for (int index = 0; index < paths.Count; index++)
        {
            Errno error = ReadAll(libc, paths[index], out byte[] buffer, out int length);
            if (error != Errno.None)
            {
                status = libc.Complain($"cannot open '{paths[index]}' for reading: {Errors.TextOf(error)}");
                continue;
            }

            if (paths.Count > 1 && !options.Has('q'))
            {
                libc.PrintLine($"{(index > 0 ? "\n" : "")}==> {(paths[index] == "-" ? "standard input" : paths[index])} <==");
            }

            ReadOnlySpan<byte> data = buffer.AsSpan(0, length);
            libc.Print(data[StartOf(data, limit, countsBytes, isFromStart)..]);
        }

        return status;
    }

    private static int StartOf(ReadOnlySpan<byte> data, long limit, bool countsBytes, bool isFromStart)
    {
        if (countsBytes)
        {
            long start = isFromStart ? Math.Max(limit, 1) - 1 : data.Length - limit;
            return (int)Math.Clamp(start, 0, data.Length);
        }

        return isFromStart ? SkipLines(data, Math.Max(limit, 1) - 1) : LastLines(data, limit);
    }

    private static int SkipLines(ReadOnlySpan<byte> data, long count)
    {
        int start = 0;
        while (count > 0 && start < data.Length)
        {
            int newline = data[start..].IndexOf((byte)'\n');
            start = newline < 0 ? data.Length : start + newline + 1;
            count--;
        }

        return start;
    }

    private static int LastLines(ReadOnlySpan<byte> data, long count)
    {
        if (count == 0)
        {
            return data.Length;
        }

        // The newline that ends the last line does not start another one.
        int end = data.Length > 0 && data[^1] == (byte)'\n' ? data.Length - 1 : data.Length;
        while (count > 0)
        {
            int newline = data[..end].LastIndexOf((byte)'\n');
            if (newline < 0)
            {
                return 0;
            }

            end = newline;
            count--;
        }

        return end + 1;
    }

    private static Errno ReadAll(Libc libc, string path, out byte[] buffer, out int length)
    {
        buffer = new byte[FirstBufferBytes];
        length = 0;
        int descriptor = libc.Streams.Input;
        Errno error = path == "-" ? Errno.None : libc.OpenToRead(path, out descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        int read;
        do
        {
            if (length == buffer.Length)
            {
                buffer = Enlarge(buffer, ref length);
            }

            error = libc.Read(descriptor, buffer.AsSpan(length), out read);
            length += read;
        }
        while (read > 0);

        if (path != "-")
        {
            libc.Close(descriptor);
        }

        return error;
    }

    private static byte[] Enlarge(byte[] buffer, ref int length)
    {
        if (buffer.Length >= KeptBytesMax)
        {
            buffer.AsSpan(buffer.Length / 2).CopyTo(buffer);
            length = buffer.Length / 2;
            return buffer;
        }

        var larger = new byte[buffer.Length * 2];
        buffer.AsSpan().CopyTo(larger);
        return larger;
    }
}
