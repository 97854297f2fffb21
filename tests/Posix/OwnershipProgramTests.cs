using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Programs for what only user 0 may do, so that the host is not asked.</summary>
public sealed class OwnershipProgramTests
{
    [Theory]
    [InlineData("touch f; chown 5:6 f; stat -c '%u %g' f", "5 6\n")]
    [InlineData("touch f; chown 5 f; chown :7 f; stat -c '%u %g' f; chown root f; stat -c '%u %g' f", "5 7\n0 7\n")]
    [InlineData("touch f; chgrp 9 f; stat -c '%u %g' f", "0 9\n")]
    [InlineData("mkdir d; touch d/f; chown -R 3:4 d; stat -c '%u %g' d d/f", "3 4\n3 4\n")]
    [InlineData("touch f; ln -s f l; chown -h 3 l; stat -c %u f l", "0\n3\n")]
    [InlineData("mount Scratch /nope; echo $?", "32\n")]
    [InlineData("mkdir m; umount m; echo $?; mount -t tmpfs Scratch m; touch m/f; (cd m; umount /m); umount m; echo $?; ls m", "32\n0\n")]
    [InlineData("mkdir m; mount -r Scratch m; touch m/f; echo $?", "1\n")]
    public void Command_OfUserZero_Does(string command, string expected)
    {
        using PosixRig rig = PosixRig.OnTmpfs();

        CommandResult result = rig.Shell(command);

        Assert.True(expected == result.Output, $"{result}");
    }
}
