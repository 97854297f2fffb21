namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>A URL of the scheme http (RFC 9110 section 4.2.1), without its fragment.</summary>
/// <param name="Host">The host; an address of IPv6 in brackets.</param>
/// <param name="Port">The port.</param>
/// <param name="Target">Path and query, as a request names them.</param>
internal readonly record struct HttpUrl(string Host, ushort Port, string Target)
{
    private const string Scheme = "http://";
    private const ushort DefaultPort = 80;

    /// <summary>Host and port, as the header names them.</summary>
    public string Authority => Port == DefaultPort ? Host : $"{Host}:{Port}";

    public static bool TryParse(string text, out HttpUrl url)
    {
        url = default;
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        string rest = UpTo(text[Scheme.Length..], '#');
        int end = rest.IndexOfAny(['/', '?']);
        string host = end < 0 ? rest : rest[..end];
        string target = end < 0 ? "/" : rest[end] == '?' ? $"/{rest[end..]}" : rest[end..];

        // An address of IPv6 stands in brackets (RFC 3986 section 3.2.2).
        ushort port = DefaultPort;
        int colon = host.IndexOf(':', Math.Max(0, host.IndexOf(']')));
        bool isGood = colon < 0 || SocketText.TryParsePort(host[(colon + 1)..], out port);
        host = colon < 0 ? host : host[..colon];
        url = new HttpUrl(host, port, target);
        return isGood && host.Length > 0 && target.IndexOfAny([' ', '\r', '\n']) < 0;
    }

    /// <summary>What a reference means that came from here (RFC 3986 section 5.2).</summary>
    public string Resolve(string reference)
    {
        if (HasScheme(reference))
        {
            return reference;
        }

        if (reference.StartsWith("//", StringComparison.Ordinal))
        {
            return $"http:{reference}";
        }

        string path = UpTo(Target, '?');
        string target = reference switch
        {
            "" or ['#', ..] => Target,
            ['/', ..] => WithoutDots(reference),
            ['?', ..] => path + reference,
            _ => WithoutDots(path[..(path.LastIndexOf('/') + 1)] + reference),
        };
        return $"{Scheme}{Authority}{target}";
    }

    private static string UpTo(string text, char mark)
    {
        int end = text.IndexOf(mark);
        return end < 0 ? text : text[..end];
    }

    /// <summary>A colon before anything that ends a scheme.</summary>
    private static bool HasScheme(string reference)
    {
        int end = reference.IndexOfAny([':', '/', '?', '#']);
        return end > 0 && reference[end] == ':';
    }

    /// <summary>Takes "." and ".." out of the path before a query (section 5.2.4).</summary>
    private static string WithoutDots(string target)
    {
        string path = UpTo(target, '?');
        var kept = new List<string>();
        string[] parts = path.Split('/');
        for (int index = 1; index < parts.Length; index++)
        {
            bool isLast = index == parts.Length - 1;
            if (parts[index] is not ("." or ".."))
            {
                kept.Add(parts[index]);
                continue;
            }

            if (parts[index] == ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }

            if (isLast)
            {
                kept.Add("");
            }
        }

        return $"/{string.Join('/', kept.ToArray())}{target[path.Length..]}";
    }
}
