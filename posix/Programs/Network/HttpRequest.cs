using System.Globalization;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>A request as it came (RFC 9112 section 3), and what httpd has to know of its header.</summary>
internal sealed class HttpRequest
{
    private HttpRequest(string method, string target, bool isHttp11)
    {
        Method = method;
        Target = target;
        KeepsAlive = isHttp11;
        IsHttp11 = isHttp11;
    }

    public string Method { get; }

    /// <summary>The target, not decoded.</summary>
    public string Target { get; }

    public bool IsHttp11 { get; }

    public bool KeepsAlive { get; private set; }

    public bool HasHost { get; private set; }

    /// <summary>Whether a body follows; httpd takes none.</summary>
    public bool HasBody { get; private set; }

    /// <summary>The value of Range, or null.</summary>
    public string? Range { get; private set; }

    /// <summary>Reads a request's head, up to and with the empty line.</summary>
    /// <returns>0, or the status to refuse it with.</returns>
    public static int Parse(ReadOnlySpan<byte> head, out HttpRequest? request)
    {
        request = null;
        string[] lines = ByteText.ToText(head).Split('\n');
        string[] words = lines[0].TrimEnd('\r').Split(' ');
        if (words.Length != 3 || words[0].Length == 0 || words[1].Length == 0 || !words[2].StartsWith("HTTP/", StringComparison.Ordinal))
        {
            return 400;
        }

        if (words[2] is not ("HTTP/1.1" or "HTTP/1.0"))
        {
            return 505;
        }

        request = new HttpRequest(words[0], words[1], words[2] == "HTTP/1.1");
        for (int index = 1; index < lines.Length; index++)
        {
            string line = lines[index].TrimEnd('\r');
            int colon = line.IndexOf(':');
            if (line.Length == 0)
            {
                break;
            }

            // No space before the colon, and no continuation of a line (RFC 9112 sections 5.1 and 5.2).
            if (colon <= 0 || line[colon - 1] is ' ' or '\t' || line[0] is ' ' or '\t')
            {
                return 400;
            }

            request.Take(line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
        }

        return request.IsHttp11 && !request.HasHost ? 400 : 0;
    }

    /// <summary>The path of the target, decoded; false when it is none of this server's files.</summary>
    public bool TryGetPath(out string path)
    {
        path = "";
        int end = Target.IndexOfAny(['?', '#']);
        string raw = end < 0 ? Target : Target[..end];
        if (raw.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            int slash = raw.IndexOf('/', "http://".Length);
            raw = slash < 0 ? "/" : raw[slash..];
        }

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

    private void Take(string name, string value)
    {
        if (Is(name, "Connection"))
        {
            KeepsAlive = Is(value, "close") ? false : KeepsAlive || Is(value, "keep-alive");
        }
        else if (Is(name, "Host"))
        {
            HasHost = true;
        }
        else if (Is(name, "Range"))
        {
            Range = value;
        }
        else if ((Is(name, "Content-Length") && value != "0") || Is(name, "Transfer-Encoding"))
        {
            HasBody = true;
        }
    }

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
