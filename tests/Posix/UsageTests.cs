using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>What a program says of its use when it is asked with --help.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("rm --help", "Usage: rm [-rRfvd] FILE...\n")]
    [InlineData("ps --help", "Usage: ps\n")]
    [InlineData("env seq --help", "Usage: seq [FIRST [STEP]] LAST\n")]
    [InlineData("echo --help", "--help\n")]
    public void Program_AskedForHelp_SaysItsUse(string command, string expected)
    {
        using var rig = new PosixRig();

        CommandResult result = rig.Shell(command);

        Assert.Equal(new CommandResult(0, expected, ""), result);
    }
}
