using System.Text.Json;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Tests.Verification.Rules;
using Xunit;

namespace RedLeafSharp.Tests.Cli;

public sealed class CheckCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-check-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Check_CleanFile_Passes()
    {
        (int status, string output, _) = Run(Write("good.dll", "class C { }"));

        Assert.Equal(0, status);
        Assert.Contains("good.dll: clean", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OneOfTwoIsBad_IsRejectedWithPlaceAndLine()
    {
        (int status, string output, _) = Run(
            Write("good.dll", "class C { }"), Write("bad.dll", "class C {\n void M() => System.GC.Collect(); }"));

        Assert.Equal(3, status);
        Assert.Contains("RL0002", output, StringComparison.Ordinal);
        Assert.Contains("C.M IL_0000 (Test.cs:2)", output, StringComparison.Ordinal);
        Assert.Contains("bad.dll: rejected, 1 violation", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_Json_HasWhatTheTableHas()
    {
        (int status, string output, _) = Run(Write("bad.dll", "class C {\n void M() => System.GC.Collect(); }"), "-o", "json");

        JsonElement violation = JsonDocument.Parse(output).RootElement[0].GetProperty("violations")[0];
        Assert.Equal(3, status);
        Assert.Equal("RL0002", violation.GetProperty("rule").GetString());
        Assert.Equal(2, violation.GetProperty("line").GetInt32());
    }

    [Fact]
    public void Check_NoAssembly_IsRejected()
    {
        string path = Path.Combine(folder, "text.dll");
        File.WriteAllText(path, "text");

        Assert.Equal(3, Run(path).Status);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("check", "/none/there.dll")]
    [InlineData("check", "/", "-o", "table")]
    [InlineData("check", "x.dll", "-o", "xml")]
    [InlineData("pack", "/none")]
    public void Command_WrongLine_IsUsage(params string[] arguments) =>
        Assert.Equal(2, RedLeafCommand.Invoke(arguments, TextWriter.Null, TextWriter.Null));

    private static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int status = RedLeafCommand.Invoke(["check", .. arguments], output, error);
        return (status, output.ToString(), error.ToString());
    }

    private string Write(string name, string source)
    {
        (byte[] assembly, byte[] symbols) = VerifiedSource.Compile(source);
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, assembly);
        File.WriteAllBytes(Path.ChangeExtension(path, ".pdb"), symbols);
        return path;
    }
}
