using RedLeafSharp.Cli.Demo;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Cli;

public sealed class HostFileTests
{
    [Fact]
    public void Read_SymbolicLink_IsTheLinkItself()
    {
        using var folder = new TemporaryFolder();
        string link = Path.Combine(folder.Path, "link");
        File.CreateSymbolicLink(link, "nowhere");

        Assert.Equal(FileType.SymbolicLink, HostFile.Read(link).Type);
    }

    [Fact]
    public void Read_TwoNamesOfOneFile_HaveOneIdentity()
    {
        using var folder = new TemporaryFolder();
        string first = folder.Write("a", "text");
        string second = Path.Combine(folder.Path, "b");
        HostFile.Link(first, second);

        HostFile file = HostFile.Read(second);

        Assert.Equal(HostFile.Read(first).Identity, file.Identity);
        Assert.Equal(2u, file.LinkCount);
        Assert.Equal(4, file.SizeBytes);
    }

    [Fact]
    public void SetModificationTime_ThenRead_KeepsNanoseconds()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", "");

        HostFile.SetModificationTime(path, new FileTime { Seconds = 1_234_567_890, Nanoseconds = 123_456_789 });

        FileTime time = HostFile.Read(path).ModificationTime;
        Assert.Equal((1_234_567_890, 123_456_789u), (time.Seconds, time.Nanoseconds));
    }

    [Fact]
    public void SetPermissions_ThenRead_KeepsSetUserId()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", "");

        HostFile.SetPermissions(path, Convert.ToUInt32("104750", 8));

        Assert.Equal(Convert.ToUInt32("104750", 8), HostFile.Read(path).Mode);
    }

    [Fact]
    public void Read_Missing_NamesThePath() =>
        Assert.Contains("/no/such/file", Assert.Throws<IOException>(() => HostFile.Read("/no/such/file")).Message);

    [Fact]
    public void TreeDigest_OfFolder_ListsFilesAsSha256sumDoes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "d"));
        folder.Write("d/a", "abc");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link"), "d/a");

        // FIPS 180-4's example for "abc".
        Assert.Equal(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  d/a\n",
            System.Text.Encoding.UTF8.GetString(TreeDigest.Compute(folder.Path).List));
    }
}
