using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>The files below a directory, as answers to requests.</summary>
internal sealed class HttpSite(string root)
{
    private readonly HttpDate now = new();
    private readonly Dictionary<string, HttpFileHead> heads = [];

    /// <summary>The time as answers tell it.</summary>
    public string Date(Libc libc) => now.Of(libc.System.GetTime(libc.Context).Value.Seconds);

    /// <summary>What to answer a request with; an open file in it is the caller's to close.</summary>
    public HttpAnswer Answer(Libc libc, HttpRequest request)
    {
        if (request.Method is not ("GET" or "HEAD"))
        {
            bool isKnown = request.Method is "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH";
            return Refuse(isKnown ? 405 : 501, headers: isKnown ? "Allow: GET, HEAD\r\n" : "", isClosing: request.HasBody);
        }

        if (request.HasBody)
        {
            return Refuse(413, isClosing: true);
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
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        416 => "Range Not Satisfiable",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
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
            return Refuse(301, $"Location: {request.DirectoryLocation()}\r\n");
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
        HttpFileHead head = HeadOf(path, attributes);
        int status = request.Conditions.Evaluate(head.Tag, attributes.ModificationTime.Seconds);
        if (status != 0)
        {
            return status == 304 ? new HttpAnswer { Status = 304, Headers = head.Validators } : Refuse(status, head.Validators);
        }

        // A range means nothing to other methods (RFC 9110 section 14.2), nor when the sender's part is of an older file.
        long size = (long)attributes.SizeBytes;
        bool isWhole = request.Method != "GET" || !request.Conditions.AllowsRange(head.Tag, head.Modified);
        status = ByteRange.Parse(isWhole ? null : request.Range, size, out ByteRange range);
        if (status == 416)
        {
            return Refuse(416, $"Content-Range: bytes */{size}\r\n");
        }

        Errno error = libc.OpenToRead(path, out int descriptor);
        if (error != Errno.None)
        {
            return Refuse(StatusOf(error));
        }

        string headers = status == 206
            ? $"{head.Headers}Content-Range: bytes {range.First}-{range.First + range.Length - 1}/{size}\r\n"
            : head.Headers;
        return new HttpAnswer { Status = status, Headers = headers, File = descriptor, Range = range };
    }

    /// <summary>What answers say of a file, made anew when it has changed.</summary>
    private HttpFileHead HeadOf(string path, in FileAttributes attributes)
    {
        if (heads.TryGetValue(path, out HttpFileHead? head) && head.IsOf(in attributes))
        {
            return head;
        }

        if (heads.Count >= HttpLimits.KnownFilesMax)
        {
            heads.Clear();
        }

        head = new HttpFileHead(TypeOf(path), in attributes);
        heads[path] = head;
        return head;
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

/// <summary>What the header of an answer says of a file in one state.</summary>
internal sealed class HttpFileHead
{
    private readonly FileTime time;
    private readonly ulong sizeBytes;

    public HttpFileHead(string type, in FileAttributes attributes)
    {
        time = attributes.ModificationTime;
        sizeBytes = attributes.SizeBytes;
        Modified = HttpDate.Format(time.Seconds);
        Tag = $"\"{time.Seconds:x}.{time.Nanoseconds:x}-{sizeBytes:x}\"";
        Validators = $"Last-Modified: {Modified}\r\nETag: {Tag}\r\n";
        Headers = $"Content-Type: {type}\r\nAccept-Ranges: bytes\r\n{Validators}";
    }

    /// <summary>When it was changed, as answers tell it.</summary>
    public string Modified { get; }

    /// <summary>The entity tag: another one whenever time or size are others.</summary>
    public string Tag { get; }

    /// <summary>Both as lines of a header.</summary>
    public string Validators { get; }

    /// <summary>All lines that answers have in common.</summary>
    public string Headers { get; }

    /// <summary>Whether the file is in this state still.</summary>
    public bool IsOf(in FileAttributes attributes) => attributes.SizeBytes == sizeBytes
        && attributes.ModificationTime.Seconds == time.Seconds && attributes.ModificationTime.Nanoseconds == time.Nanoseconds;
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

    /// <summary>Whether the answer says how long its body is; one that has none by its status does not.</summary>
    public bool TellsLength => Status != 304;

    public long BodyLength => File >= 0 ? Range.Length : Text.Length;
}
