using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Boot;

public sealed class BoundedFileTests : IDisposable
{
    private const int BytesMax = 100;

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-files-").FullName;

    [Theory]
    [InlineData(0)]
    [InlineData(BytesMax)]
    public void Read_FileUpToTheBound_IsRead(int length)
    {
        byte[] content = [.. Enumerable.Range(0, length).Select(number => (byte)number)];
        File.WriteAllBytes(Name("file"), content);

        Assert.Equal(content, BoundedFile.Read(Name("file"), BytesMax));
    }

    [Fact]
    public void Read_LongerFile_IsRefused()
    {
        File.WriteAllBytes(Name("file"), new byte[BytesMax + 1]);

        Assert.Throws<BootException>(() => BoundedFile.Read(Name("file"), BytesMax));
    }

    [Fact]
    public void Read_Pipe_IsRefusedAtOnce()
    {
        Assert.Equal(0, Outside.Run("mkfifo", Name("pipe")).ExitStatus);

        Assert.Contains("no regular file", Assert.Throws<IOException>(() => BoundedFile.Read(Name("pipe"), BytesMax)).Message);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    [InlineData("/")]
    public void Read_DeviceOrFolder_IsRefused(string path) =>
        Assert.Contains("no regular file", Assert.Throws<IOException>(() => BoundedFile.Read(path, BytesMax)).Message);

    [Fact]
    public void Read_Nothing_SaysSo() => Assert.Throws<FileNotFoundException>(() => BoundedFile.Read(Name("none"), BytesMax));

    [Fact]
    public void SystemFile_ThatIsAPipe_IsRefusedAtOnce()
    {
        Assert.Equal(0, Outside.Run("mkfifo", Name("pipe")).ExitStatus);

        Assert.Contains("no regular file", Assert.Throws<BootException>(() => SystemDescription.Read(Name("pipe"))).Message);
    }

    [Fact]
    public void SystemFile_OnDisk_IsParsedUnderItsName()
    {
        File.WriteAllText(Name("system.yaml"), "domains:\n  - {name: Test}\n");

        Assert.Equal(Name("system.yaml"), SystemDescription.Read(Name("system.yaml")).FileName);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Name(string name) => Path.Combine(folder, name);
}
