using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>sha256sum: prints SHA-256 sums, or checks a list of them (-c).</summary>
public sealed class Sha256sumProgram : Utility
{
    private const int BufferBytes = 128 * 1024;
    private const int DigestCharacters = 2 * Sha256.DigestBytes;

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly byte[] digest = new byte[Sha256.DigestBytes];
    private readonly Sha256 hash = new();

    private protected override string Synopsis => "[-c] [--quiet] [--status] [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "cbt", "check=c quiet=q status=s binary=b text=t");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        if (options.Operands.Count == 0)
        {
            options.Operands.Add("-");
        }

        int status = 0;
        foreach (string path in options.Operands)
        {
            status |= options.Has('c') ? Check(libc, path, options.Has('q'), options.Has('s')) : PrintSum(libc, path);
        }

        return status;
    }

    private int PrintSum(Libc libc, string path)
    {
        Errno error = Sum(libc, path, out string sum);
        if (error != Errno.None)
        {
            return libc.Complain(path, error);
        }

        string name = LineName.Escape(path);
        libc.PrintLine($"{(name == path ? "" : "\\")}{sum}  {name}");
        return 0;
    }

    private Errno Sum(Libc libc, string path, out string sum)
    {
        sum = "";
        int descriptor = libc.Streams.Input;
        Errno error = path == "-" ? Errno.None : libc.OpenToRead(path, out descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        hash.Reset();
        int length;
        do
        {
            error = libc.Read(descriptor, buffer, out length);
            hash.Append(buffer.AsSpan(0, length));
        }
        while (length > 0);

        if (path != "-")
        {
            libc.Close(descriptor);
        }

        hash.Finish(digest);
        sum = Convert.ToHexStringLower(digest);
        return error;
    }

    private int Check(Libc libc, string listPath, bool isQuiet, bool isSilent)
    {
        var reader = new LineReader();
        Errno error = reader.Open(libc, listPath);
        if (error != Errno.None)
        {
            return libc.Complain(listPath, error);
        }

        int wrongCount = 0, unreadableCount = 0, malformedCount = 0, lineCount = 0;
        while (reader.TryReadLine(libc, out string line))
        {
            if (!TryParse(line, out string expected, out string path))
            {
                malformedCount++;
                continue;
            }

            lineCount++;
            error = Sum(libc, path, out string sum);
            if (error != Errno.None)
            {
                libc.Complain(path, error);
                unreadableCount++;
            }

            bool isRight = error == Errno.None && sum == expected;
            wrongCount += error == Errno.None && !isRight ? 1 : 0;
            if (!isSilent && !(isQuiet && isRight))
            {
                // A report, unlike a list, is not read back: coreutils escapes only what would break its line.
                bool breaksLine = path.Contains('\n');
                string name = breaksLine ? $"\\{LineName.Escape(path)}" : path;
                libc.PrintLine($"{name}: {(isRight ? "OK" : error == Errno.None ? "FAILED" : "FAILED open or read")}");
            }
        }

        reader.Close(libc);
        if (lineCount == 0)
        {
            string name = listPath == "-" ? "'standard input'" : listPath;
            return libc.Complain($"{name}: no properly formatted checksum lines found");
        }

        Warn(libc, isSilent, malformedCount, "line is improperly formatted", "lines are improperly formatted");
        Warn(libc, isSilent, unreadableCount, "listed file could not be read", "listed files could not be read");
        Warn(libc, isSilent, wrongCount, "computed checksum did NOT match", "computed checksums did NOT match");
        return wrongCount + unreadableCount > 0 ? 1 : 0;
    }

    private static void Warn(Libc libc, bool isSilent, int count, string one, string many)
    {
        if (count > 0 && !isSilent)
        {
            libc.Complain($"WARNING: {count} {(count == 1 ? one : many)}");
        }
    }

    private static bool TryParse(string line, out string sum, out string path)
    {
        sum = "";
        path = "";
        bool isEscaped = line.StartsWith('\\');
        line = isEscaped ? line[1..] : line;
        if (line.Length < DigestCharacters + 3 || line[DigestCharacters] != ' ' || line[DigestCharacters + 1] is not (' ' or '*'))
        {
            return false;
        }

        sum = line[..DigestCharacters].ToLowerInvariant();
        path = line[(DigestCharacters + 2)..];
        foreach (char digit in sum)
        {
            if (!char.IsAsciiHexDigit(digit))
            {
                return false;
            }
        }

        return !isEscaped || LineName.TryUnescape(path, out path);
    }
}
