using RedLeafSharp.Domains.Tmpfs;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The same socket calls here and on the host's Linux: same answers, call by call.</summary>
public sealed class HostSocketTests
{
    private static readonly Dictionary<string, string> All = SocketScenarios.All.Concat(SocketEdgeScenarios.All).ToDictionary();
    private static readonly HostScenarios Host = new("SocketCalls.py", All);

    public static TheoryData<string> Names() => [.. All.Keys.Order(StringComparer.Ordinal)];

    [TheoryNeeding(Need.PythonAsRoot)]
    [MemberData(nameof(Names))]
    public void Calls_HereAndOnTheHost_AnswerTheSame(string name)
    {
        using var rig = new PosixRig(
            detectsDeadlock: false, makeRoot: (context, _) => new TmpFileSystem(context, new Space(1024, 100)), hasNetwork: true);
        List<string> here = [];
        rig.Run(context => here = new SocketScenario(rig.System).Run(context, Host.Calls(name)));

        Host.AssertSame(name, here);
    }
}
