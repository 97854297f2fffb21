using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// sort: sorts the lines of all files by their bytes. All lines are held in memory, within the domain's limit of it. Exit status
/// 1 when -c finds disorder, 2 after an error.
/// </summary>
public sealed class SortProgram : Utility
{
    private const int StatusError = 2;

    private protected override string Synopsis => "[-bcfnru] [-k KEY] [-t CHARACTER] [-o FILE] [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "bcfnruk:t:o:", "reverse=r numeric-sort=n unique=u check=c");
        if (options.Error is not null || !LineOrder.TryMake(options, out LineOrder order))
        {
            libc.ComplainUsage(options.Error ?? "invalid field specification or separator");
            return StatusError;
        }

        if (options.Operands.Count == 0)
        {
            options.Operands.Add("-");
        }

        if (options.Has('c'))
        {
            return Check(libc, options.Operands[0], order, options.Has('u'));
        }

        var lines = new List<string>();
        foreach (string path in options.Operands)
        {
            if (!TryRead(libc, path, lines))
            {
                return StatusError;
            }
        }

        string[] sorted = lines.ToArray();
        Sort(sorted, order);
        return Print(libc, sorted, order, options);
    }

    private static bool TryRead(Libc libc, string path, List<string> lines)
    {
        var reader = new LineReader();
        Errno error = reader.Open(libc, path);
        while (error == Errno.None && reader.TryReadLine(libc, out string line))
        {
            lines.Add(line);
        }

        bool isOpen = error == Errno.None;
        error = isOpen ? reader.Error : error;
        if (isOpen)
        {
            reader.Close(libc);
        }

        if (error != Errno.None)
        {
            libc.Complain($"{(isOpen ? "read failed" : "cannot read")}: {path}: {Errors.TextOf(error)}");
        }

        return error == Errno.None;
    }

    private static int Check(Libc libc, string path, LineOrder order, bool isStrict)
    {
        var lines = new List<string>();
        if (!TryRead(libc, path, lines))
        {
            return StatusError;
        }

        for (int index = 1; index < lines.Count; index++)
        {
            int comparison = isStrict
                ? order.CompareKeys(lines[index - 1], lines[index])
                : order.Compare(lines[index - 1], lines[index]);
            if (comparison > 0 || (isStrict && comparison == 0))
            {
                return libc.Complain($"{path}:{index + 1}: disorder: {lines[index]}");
            }
        }

        return 0;
    }

    /// <summary>Merges runs of 1, 2, 4 ... lines: stable, which -u needs, for it keeps the first of equal lines.</summary>
    private static void Sort(string[] lines, LineOrder order)
    {
        var merged = new string[lines.Length];
        for (int run = 1; run < lines.Length; run *= 2)
        {
            for (int start = 0; start < lines.Length; start += 2 * run)
            {
                int middle = Math.Min(start + run, lines.Length);
                Merge(lines, merged, order, start, middle, Math.Min(middle + run, lines.Length));
            }

            Array.Copy(merged, lines, lines.Length);
        }
    }

    private static void Merge(string[] lines, string[] merged, LineOrder order, int start, int middle, int end)
    {
        int left = start;
        int right = middle;
        for (int index = start; index < end; index++)
        {
            bool takesLeft = left < middle && (right == end || order.Compare(lines[left], lines[right]) <= 0);
            merged[index] = takesLeft ? lines[left++] : lines[right++];
        }
    }

    private static int Print(Libc libc, string[] lines, LineOrder order, Options options)
    {
        string? path = options.ValueOf('o');
        Libc output = libc;
        int descriptor = -1;
        if (path is not null)
        {
            Errno error = libc.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1B6, out descriptor);
            if (error != Errno.None)
            {
                libc.Complain($"open failed: {path}: {Errors.TextOf(error)}");
                return StatusError;
            }

            output = libc.With(libc.Arguments, libc.Streams with { Output = descriptor });
        }

        for (int index = 0; index < lines.Length; index++)
        {
            bool isRepeated = options.Has('u') && index > 0 && order.CompareKeys(lines[index - 1], lines[index]) == 0;
            if (!isRepeated)
            {
                output.PrintLine(lines[index]);
            }
        }

        int status = 0;
        if (path is not null)
        {
            status = output.Finish(0) == 0 ? 0 : StatusError;
            libc.Close(descriptor);
        }

        return status;
    }
}
