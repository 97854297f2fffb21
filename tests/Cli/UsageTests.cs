using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Cli;

/// <summary>A wrong command line: one line on standard error, exit status 2, nothing done.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("", "Required command was not provided")]
    [InlineData("frobnicate", "'frobnicate'")]
    [InlineData("run --frobnicate", "'--frobnicate'")]
    [InlineData("run a.yaml b.yaml", "'b.yaml'")]
    [InlineData("run --disk no-such.img", "no-such.img")]
    [InlineData("run --disk a.img --memory-disk 4M", "exclude each other")]
    [InlineData("run --memory-disk much", "'much' is no size")]
    [InlineData("run no-such.yaml", "no-such.yaml")]
    [InlineData("run --import no-such-folder", "no-such-folder")]
    [InlineData("run -c", "-c")]
    [InlineData("run --net wifi", "'wifi' is no link; write none, user, tap:INTERFACE, vde:FOLDER or pcap:FILE")]
    [InlineData("run --publish 8080:80", "--publish and --reach need --net user")]
    [InlineData("run --net tap:t --publish 8080:80", "--publish and --reach need --net user")]
    [InlineData("run --net user --publish 8080", "'8080' is no pair of ports")]
    [InlineData("run --net user --reach some", "--reach wants a port of the host")]
    [InlineData("run --net user --ip 10.0.0.1", "'10.0.0.1' is no address with its prefix")]
    [InlineData("run --net user --gw router", "'router' is no address")]
    [InlineData("run --pcap x", "need --net")]
    [InlineData("run --dhcp", "need --net")]
    [InlineData("run --net user --dhcp --gw 10.0.2.2", "exclude each other")]
    [InlineData("mkfs", "mkfs")]
    [InlineData("mkfs x.img", "mkfs")]
    [InlineData("mkfs x.img 12Q", "'12Q' is no size")]
    [InlineData("mkfs x.img 64M --label seventeen-letters", "16 bytes")]
    [InlineData("demo --seconds 0", "from 1 to 3600")]
    [InlineData("demo --seconds soon", "'soon'")]
    [InlineData("demo --seed -1", "--seed")]
    [InlineData("demo --source no-such-folder", "no-such-folder")]
    [InlineData("demo --json no-such-folder/report.json", "--json")]
    [InlineData("lab run no-such.yaml", "no-such.yaml")]
    [InlineData("lab run x.yaml --seed 0xZZ", "--seed must be a whole number")]
    [InlineData("lab run x.yaml --shard 9/8", "'9/8' is no part of a campaign")]
    [InlineData("lab replay runs/x", "'runs/x' is no trial; write RUN#NUMBER")]
    [InlineData("lab report no-such-run --table nooks", "no-such-run")]
    [InlineData("lab watch no-such-run --once", "no-such-run")]
    [InlineData("lab compare no-such-run no-other", "no-such-run")]
    [InlineData("lab plant no-such-bug --output x", "there is no bug 'no-such-bug'")]
    [InlineData("lab plant missed-revoke", "--output is missing")]
    [InlineData("lab hunt no-such.yaml", "no-such.yaml")]
    public void Invoke_WrongCommandLine_SaysSoInOneLine(string commandLine, string expected)
    {
        (int status, string output, string error) = Invoke(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Usage, status);
        Assert.Empty(output);
        Assert.StartsWith("redleaf: ", error);
        Assert.Contains(expected, error);
        Assert.Equal(error.Length - 1, error.IndexOf('\n'));
    }

    [Fact]
    public void Mkfs_ExistingFile_IsNotOverwritten()
    {
        using var folder = new TemporaryFolder();
        string image = folder.Write("disk.img", "precious");

        (int status, _, string error) = Invoke("mkfs", image, "64M");

        Assert.Equal(ExitCode.Usage, status);
        Assert.Contains("exists already", error);
        Assert.Equal("precious", File.ReadAllText(image));
    }

    [Fact]
    public void Demo_TreeWithoutFiles_IsRefused()
    {
        using var folder = new TemporaryFolder();

        (int status, _, string error) = Invoke("demo", "--source", folder.Path);

        Assert.Equal(ExitCode.Usage, status);
        Assert.Equal($"redleaf: --source: there is no file in {folder.Path}\n", error);
    }

    [Fact]
    public void Run_DiskIsPipe_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string pipe = Path.Combine(folder.Path, "pipe");
        Assert.Equal(0, Outside.Run("mkfifo", pipe).ExitStatus);

        (int status, _, string error) = Invoke("run", "--disk", pipe, "-c", "true");

        Assert.Equal(ExitCode.RunFailure, status);
        Assert.Contains("not a file", error);
    }

    [Fact]
    public void Run_ExportToFile_IsRefusedBeforeTheRun()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", "");

        (int status, _, string error) = Invoke("run", "-c", "true", "--export", file);

        Assert.Equal((ExitCode.Usage, $"redleaf: --export: {file} is not a directory\n"), (status, error));
    }

    [Theory]
    [InlineData("domains:\n  - name: X\n    dvice: y\n", ":3:5: unknown field 'dvice'")]
    [InlineData("devices: {\n", ":2:1: ")]
    [InlineData("devices: 7\n", ":1:10: the field 'devices' must be a list")]
    public void Run_WrongSystemFile_NamesPlaceAndField(string yaml, string expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("system.yaml", yaml);

        (int status, _, string error) = Invoke("run", file);

        Assert.Equal(ExitCode.RunFailure, status);
        Assert.StartsWith($"redleaf: {file}{expected}", error);
        Assert.Equal(error.Length - 1, error.IndexOf('\n'));
    }

    [Fact]
    public void Help_OfRun_NamesEveryOption()
    {
        (int status, string output, _) = Invoke("run", "--help");

        Assert.Equal(ExitCode.Pass, status);
        string[] options = ["--disk", "-c", "--import", "--export", "--memory-disk", "--log", "--verbose"];
        Assert.All(options, option => Assert.Contains(option, output));
    }

    private static (int Status, string Output, string Error) Invoke(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int status = RedLeafCommand.Invoke(arguments, output, error);
        return (status, output.ToString(), error.ToString());
    }
}
