using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>How httpd sends files: by sendfile, over a file system that lends, or does not, and a stack that counts.</summary>
public sealed class HttpdFileTests : IDisposable
{
    private const string Serve = "httpd -p 80 /srv & until nc -z 127.0.0.1 80; do sleep 0.01; done; mark; ";
    private const string BigFile = "mkdir /srv; seq 1 400000 > /srv/big; ";

    private readonly LentMemory memory = new();
    private readonly PosixRig rig;
    private LendingStack? stack;

    public HttpdFileTests()
    {
        rig = new PosixRig(detectsDeadlock: false, hasNetwork: true, wrapStack: inner => stack = new LendingStack(inner, memory));
        rig.Files.Lent = memory;
        memory.RangeCountMax = 16;
        rig.Loader.Extra["mark"] = (_, _) =>
        {
            stack!.Calls.Clear();
            return 0;
        };
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void SmallFile_GoesOutInOneCallWithItsHeader()
    {
        CommandResult result = rig.Shell($"mkdir /srv; printf '%1024s' x > /srv/f; {Serve} fetch -o /out http://127.0.0.1/f; kill $!; cmp /srv/f /out && echo same");

        Assert.Equal("same\n", result.Output);
        Assert.Equal(2, stack!.Calls.Count);
        Assert.InRange(int.Parse(stack.Calls[1].Split(' ', 2)[1]), 1_024 + 100, 1_024 + 400);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BigFile_LongerThanTheSocketsQueue_ComesWhole(bool lends)
    {
        rig.Files.Lent = lends ? memory : null;

        CommandResult result = rig.Shell($"{BigFile} {Serve} fetch -o /out http://127.0.0.1/big; kill $!; cmp /srv/big /out && echo same");

        Assert.Equal("same\n", result.Output);
        Assert.Equal(lends, stack!.Calls.Any(call => call.StartsWith("lent", StringComparison.Ordinal)));
        Assert.Equal(0, memory.OutstandingCount);
    }

    [Fact]
    public void Head_AndRanges_SendWhatIsAskedFor()
    {
        const string Request = "HEAD /big HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGET /big HTTP/1.1\\r\\nHost: x\\r\\nRange: bytes=5000-5003\\r\\n\\r\\n";
        CommandResult result = rig.Shell(
            $"{BigFile} {Serve} fetch -r 4000-100000 http://127.0.0.1/big > /out; dd if=/srv/big bs=1 skip=4000 count=96001 2> /dev/null | cmp - /out && echo same; "
            + $"printf '{Request}' | nc -N 127.0.0.1 80 | tail -c 4; kill $!");

        Assert.Matches("^same\n[0-9\n]{4}$", result.Output);
    }

    [Fact]
    public void File_ThatBecomesShorter_EndsTheConnection()
    {
        int looksBehindTheEnd = 0;
        memory.Refuse = (context, offset) =>
        {
            looksBehindTheEnd += offset > 65_536 ? 1 : 0;
            if (offset == 65_536)
            {
                ulong site = rig.Files.Lookup(context, MemoryFileSystem.Root, "srv"u8).Value.Inode;
                ulong file = rig.Files.Lookup(context, site, "big"u8).Value.Inode;
                _ = rig.Files.SetAttributes(context, file, new FileAttributesChange { Fields = FileAttributeFields.Size, SizeBytes = 10 });
            }

            return Errno.None;
        };

        CommandResult result = rig.Shell($"{BigFile} {Serve} fetch -o /out http://127.0.0.1/big; echo $?; kill $!; wc -c < /out");

        Assert.Equal("18\n131072\n", result.Output);
        Assert.Equal(2, looksBehindTheEnd);
    }
}
