using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Fuse;

/// <summary>The command of a user who is not root.</summary>
public sealed class UserMountTests : IDisposable
{
    private const Need Needs = Need.Fuse | Need.FuserMount | Need.E2fsprogs;
    private const int User = 65534;

    private readonly TemporaryFolder folder = new();
    private readonly string mountPoint;

    public UserMountTests() => mountPoint = Directory.CreateDirectory(Path.Combine(folder.Path, "mnt")).FullName;

    public void Dispose()
    {
        _ = Outside.Run("umount", "-l", mountPoint);
        folder.Dispose();
    }

    [FactNeeding(Needs)]
    public void Mount_ByAnOrdinaryUser_IsThatUsersAloneAndEndsClean()
    {
        string image = Path.Combine(folder.Path, "disk.img");
        Assert.Equal(0, RedLeafProcess.Run("", "mkfs", image, "64M").Status);
        Own(folder.Path, mountPoint, image);
        using RedLeafProcess command = RedLeafProcess.StartAs(User, "mount", mountPoint, "--disk", image);
        string line = command.Output.ReadLine() ?? command.WaitForEnd().Error;
        Assert.Equal($"mounted at {mountPoint}; umount it, or press Ctrl+C, to end", line);

        (int status, string output) = AsUser($"cd {mountPoint} && seq 1000 > f && mkdir d && mv f d && stat -c '%u %a' d/f && tail -n1 d/f");
        Assert.Equal((0, $"{User} 644\n1000\n"), (status, output));
        Assert.NotEqual(0, Outside.Run("ls", mountPoint).ExitStatus);

        Assert.Equal((0, ""), AsUser($"fusermount3 -u {mountPoint}"));
        Assert.Equal((0, ""), command.WaitForEnd());
        Assert.Equal(0, Outside.Run("e2fsck", "-fn", image).ExitStatus);
    }

    [FactNeeding(Needs)]
    public void Mount_AtAFolderOfSomebodyElse_SaysWhy()
    {
        using RedLeafProcess command = RedLeafProcess.StartAs(User, "mount", "/usr");

        (int status, string error) = command.WaitForEnd();

        Assert.Equal(1, status);
        Assert.EndsWith("fusermount3: user has no write access to mountpoint /usr\n", error, StringComparison.Ordinal);
    }

    private static void Own(params string[] paths) =>
        Assert.Equal(0, Outside.Run("chown", [$"{User}:{User}", .. paths]).ExitStatus);

    private static (int Status, string Output) AsUser(string script) => Outside.Run(
        "setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--inh-caps=-all", "bash", "-c", script);
}
