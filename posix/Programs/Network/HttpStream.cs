using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>Reads an answer of HTTP from a connection: lines first, then bytes.</summary>
internal sealed class HttpStream(int socket)
{
    private readonly byte[] buffer = new byte[HttpLimits.BodyBytes];
    private int start;
    private int end;

    /// <summary>Reads a line without its end; false at the end of the stream, and for one that is too long.</summary>
    public bool TryReadLine(Libc libc, out string line)
    {
        var text = new StringBuilder();
        line = "";
        while (text.Length <= HttpLimits.HeaderBytesMax)
        {
            if (start == end && (!TryFill(libc) || start == end))
            {
                return false;
            }

            char letter = (char)buffer[start++];
            if (letter == '\n')
            {
                line = text.ToString().TrimEnd('\r');
                return true;
            }

            text.Append(letter);
        }

        return false;
    }

    /// <summary>Copies bytes to a descriptor; the stream may end before them only where the caller says so.</summary>
    public Errno CopyTo(Libc libc, int output, long count, bool mayEnd)
    {
        while (count > 0)
        {
            if (start == end && !TryFill(libc))
            {
                return Errno.ConnectionReset;
            }

            if (start == end)
            {
                return mayEnd ? Errno.None : Errno.ConnectionReset;
            }

            int length = (int)Math.Min(count, end - start);
            Errno error = libc.WriteAll(output, buffer.AsSpan(start, length));
            if (error != Errno.None)
            {
                return error;
            }

            start += length;
            count -= length;
        }

        return Errno.None;
    }

    private bool TryFill(Libc libc)
    {
        Reply<int, Errno> reply = libc.System.Receive(libc.Context, socket, buffer);
        (start, end) = (0, reply.Value);
        return reply.IsOk;
    }
}

/// <summary>The head of an answer.</summary>
internal sealed class HttpHead
{
    private readonly Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);

    private HttpHead(int status, string lines)
    {
        Status = status;
        Lines = lines;
    }

    public int Status { get; }

    /// <summary>All lines as they came.</summary>
    public string Lines { get; private set; }

    /// <summary>Reads a head; null when it is none, or too long.</summary>
    public static HttpHead? Read(Libc libc, HttpStream stream)
    {
        if (!stream.TryReadLine(libc, out string line) || !line.StartsWith("HTTP/1.", StringComparison.Ordinal) || line.Length < 12
            || !SocketText.TryParseNumber(line.Substring(9, 3), 999, out int status))
        {
            return null;
        }

        var head = new HttpHead(status, line + "\n");
        while (stream.TryReadLine(libc, out line) && head.Lines.Length <= HttpLimits.HeaderBytesMax)
        {
            if (line.Length == 0)
            {
                return head;
            }

            head.Lines += line + "\n";
            int colon = line.IndexOf(':');
            if (colon > 0)
            {
                head.fields[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        return null;
    }

    public string? ValueOf(string name) => fields.GetValueOrDefault(name);
}
