using RedLeafSharp.Cli.CommandLine;
using Xunit;

namespace RedLeafSharp.Tests.Cli;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("4096", 4096)]
    [InlineData("64K", 64 << 10)]
    [InlineData("64k", 64 << 10)]
    [InlineData("512M", 512L << 20)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("3G", 3L << 30)]
    [InlineData("2T", 2L << 40)]
    public void TryParse_Size_GivesBytes(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1M")]
    [InlineData("M")]
    [InlineData("12Q")]
    [InlineData("1.5G")]
    [InlineData("5iB")]
    [InlineData(" 1")]
    [InlineData("9999999999T")]
    public void TryParse_NoSize_Refuses(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(79_400_000, "79.4 MB")]
    [InlineData(1_250_000_000, "1.25 GB")]
    public void Format_Bytes_UsesPowersOfTen(double bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));
}
