using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The whole of it once: a shell runs utilities over the personality.</summary>
public sealed class ShellSmokeTests
{
    [Theory]
    [InlineData("echo hello", "hello\n")]
    [InlineData("echo hello > f; cat f", "hello\n")]
    [InlineData("echo a > f; cp f g; ls", "f\ng\n")]
    [InlineData("echo abc | cat | cat", "abc\n")]
    [InlineData("echo -n abc | sha256sum", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n")]
    [InlineData("x=$(echo 1; echo 2); echo \"$x\"", "1\n2\n")]
    [InlineData("(cd /; echo sub); for i in a b; do echo $i; done", "sub\na\nb\n")]
    public void Shell_Command_PrintsWhatItShould(string command, string expected)
    {
        using var rig = new PosixRig();

        CommandResult result = rig.Shell(command);

        Assert.Equal(new CommandResult(0, expected, ""), result);
    }
}
