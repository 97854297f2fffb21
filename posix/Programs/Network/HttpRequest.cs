using System.Globalization;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>A request as it came (RFC 9112 section 3), and what httpd has to know of its header.</summary>
internal sealed class HttpRequest
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";
    private const string HostMarks = "-._~%!$&'()*+,;=:[]";

    private long? contentLength;
    private int hostCount;
    private bool isClosing;
    private bool isKept;

    private HttpRequest(string method, string target, bool isHttp11)
    {
        Method = method;
        Target = target;
        IsHttp11 = isHttp11;
    }

    public string Method { get; }

    /// <summary>The target, not decoded.</summary>
    public string Target { get; }

    public bool IsHttp11 { get; }

    /// <summary>Whether the connection goes on after the answer (RFC 9112 section 9.3).</summary>
    public bool KeepsAlive => !isClosing && (IsHttp11 || isKept);

    /// <summary>Whether a body follows; httpd takes none.</summary>
    public bool HasBody { get; private set; }

    /// <summary>The value of Range, or null.</summary>
    public string? Range { get; private set; }

    /// <summary>On what the answer depends.</summary>
    public HttpConditions Conditions { get; } = new();

    /// <summary>Finds the end of a request's head: behind its empty line. Lines may end without a carriage return (RFC 9112 section 2.2).</summary>
    /// <returns>-1 when the empty line has not come yet.</returns>
    public static int FindEnd(ReadOnlySpan<byte> bytes)
    {
        int start = SkipEmptyLines(bytes);
        while (start < bytes.Length)
        {
            int feed = bytes[start..].IndexOf((byte)'\n');
            if (feed < 0)
            {
                return -1;
            }

            start += feed + 1;
            ReadOnlySpan<byte> rest = bytes[start..];
            if (rest is [(byte)'\n', ..])
            {
                return start + 1;
            }

            if (rest is [(byte)'\r', (byte)'\n', ..])
            {
                return start + 2;
            }
        }

        return -1;
    }

    /// <summary>Reads a request's head, up to and with the empty line.</summary>
    /// <returns>0, or the status to refuse it with.</returns>
    public static int Parse(ReadOnlySpan<byte> head, out HttpRequest? request)
    {
        request = null;
        string[] lines = ByteText.ToText(head[SkipEmptyLines(head)..]).Split('\n');
        string[] words = lines[0].TrimEnd('\r').Split(' ');
        if (words.Length != 3 || !IsToken(words[0]) || words[1].Length == 0 || !TryParseVersion(words[2], out char major, out char minor))
        {
            return 400;
        }

        if (major != '1')
        {
            return 505;
        }

        request = new HttpRequest(words[0], words[1], isHttp11: minor != '0');
        for (int index = 1; index < lines.Length; index++)
        {
            string line = lines[index].TrimEnd('\r');
            if (line.Length == 0)
            {
                break;
            }

            // The name is a token, so there is no space before the colon, and no continuation of a line (sections 5.1 and 5.2).
            int colon = line.IndexOf(':');
            if (colon <= 0 || !IsToken(line[..colon]) || line.IndexOfAny(['\r', '\0']) >= 0
                || !request.Take(line[..colon], line[(colon + 1)..].Trim(' ', '\t')))
            {
                return 400;
            }
        }

        return request.hostCount > 1 || (request.IsHttp11 && request.hostCount == 0) ? 400 : 0;
    }

    /// <summary>The path of the target, decoded; false when it is none of this server's files.</summary>
    public bool TryGetPath(out string path)
    {
        path = "";
        SplitTarget(out string raw, out _);
        var decoded = new List<char>();
        for (int index = 0; index < raw.Length; index++)
        {
            char letter = raw[index];
            if (letter == '%')
            {
                if (index + 2 >= raw.Length || !byte.TryParse(
                    raw.AsSpan(index + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                {
                    return false;
                }

                letter = (char)value;
                index += 2;
            }

            if (letter == '\0')
            {
                return false;
            }

            decoded.Add(letter);
        }

        path = new string(decoded.ToArray());
        bool isInside = path.StartsWith('/');
        foreach (string part in path.Split('/'))
        {
            isInside &= part != "..";
        }

        return isInside;
    }

    /// <summary>Where a directory is whose name was asked for without a slash. One slash before it: two would begin the name of a host.</summary>
    public string DirectoryLocation()
    {
        SplitTarget(out string raw, out string query);
        return $"/{raw.TrimStart('/')}/{query}";
    }

    /// <summary>Takes the path out of the target as it came, and the query with its mark.</summary>
    private void SplitTarget(out string path, out string query)
    {
        int end = Target.IndexOf('#');
        path = end < 0 ? Target : Target[..end];
        end = path.IndexOf('?');
        query = end < 0 ? "" : path[end..];
        path = end < 0 ? path : path[..end];
        if (path.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            int slash = path.IndexOf('/', "http://".Length);
            path = slash < 0 ? "/" : path[slash..];
        }
    }

    private static int SkipEmptyLines(ReadOnlySpan<byte> bytes)
    {
        int start = 0;
        while (start < bytes.Length && bytes[start] is (byte)'\r' or (byte)'\n')
        {
            start++;
        }

        return start;
    }

    private static bool TryParseVersion(string word, out char major, out char minor)
    {
        const string Name = "HTTP/";
        bool isGood = word.Length == Name.Length + 3 && word.StartsWith(Name, StringComparison.Ordinal)
            && char.IsAsciiDigit(word[5]) && word[6] == '.' && char.IsAsciiDigit(word[7]);
        (major, minor) = isGood ? (word[5], word[7]) : ('0', '0');
        return isGood;
    }

    /// <returns>False when a field's value cannot be.</returns>
    private bool Take(string name, string value)
    {
        if (Is(name, "Connection"))
        {
            TakeConnection(value);
        }
        else if (Is(name, "Host"))
        {
            hostCount++;
            return IsMadeOf(value, HostMarks);
        }
        else if (Is(name, "Range"))
        {
            Range = value;
        }
        else if (Is(name, "Content-Length"))
        {
            return TryTakeLength(value);
        }
        else if (Is(name, "Transfer-Encoding"))
        {
            HasBody = true;
        }
        else
        {
            Conditions.Take(name, value);
        }

        return true;
    }

    private void TakeConnection(string value)
    {
        foreach (string option in value.Split(','))
        {
            isClosing |= Is(option.Trim(' ', '\t'), "close");
            isKept |= Is(option.Trim(' ', '\t'), "keep-alive");
        }
    }

    /// <summary>Lengths that contradict each other tell of somebody who hides a request in a body (RFC 9112 section 6.3).</summary>
    private bool TryTakeLength(string value)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length) || (contentLength ?? length) != length)
        {
            return false;
        }

        contentLength = length;
        HasBody |= length > 0;
        return true;
    }

    private static bool IsToken(string text) => text.Length > 0 && IsMadeOf(text, TokenMarks);

    private static bool IsMadeOf(string text, string marks)
    {
        bool isGood = true;
        foreach (char letter in text)
        {
            isGood &= char.IsAsciiLetterOrDigit(letter) || marks.Contains(letter);
        }

        return isGood;
    }

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
