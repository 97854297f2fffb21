using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>head: prints the first lines (-n) or bytes (-c) of files.</summary>
public sealed class HeadProgram : Utility
{
    private const int BufferBytes = 16 * 1024;
    private const long DefaultLines = 10;

    private readonly byte[] buffer = new byte[BufferBytes];

    private protected override string Synopsis => "[-q] [-n LINES|-c BYTES] [FILE]...";

    private protected override int Run(Libc libc)
    {
        var arguments = ShortCount.Expand(libc.Arguments);
        Options options = Options.Parse(arguments, "n:c:q", "lines=n bytes=c quiet=q");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        bool countsBytes = options.Has('c');
        string? text = options.ValueOf(countsBytes ? 'c' : 'n');
        long limit = DefaultLines;
        if (text is not null && !SizeText.TryParse(text, out limit))
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
            int descriptor = libc.Streams.Input;
            Errno error = paths[index] == "-" ? Errno.None : libc.OpenToRead(paths[index], out descriptor);
            if (error != Errno.None)
            {
                status = libc.Complain($"cannot open '{paths[index]}' for reading: {Errors.TextOf(error)}");
                continue;
            }

            if (paths.Count > 1 && !options.Has('q'))
            {
                libc.PrintLine($"{(index > 0 ? "\n" : "")}==> {(paths[index] == "-" ? "standard input" : paths[index])} <==");
            }

            status |= Copy(libc, paths[index], descriptor, limit, countsBytes);
            if (paths[index] != "-")
            {
                libc.Close(descriptor);
            }
        }

        return status;
    }

    private int Copy(Libc libc, string path, int descriptor, long limit, bool countsBytes)
    {
        while (limit > 0 && !libc.IsOutputClosed)
        {
            Errno error = libc.Read(descriptor, buffer, out int length);
            if (error != Errno.None)
            {
                return libc.Complain($"error reading '{path}': {Errors.TextOf(error)}");
            }

            if (length == 0)
            {
                break;
            }

            libc.Print(Take(buffer.AsSpan(0, length), ref limit, countsBytes));
        }

        return 0;
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> data, ref long limit, bool countsBytes)
    {
        if (countsBytes)
        {
            int count = (int)Math.Min(limit, data.Length);
            limit -= count;
            return data[..count];
        }

        int end = 0;
        while (limit > 0 && end < data.Length)
        {
            int newline = data[end..].IndexOf((byte)'\n');
            limit -= newline < 0 ? 0 : 1;
            end = newline < 0 ? data.Length : end + newline + 1;
        }

        return data[..end];
    }
}
