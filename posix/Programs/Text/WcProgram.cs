using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>wc: counts lines, words and bytes.</summary>
public sealed class WcProgram : Utility
{
    private const int BufferBytes = 64 * 1024;

    // What coreutils uses when it cannot know the sizes beforehand.
    private const int PipeWidth = 7;

    private readonly byte[] buffer = new byte[BufferBytes];

    private protected override string Synopsis => "[-lwcm] [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "lwcm", "lines=l words=w bytes=c chars=m");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        bool isAll = !options.Has('l') && !options.Has('w') && !options.Has('c') && !options.Has('m');
        bool hasBytes = isAll || options.Has('c') || options.Has('m');
        var columns = new Columns(isAll || options.Has('l'), isAll || options.Has('w'), hasBytes);
        int width = WidthOf(libc, options.Operands, columns);
        Counts total = default;
        int status = 0;
        if (options.Operands.Count == 0)
        {
            status = Count(libc, "standard input", libc.Streams.Input, out total);
            Print(libc, columns, total, width, "");
            return status;
        }

        foreach (string path in options.Operands)
        {
            int descriptor = libc.Streams.Input;
            Errno error = path == "-" ? Errno.None : libc.OpenToRead(path, out descriptor);
            if (error != Errno.None)
            {
                status = libc.Complain(path, error);
                continue;
            }

            status |= Count(libc, path, descriptor, out Counts counts);
            if (path != "-")
            {
                libc.Close(descriptor);
            }

            Print(libc, columns, counts, width, path);
            total = new Counts(total.Lines + counts.Lines, total.Words + counts.Words, total.Bytes + counts.Bytes);
        }

        if (options.Operands.Count > 1)
        {
            Print(libc, columns, total, width, "total");
        }

        return status;
    }

    /// <summary>One number alone is not padded; several get the width that the sizes of the files ask for.</summary>
    private static int WidthOf(Libc libc, List<string> paths, Columns columns)
    {
        int columnCount = (columns.Lines ? 1 : 0) + (columns.Words ? 1 : 0) + (columns.Bytes ? 1 : 0);
        if (columnCount == 1 && paths.Count <= 1)
        {
            return 1;
        }

        ulong sum = 0;
        bool isRegular = true;
        for (int index = 0; index < Math.Max(1, paths.Count); index++)
        {
            // A file that is not there has no say.
            bool isInput = paths.Count == 0 || paths[index] == "-";
            Reply<FileAttributes, Errno> reply = isInput
                ? libc.System.GetDescriptorAttributes(libc.Context, libc.Streams.Input)
                : libc.System.GetAttributes(libc.Context, ByteText.ToBytes(paths[index]), followsLinks: true);
            isRegular &= !reply.IsOk || (reply.Value.Mode & FileMode.TypeMask) == FileMode.Regular;
            sum += reply.Value.SizeBytes;
        }

        return isRegular ? $"{sum}".Length : PipeWidth;
    }

    private int Count(Libc libc, string path, int descriptor, out Counts counts)
    {
        long lines = 0, words = 0, bytes = 0;
        bool isInWord = false;
        Errno error;
        int length;
        do
        {
            error = libc.Read(descriptor, buffer, out length);
            bytes += length;
            foreach (byte character in buffer.AsSpan(0, length))
            {
                bool isSpace = character is (byte)' ' or (>= 9 and <= 13);
                lines += character == (byte)'\n' ? 1 : 0;
                words += isInWord || isSpace ? 0 : 1;
                isInWord = !isSpace;
            }
        }
        while (length > 0);
        counts = new Counts(lines, words, bytes);
        return error == Errno.None ? 0 : libc.Complain(path, error);
    }

    private static void Print(Libc libc, Columns columns, Counts counts, int width, string name)
    {
        string separator = "";
        Append(columns.Lines, counts.Lines, ref separator);
        Append(columns.Words, counts.Words, ref separator);
        Append(columns.Bytes, counts.Bytes, ref separator);
        libc.PrintLine(name.Length > 0 ? $"{separator} {name}" : separator);

        void Append(bool isShown, long count, ref string line)
        {
            if (isShown)
            {
                line += (line.Length > 0 ? " " : "") + Padding.Left($"{count}", width);
            }
        }
    }

    private readonly record struct Columns(bool Lines, bool Words, bool Bytes);

    private readonly record struct Counts(long Lines, long Words, long Bytes);
}
