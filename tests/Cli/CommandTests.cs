using System.Security.Cryptography;
using System.Text.Json;
using System.Xml;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Cli;

/// <summary>What the pages promise of the command, on a booted system, from outside.</summary>
public sealed class CommandTests
{
    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("true", 0)]
    [InlineData("no-such-program", 127)]
    [InlineData("kill -9 $$", 137)]
    public void Run_Command_PassesItsStatusOn(string command, int expected)
    {
        (int status, _, _) = RedLeafProcess.Run("", "run", "--memory-disk", "4M", "-c", command);

        Assert.Equal(expected, status);
    }

    /// <summary>The log names the driver by its hash: the bytes are the same in both worlds, and those of the domain's folder.</summary>
    [FactNeeding(Need.Qemu)]
    public void Run_InEitherWorld_LoadsTheSameBytesOfTheDriver()
    {
        string image = Path.Combine(AppContext.BaseDirectory, "domains", "Nvme", "RedLeafSharp.Drivers.Nvme.dll");
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(image)));
        foreach (string world in new[] { "simulated", "qemu" })
        {
            (int status, string output, string log) = RedLeafProcess.Run(
                "", "run", "--memory-disk", "8M", "--world", world, "--verbose", "-c", "seq 3000 > /f; sync; cat /f | wc");

            Assert.Equal(0, status);
            Assert.Equal(new[] { "3000", "3000", "13893" }, output.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Trim()));
            Assert.Contains($"from image {hash}", log);
        }
    }

    [Fact]
    public void Run_WithoutCommand_ReadsCommandsFromStandardInput()
    {
        (int status, string output, _) = RedLeafProcess.Run("echo a > f\ncat f f\nexit 3\n", "run", "--memory-disk", "4M");

        Assert.Equal((3, "a\na\n"), (status, output));
    }

    [Theory]
    [InlineData("<&-", 0)]
    [InlineData(">&-", 1)]
    public void Run_ClosedStream_IsEmptyOrRefuses(string closing, int expected)
    {
        string command = $"exec timeout 60 {RedLeafProcess.Host} {RedLeafProcess.Command} run --memory-disk 4M -c 'cat; echo a' {closing}";

        Assert.Equal(expected, Outside.Run("sh", "-c", command).ExitStatus);
    }

    [Fact]
    public void Run_OutputWithoutReader_EndsEndlessProducer()
    {
        using RedLeafProcess command = RedLeafProcess.Start("run", "--memory-disk", "4M", "-c", "cat /dev/zero");
        Assert.Equal(0, command.Output.Read());

        command.Output.Close();

        Assert.Equal((128 + 13, ""), command.WaitForEnd());
    }

    [Theory]
    [InlineData("while true; do true; done")]
    [InlineData("cat /dev/zero > /dev/null")]
    public void Run_ProcessThatNeverWaits_LeavesOthersTheirTurn(string endless)
    {
        (int status, string output, _) = RedLeafProcess.Run(
            "", "run", "--memory-disk", "4M", "-c", $"{endless} & true | cat; kill $!; wait $!; echo $?");

        Assert.Equal((0, "143\n"), (status, output));
    }

    [Fact]
    public void Run_ImportAndExport_KeepsNamesModesTimesAndLinks()
    {
        using var folder = new TemporaryFolder();
        string source = folder.MakeTree();
        string copy = Path.Combine(folder.Path, "copy");

        (int status, _, string error) = RedLeafProcess.Run(
            "", "run", "--memory-disk", "8M", "--import", source, "--export", copy);

        Assert.Equal((0, ""), (status, error));
        Assert.Equal(TreeListing.Of(source), TreeListing.Of(copy));
    }

    [Fact]
    public void Run_SameTreeImportedTwice_ReplacesLinks()
    {
        using var folder = new TemporaryFolder();
        string image = Path.Combine(folder.Path, "disk.img");
        string copy = Path.Combine(folder.Path, "copy");
        string source = folder.MakeTree();
        Assert.Equal(0, RedLeafProcess.Run("", "mkfs", image, "8M").Status);
        Assert.Equal(0, RedLeafProcess.Run("", "run", "--disk", image, "--import", source).Status);

        (int status, _, string error) = RedLeafProcess.Run(
            "", "run", "--disk", image, "--import", source, "--export", copy);

        Assert.Equal((0, ""), (status, error));
        Assert.Equal(TreeListing.Of(source), TreeListing.Of(copy));
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Mkfs_Image_PassesE2fsck()
    {
        using var folder = new TemporaryFolder();
        string image = Path.Combine(folder.Path, "disk.img");

        (int status, _, string error) = RedLeafProcess.Run("", "mkfs", image, "16M", "--label", "büro");

        Assert.Equal((0, ""), (status, error));
        Assert.Equal(0, Outside.Run("e2fsck", "-fn", image).ExitStatus);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("mount")]
    public void Image_ThatIsNoFileSystem_IsRefusedWithFileFieldAndExpectation(string command)
    {
        using var folder = new TemporaryFolder();
        string image = Path.Combine(folder.Path, "disk.img");
        File.WriteAllBytes(image, new byte[1 << 20]);
        string[] rest = command == "run" ? ["-c", "true"] : [Directory.CreateDirectory(Path.Combine(folder.Path, "mnt")).FullName];

        (int status, string output, string error) = RedLeafProcess.Run("", [command, "--disk", image, .. rest]);

        Assert.Equal((1, ""), (status, output));
        Assert.Equal(
            $"redleaf: {image}: Ext4 cannot start: no ext4 file system: the magic number at byte 1080 is 0x0000, not 0xef53\n", error);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Run_Interrupted_UnmountsCleanly()
    {
        using var folder = new TemporaryFolder();
        string image = folder.Write("disk.img", "");
        Assert.Equal(0, Outside.Run("mkfs.ext4", "-q", "-F", image, "16M").ExitStatus);
        const string Endless = "i=0; while true; do i=$((i+1)); echo $i > f$((i%50)); echo $i; done";
        using RedLeafProcess command = RedLeafProcess.Start("run", "--disk", image, "-c", Endless);
        Assert.Equal("1", command.Output.ReadLine());

        Assert.Equal(0, Outside.Run("kill", "-INT", $"{command.Id}").ExitStatus);
        command.Output.ReadToEnd();

        Assert.Equal((130, ""), command.WaitForEnd());
        Assert.Equal(0, Outside.Run("e2fsck", "-fn", image).ExitStatus);
        Assert.Contains("Filesystem state:         clean\n", Outside.Run("dumpe2fs", "-h", image).Output);
    }

    [Fact]
    public void Mkfs_LargerThanHostsFiles_SaysSoInOneLine()
    {
        using var folder = new TemporaryFolder();
        string image = Path.Combine(folder.Path, "disk.img");

        (int status, _, string error) = RedLeafProcess.Run("", "mkfs", image, "8388607T");

        Assert.Equal(1, status);
        Assert.StartsWith($"redleaf: {image}: ", error);
        Assert.Equal(error.Length - 1, error.IndexOf('\n'));
        Assert.False(File.Exists(image));
    }

    [Fact]
    public void Demo_TinyTree_PassesAndReports()
    {
        using var folder = new TemporaryFolder();
        string source = folder.MakeTree();
        string json = Path.Combine(folder.Path, "report.json");
        string html = Path.Combine(folder.Path, "report.html");

        (int status, string output, string error) = RedLeafProcess.Run(
            "", "demo", "--seconds", "1", "--kill-every-ms", "20", "--source", source, "--json", json, "--html", html);

        Assert.True(status == 0, output + error);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        Assert.True(report.RootElement.GetProperty("hasPassed").GetBoolean());
        Assert.Equal(1, report.RootElement.GetProperty("formatVersion").GetInt32());
        var page = new XmlDocument { XmlResolver = null };
        page.LoadXml(File.ReadAllText(html).Replace("<!DOCTYPE html>", "").Replace("<meta charset=\"utf-8\">", ""));
        Assert.Empty(page.SelectNodes("//*[@src or @href or local-name()='script' or local-name()='link']")!);
    }
}
