using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The same file calls here and on the host's Linux: same answers, call by call.</summary>
public sealed class HostCallTests
{
    private static readonly HostScenarios Host = new("HostCalls.py", CallScenarios.All);

    public static TheoryData<string> Names() => [.. CallScenarios.All.Keys.Order(StringComparer.Ordinal)];

    [TheoryNeeding(Need.PythonAsRoot)]
    [MemberData(nameof(Names))]
    public void CallsOnTmpfs_HereAndOnTheHost_AnswerTheSame(string name) => Compare(name, () => PosixRig.OnTmpfs());

    [TheoryNeeding(Need.PythonAsRoot)]
    [MemberData(nameof(Names))]
    public void CallsOnExt4_HereAndOnTheHost_AnswerTheSame(string name) => Compare(name, PosixRig.OnExt4);

    private static void Compare(string name, Func<PosixRig> makeRig)
    {
        using PosixRig rig = makeRig();
        List<string> here = [];
        rig.Run(context =>
        {
            var mode = new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = 0x1ED };
            Assert.True(rig.System.SetAttributes(context, "/"u8, mode, followsLinks: true).IsOk);

            // The host's scenarios start in an empty directory; a new ext4 is empty but for this.
            Assert.True(rig.System.RemoveDirectory(context, "/lost+found"u8).Error is Errno.None or Errno.NoEntry);
            here = new CallScenario(rig.System).Run(context, Host.Calls(name));
        });

        Host.AssertSame(name, here);
    }
}
