using System.Globalization;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>fetch: gets what an http URL names, and writes it to the standard output or a file.</summary>
public sealed class FetchProgram : Utility
{
    private protected override string Synopsis => "[-ILfv] [-o FILE] [-r RANGE] URL...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "ILfvo:r:");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? $"usage: {libc.Name} {Synopsis}");
        }

        int output = libc.Streams.Output;
        if (options.ValueOf('o') is { } path)
        {
            Errno error = libc.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1B6, out output);
            if (error != Errno.None)
            {
                return libc.Complain(path, error);
            }
        }

        int status = 0;
        foreach (string url in options.Operands)
        {
            status |= Fetch(libc, options, url, output);
        }

        if (output != libc.Streams.Output)
        {
            Errno error = Errors.Of(libc.System.Close(libc.Context, output));
            status = error == Errno.None ? status : libc.Complain(options.ValueOf('o')!, error);
        }

        return status;
    }

    private static int Fetch(Libc libc, Options options, string url, int output)
    {
        for (int redirect = 0; redirect <= HttpLimits.RedirectsMax; redirect++)
        {
            if (!HttpUrl.TryParse(url, out HttpUrl parsed))
            {
                return libc.Complain($"{url}: not an http URL");
            }

            int status = Exchange(libc, options, parsed, output, out string? next);
            if (next is null)
            {
                return status;
            }

            url = parsed.Resolve(next);
        }

        return libc.Complain($"{url}: too many redirects");
    }

    private static int Exchange(Libc libc, Options options, HttpUrl url, int output, out string? next)
    {
        next = null;
        (string host, ushort port) = (url.Host, url.Port);
        if (!SocketText.TryResolve(libc, host.Trim('[', ']'), out SocketAddress address))
        {
            return 6;
        }

        Reply<int, Errno> made = libc.System.MakeSocket(
            libc.Context, SocketNames.FamilyFor(address.Address), SocketKind.Stream, OpenFlags.CloseOnExec, 0);
        Errno error = made.IsOk ? Errors.Of(libc.System.Connect(libc.Context, made.Value, address with { Port = port })) : Errors.Of(made);
        if (error != Errno.None)
        {
            libc.Close(made.Value);
            return libc.Complain($"{host} port {port}", error) + 6;
        }

        string range = options.ValueOf('r') is { } text ? $"Range: bytes={text}\r\n" : "";
        byte[] request = ByteText.ToBytes(
            $"{(options.Has('I') ? "HEAD" : "GET")} {url.Target} HTTP/1.1\r\nHost: {url.Authority}\r\n"
            + $"User-Agent: fetch\r\nAccept: */*\r\n{range}Connection: close\r\n\r\n");
        error = Errors.Of(libc.System.Send(libc.Context, made.Value, request));
        int status = error == Errno.None
            ? Take(libc, options, new HttpStream(made.Value), host, output, out next)
            : libc.Complain(host, error);
        libc.Close(made.Value);
        return status;
    }

    private static int Take(Libc libc, Options options, HttpStream stream, string host, int output, out string? next)
    {
        next = null;
        HttpHead? head = HttpHead.Read(libc, stream);
        while (head is { Status: >= 100 and < 200 })
        {
            head = HttpHead.Read(libc, stream);
        }

        if (head is null)
        {
            return libc.Complain($"{host}: the answer is not HTTP");
        }

        if (options.Has('v') || options.Has('I'))
        {
            byte[] lines = ByteText.ToBytes(head.Lines + "\n");
            _ = options.Has('I') ? libc.WriteAll(output, lines) : libc.WriteAll(libc.Streams.Error, lines);
        }

        if (options.Has('L') && head.Status is 301 or 302 or 303 or 307 or 308 && head.ValueOf("Location") is { } location)
        {
            next = location;
            return 0;
        }

        if (options.Has('f') && head.Status >= 400)
        {
            return libc.Complain($"The requested URL returned error: {head.Status}") + 21;
        }

        bool hasBody = !options.Has('I') && head.Status is not (204 or 304);
        Errno error = hasBody ? CopyBody(libc, head, stream, output) : Errno.None;
        return error == Errno.None ? 0 : libc.Complain($"{host}: the answer is cut short", error) + 17;
    }

    /// <summary>RFC 9112 section 6.3: chunks, a length, or up to the end of the connection.</summary>
    private static Errno CopyBody(Libc libc, HttpHead head, HttpStream stream, int output)
    {
        if (string.Equals(head.ValueOf("Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            return CopyChunks(libc, stream, output);
        }

        string? length = head.ValueOf("Content-Length");
        if (length is null)
        {
            return stream.CopyTo(libc, output, long.MaxValue, mayEnd: true);
        }

        return long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            ? stream.CopyTo(libc, output, count, mayEnd: false)
            : Errno.InvalidArgument;
    }

    private static Errno CopyChunks(Libc libc, HttpStream stream, int output)
    {
        while (true)
        {
            if (!stream.TryReadLine(libc, out string line))
            {
                return Errno.ConnectionReset;
            }

            int extension = line.IndexOf(';');
            string digits = (extension < 0 ? line : line[..extension]).Trim();
            if (!long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long length) || length < 0)
            {
                return Errno.InvalidArgument;
            }

            Errno error = length == 0 ? Errno.None : stream.CopyTo(libc, output, length, mayEnd: false);
            if (error != Errno.None || length == 0)
            {
                return error;
            }

            if (!stream.TryReadLine(libc, out _))
            {
                return Errno.ConnectionReset;
            }
        }
    }
}
