using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>The files below a directory, as answers to requests.</summary>
internal sealed class HttpSite(string root)
{
    private readonly HttpDate now = new();
    private readonly HttpDate modified = new();

    /// <summary>The time as answers tell it.</summary>
    public string Date(Libc libc) => now.Of(libc.System.GetTime(libc.Context).Value.Seconds);

    /// <summary>What to answer a request with; an open file in it is the caller's to close.</summary>
    public HttpAnswer Answer(Libc libc, HttpRequest request)
    {
        if (request.HasBody)
        {
            return Refuse(413, isClosing: true);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            return Refuse(405, headers: "Allow: GET, HEAD\r\n");
        }

        if (!request.TryGetPath(out string path))
        {
            return Refuse(400);
        }

        Errno error = libc.GetAttributes(root + path, followsLinks: true, out FileAttributes attributes);
        if (error != Errno.None)
        {
            return Refuse(StatusOf(error));
        }

        uint type = attributes.Mode & FileMode.TypeMask;
        if (type == FileMode.Directory)
        {
            return AnswerDirectory(libc, request, path);
        }

        return type == FileMode.Regular ? AnswerFile(libc, request, root + path, attributes) : Refuse(403);
    }

    /// <summary>An answer that has no file.</summary>
    public static HttpAnswer Refuse(int status, string headers = "", bool isClosing = false) => new()
    {
        Status = status,
        Headers = headers,
        Text = ByteText.ToBytes($"{status} {ReasonOf(status)}\n"),
        IsClosing = isClosing || status is 400 or 408 or 413 or 431 or 505,
    };

    /// <summary>RFC 9110 section 15.</summary>
    public static string ReasonOf(int status) => status switch
    {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        416 => "Range Not Satisfiable",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Internal Server Error",
    };

    private static int StatusOf(Errno error) => error switch
    {
        Errno.NoEntry or Errno.NotDirectory or Errno.NameTooLong => 404,
        Errno.AccessDenied => 403,
        Errno.TooManyFiles or Errno.SystemFilesExhausted => 503,
        _ => 500,
    };

    private HttpAnswer AnswerDirectory(Libc libc, HttpRequest request, string path)
    {
        if (!path.EndsWith('/'))
        {
            return Refuse(301, $"Location: {request.Target}/\r\n");
        }

        if (libc.GetAttributes($"{root}{path}index.html", followsLinks: true, out FileAttributes index) == Errno.None
            && (index.Mode & FileMode.TypeMask) == FileMode.Regular)
        {
            return AnswerFile(libc, request, $"{root}{path}index.html", index);
        }

        Errno error = libc.ListDirectory(root + path, out List<string> names);
        if (error != Errno.None)
        {
            return Refuse(StatusOf(error));
        }

        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<title>").Append(Escape(path)).Append("</title>\n<h1>").Append(Escape(path)).Append("</h1>\n<ul>\n");
        foreach (string name in names)
        {
            string shown = libc.IsDirectory(root + path + name) ? name + "/" : name;
            page.Append("<li><a href=\"").Append(EscapePath(shown)).Append("\">").Append(Escape(shown)).Append("</a></li>\n");
        }

        page.Append("</ul>\n");
        return new HttpAnswer { Status = 200, Headers = "Content-Type: text/html\r\n", Text = ByteText.ToBytes(page.ToString()) };
    }

    private HttpAnswer AnswerFile(Libc libc, HttpRequest request, string path, FileAttributes attributes)
    {
        long size = (long)attributes.SizeBytes;
        int status = ByteRange.Parse(request.Range, size, out ByteRange range);
        if (status == 416)
        {
            return Refuse(416, $"Content-Range: bytes */{size}\r\n");
        }

        Errno error = libc.OpenToRead(path, out int descriptor);
        if (error != Errno.None)
        {
            return Refuse(StatusOf(error));
        }

        string headers = $"Content-Type: {TypeOf(path)}\r\nAccept-Ranges: bytes\r\n"
            + $"Last-Modified: {modified.Of(attributes.ModificationTime.Seconds)}\r\n"
            + (status == 206 ? $"Content-Range: bytes {range.First}-{range.First + range.Length - 1}/{size}\r\n" : "");
        return new HttpAnswer { Status = status, Headers = headers, File = descriptor, Range = range };
    }

    private static string TypeOf(string path)
    {
        int dot = path.LastIndexOf('.');
        return dot < 0 ? "application/octet-stream" : path[(dot + 1)..] switch
        {
            "html" or "htm" => "text/html",
            "css" => "text/css",
            "js" => "text/javascript",
            "json" => "application/json",
            "txt" or "md" => "text/plain",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" or "jpeg" => "image/jpeg",
            _ => "application/octet-stream",
        };
    }

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);

    private static string EscapePath(string text)
    {
        var escaped = new StringBuilder();
        foreach (char letter in text)
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_' or '~' or '/')
            {
                escaped.Append(letter);
            }
            else
            {
                escaped.Append('%').Append("0123456789ABCDEF"[(letter >> 4) & 15]).Append("0123456789ABCDEF"[letter & 15]);
            }
        }

        return escaped.ToString();
    }
}

/// <summary>An answer: a text, or bytes of a file.</summary>
internal sealed class HttpAnswer
{
    public int Status { get; init; }

    /// <summary>Lines of the header, each with its end.</summary>
    public string Headers { get; init; } = "";

    public byte[] Text { get; init; } = [];

    /// <summary>An open file; -1 when <see cref="Text"/> is the body.</summary>
    public int File { get; init; } = -1;

    public ByteRange Range { get; init; }

    /// <summary>Whether the connection cannot go on after it.</summary>
    public bool IsClosing { get; init; }

    public long BodyLength => File >= 0 ? Range.Length : Text.Length;
}
