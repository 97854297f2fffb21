namespace RedLeafSharp.Tests.Posix;

/// <summary>More scenarios of socket calls, by name: calls in an unusual order, names that are cut, options of no use.</summary>
internal static class SocketEdgeScenarios
{
    internal static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["names of listeners"] = "socket l unix stream; bind l abs:q; listen l 5; socket c unix stream; connect c abs:q; accept s l; getname s; close s; "
            + "socket d unix stream; connect d abs:q; socket e unix stream; bind e abs:q; close l; connect e abs:q; bind e abs:q",
        ["unix dgram closes unread"] = "socket a unix dgram; bind a unix:x; socket b unix dgram; connect b unix:x; send b hello; close a; getopt b error; "
            + "poll b in,out,rdhup; recv b 1; send b x; send b x",
    };
}
