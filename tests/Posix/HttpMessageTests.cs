using System.Text;
using RedLeafSharp.Posix.Programs.Network;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>What httpd reads out of requests (RFC 9110, 9112), and fetch out of URLs.</summary>
public sealed class HttpMessageTests
{
    private const string Tag = "\"1\"";
    private const string Date = "Sun, 06 Nov 1994 08:49:37 GMT";
    private const long Seconds = 784_111_777;

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: x\n\n", 0)]
    [InlineData("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 0)]
    [InlineData("GET / HTTP/1.2\r\nHost: x\r\n\r\n", 0)]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n", 0)]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", 0)]
    [InlineData("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505)]
    [InlineData("GET / HTTP/1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET / http/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.0\r\nHost: x\r\nhost: y\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400)]
    public void Request_IsTakenOrRefused(string text, int status)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);

        Assert.Equal(bytes.Length, HttpRequest.FindEnd(bytes));
        Assert.Equal(status, HttpRequest.Parse(bytes, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r")]
    public void Head_ThatIsNotWhole_HasNoEnd(string text) => Assert.Equal(-1, HttpRequest.FindEnd(Encoding.Latin1.GetBytes(text)));

    [Theory]
    [InlineData("1.1", "", true)]
    [InlineData("1.0", "", false)]
    [InlineData("1.0", "Connection: Keep-Alive", true)]
    [InlineData("1.1", "Connection: close, TE", false)]
    [InlineData("1.1", "Connection: close\r\nConnection: keep-alive", false)]
    [InlineData("1.0", "Connection: TE , keep-alive", true)]
    public void Connection_IsKeptByItsOptions(string version, string line, bool isKept)
    {
        string end = line.Length > 0 ? $"{line}\r\n\r\n" : "\r\n";

        Assert.Equal(isKept, Parse($"GET / HTTP/{version}\r\nHost: x\r\n{end}").KeepsAlive);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("If-Match: \"1\"", 0)]
    [InlineData("If-Match: \"0\", \"1\"", 0)]
    [InlineData("If-Match: *", 0)]
    [InlineData("If-Match: \"2\"", 412)]
    [InlineData("If-Match: W/\"1\"", 412)]
    [InlineData("If-Unmodified-Since: " + Date, 0)]
    [InlineData("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412)]
    [InlineData("If-Unmodified-Since: yesterday", 0)]
    [InlineData("If-Match: \"1\"\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 0)]
    [InlineData("If-None-Match: \"1\"", 304)]
    [InlineData("If-None-Match: W/\"1\"", 304)]
    [InlineData("If-None-Match: \"2\"\r\nIf-None-Match: \"1\"", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"2\"", 0)]
    [InlineData("If-None-Match: \"2\"\r\nIf-Modified-Since: " + Date, 0)]
    [InlineData("If-Modified-Since: " + Date, 304)]
    [InlineData("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", 304)]
    [InlineData("If-Modified-Since: Sun Nov  6 08:49:37 1994", 304)]
    [InlineData("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 0)]
    [InlineData("If-Modified-Since: Sun, 32 Nov 1994 08:49:36 GMT", 0)]
    public void Conditions_DecideTheStatus(string lines, int status)
    {
        string end = lines.Length > 0 ? $"{lines}\r\n\r\n" : "\r\n";

        Assert.Equal(status, Parse($"GET / HTTP/1.1\r\nHost: x\r\n{end}").Conditions.Evaluate(Tag, Seconds));
    }

    [Theory]
    [InlineData("\"1\"", true)]
    [InlineData("\"2\"", false)]
    [InlineData("W/\"1\"", false)]
    [InlineData(Date, true)]
    [InlineData("Sun, 06 Nov 1994 08:49:38 GMT", false)]
    public void Range_IsOfTheFileThatTheSenderKnows(string known, bool isAllowed) =>
        Assert.Equal(isAllowed, Parse($"GET / HTTP/1.1\r\nHost: x\r\nIf-Range: {known}\r\n\r\n").Conditions.AllowsRange(Tag, Date));

    [Theory]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=90-200", 206, 90, 10)]
    [InlineData("bytes=90-", 206, 90, 10)]
    [InlineData("bytes=90-99999999999999999999", 206, 90, 10)]
    [InlineData("bytes=-10", 206, 90, 10)]
    [InlineData("bytes=-99999999999999999999", 206, 0, 100)]
    [InlineData("bytes=100-", 416, 0, 0)]
    [InlineData("bytes=99999999999999999999-", 416, 0, 0)]
    [InlineData("bytes=-0", 416, 0, 0)]
    [InlineData("bytes=500-2", 200, 0, 100)]
    [InlineData("bytes=5-2", 200, 0, 100)]
    [InlineData("bytes=a-2", 200, 0, 100)]
    [InlineData("bytes=0-1,3-4", 200, 0, 100)]
    [InlineData("lines=0-1", 200, 0, 100)]
    public void Range_IsReadByTheRules(string value, int status, long first, long length)
    {
        Assert.Equal(status, ByteRange.Parse(value, 100, out ByteRange range));
        if (status != 416)
        {
            Assert.Equal(new ByteRange(first, length), range);
        }
    }

    [Fact]
    public void Dates_ReadAsTheyAreWritten()
    {
        for (long seconds = -3_000_000_000; seconds < 10_000_000_000; seconds += 86_400 * 13 + 4_711)
        {
            Assert.True(HttpDate.TryParse(HttpDate.Format(seconds), out long read));
            Assert.Equal(seconds, read);
        }
    }

    [Theory]
    [InlineData("/sub", "/sub/")]
    [InlineData("/sub?x=1", "/sub/?x=1")]
    [InlineData("//sub", "/sub/")]
    [InlineData("http://y/sub?x", "/sub/?x")]
    public void Directory_IsWhereItsSlashIs(string target, string location) =>
        Assert.Equal(location, Parse($"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").DirectoryLocation());

    [Theory]
    [InlineData("http://h/b/c?q#f", "h", "/b/c?q")]
    [InlineData("http://h:81?x", "h:81", "/?x")]
    [InlineData("HTTP://[::1]:80", "[::1]", "/")]
    public void Url_HasAHostAndATarget(string text, string authority, string target)
    {
        Assert.True(HttpUrl.TryParse(text, out HttpUrl url));
        Assert.Equal((authority, target), (url.Authority, url.Target));
    }

    [Theory]
    [InlineData("g.html", "http://h:81/b/g.html")]
    [InlineData("../g", "http://h:81/g")]
    [InlineData("../../g/.", "http://h:81/g/")]
    [InlineData("./g?a/../b", "http://h:81/b/g?a/../b")]
    [InlineData("?y", "http://h:81/b/c?y")]
    [InlineData("/g", "http://h:81/g")]
    [InlineData("//o/g", "http://o/g")]
    [InlineData("http://o/g", "http://o/g")]
    [InlineData("https://o/g", "https://o/g")]
    public void Reference_IsResolvedAgainstWhereItCameFrom(string reference, string expected)
    {
        Assert.True(HttpUrl.TryParse("http://h:81/b/c?q", out HttpUrl url));

        Assert.Equal(expected, url.Resolve(reference));
    }

    private static HttpRequest Parse(string text)
    {
        Assert.Equal(0, HttpRequest.Parse(Encoding.Latin1.GetBytes(text), out HttpRequest? request));
        return request!;
    }
}
