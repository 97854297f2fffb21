using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>cmp: compares two files byte by byte.</summary>
public sealed class CmpProgram : Utility
{
    private const int StatusTrouble = 2;
    private const int BufferBytes = 64 * 1024;

    private protected override string Synopsis => "[-s] FILE1 [FILE2]";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "s", "silent=s quiet=s");
        if (options.Error is not null || options.Operands.Count is 0 or > 2)
        {
            libc.ComplainUsage(options.Error ?? "missing operand");
            return StatusTrouble;
        }

        string first = options.Operands[0];
        string second = options.Operands.Count > 1 ? options.Operands[1] : "-";
        if (!TryOpen(libc, first, out int left) || !TryOpen(libc, second, out int right))
        {
            return StatusTrouble;
        }

        return Compare(libc, first, second, left, right, options.Has('s'));
    }

    private static bool TryOpen(Libc libc, string path, out int descriptor)
    {
        descriptor = libc.Streams.Input;
        Errno error = path == "-" ? Errno.None : libc.OpenToRead(path, out descriptor);
        if (error != Errno.None)
        {
            libc.Complain(path, error);
        }

        return error == Errno.None;
    }

    private static int Compare(Libc libc, string first, string second, int left, int right, bool isSilent)
    {
        var leftBuffer = new byte[BufferBytes];
        var rightBuffer = new byte[BufferBytes];
        long offset = 0;
        long line = 1;
        while (true)
        {
            Errno error = Fill(libc, left, leftBuffer, out int leftLength);
            error = error == Errno.None ? Fill(libc, right, rightBuffer, out int rightLength) : SetNone(error, out rightLength);
            if (error != Errno.None)
            {
                libc.Complain(first, error);
                return StatusTrouble;
            }

            int common = Math.Min(leftLength, rightLength);
            int same = leftBuffer.AsSpan(0, common).CommonPrefixLength(rightBuffer.AsSpan(0, common));
            line += leftBuffer.AsSpan(0, same).Count((byte)'\n');
            if (same < common)
            {
                Tell(libc, isSilent, $"{first} {second} differ: char {offset + same + 1}, line {line}");
                return 1;
            }

            offset += common;
            if (leftLength != rightLength)
            {
                bool endsLine = common > 0 ? leftBuffer[common - 1] == (byte)'\n' : line > 1;
                string where = offset == 0 ? "which is empty"
                    : endsLine ? $"after byte {offset}, line {line - 1}"
                    : $"after byte {offset}, in line {line}";
                return isSilent ? 1 : libc.Complain($"EOF on {(leftLength < rightLength ? first : second)} {where}");
            }

            if (common == 0)
            {
                return 0;
            }
        }
    }

    private static Errno SetNone(Errno error, out int length)
    {
        length = 0;
        return error;
    }

    /// <summary>Reads until the buffer is full or the file ends, so that both sides are read in equal pieces.</summary>
    private static Errno Fill(Libc libc, int descriptor, byte[] buffer, out int length)
    {
        length = 0;
        Errno error = Errno.None;
        int read = 1;
        while (error == Errno.None && read > 0 && length < buffer.Length)
        {
            error = libc.Read(descriptor, buffer.AsSpan(length), out read);
            length += read;
        }

        return error;
    }

    private static void Tell(Libc libc, bool isSilent, string message)
    {
        if (!isSilent)
        {
            libc.PrintLine(message);
        }
    }
}
