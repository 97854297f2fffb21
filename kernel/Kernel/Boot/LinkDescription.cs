using System.Globalization;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>The wire of a network controller, as a system file or the command line describes it. docs/network.md explains the kinds.</summary>
internal sealed record LinkDescription
{
    internal const string Kinds = "none, user, tap:INTERFACE, vde:FOLDER or pcap:FILE";

    private const int CaptureBufferBytes = 1 << 16;

    private LinkDescription(string kind, string argument) => (Kind, Argument) = (kind, argument);

    /// <summary>none, user, tap, vde or pcap.</summary>
    internal string Kind { get; }

    /// <summary>What stands behind the colon.</summary>
    internal string Argument { get; }

    /// <summary>Ports of the host that lead into the system; of a user link.</summary>
    internal IReadOnlyList<PublishedPort> Published { get; init; } = [];

    /// <summary>Ports of the host that programs reach at the gateway, null for all; of a user link.</summary>
    internal IReadOnlySet<int>? Reachable { get; init; } = new HashSet<int>();

    /// <summary>The file that all frames are written to; null for none.</summary>
    internal string? CapturePath { get; init; }

    internal bool IsUser => Kind == "user";

    /// <summary>Reads the kind; null when it is none.</summary>
    internal static LinkDescription? TryParse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        (string kind, string argument) = colon < 0 ? (text, string.Empty) : (text[..colon], text[(colon + 1)..]);
        bool isKnown = kind switch
        {
            "none" or "user" => colon < 0,
            "tap" or "vde" or "pcap" => argument.Length > 0,
            _ => false,
        };
        return isKnown ? new LinkDescription(kind, argument) : null;
    }

    internal static LinkDescription Parse(YamlFields fields)
    {
        string text = fields.OptionalText("link") ?? "none";
        LinkDescription link = TryParse(text) ?? throw fields.Error($"'{text}' is no link; write {Kinds}");
        IReadOnlyList<string> published = fields.Texts("publish");
        IReadOnlyList<string> reachable = fields.Texts("reach");
        if (!link.IsUser && published.Count + reachable.Count > 0)
        {
            throw fields.Error("'publish' and 'reach' need 'link: user'");
        }

        return link with
        {
            Published = [.. published.Select(one => TryParsePublished(one)
                ?? throw fields.Error($"'{one}' publishes no port; write HOST:GUEST or ADDRESS:HOST:GUEST"))],
            Reachable = TryParseReachable(reachable, out IReadOnlySet<int>? ports)
                ? ports
                : throw fields.Error("'reach' lists ports of the host, or 'all'"),
            CapturePath = fields.OptionalText("pcap"),
        };
    }

    internal static PublishedPort? TryParsePublished(string text) => PublishedPort.TryParse(text, out PublishedPort? port) ? port : null;

    /// <summary>Reads a list of ports; null stands for all.</summary>
    internal static bool TryParseReachable(IReadOnlyList<string> words, out IReadOnlySet<int>? ports)
    {
        var set = new HashSet<int>();
        ports = words is ["all"] ? null : set;
        return ports is null || words.All(word =>
            ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0 && (set.Add(port) || true));
    }

    /// <summary>Makes the link.</summary>
    /// <exception cref="IOException">The host does not give it; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">The rights to a file are missing.</exception>
    internal LinkPort Open(Scheduler scheduler)
    {
        LinkPort link = Kind switch
        {
            "user" => new UserLink(new UserNetwork { Published = Published, Reachable = Reachable }, () => scheduler.UptimeMicros),
            "tap" => TapLink.Open(Argument),
            "vde" => VdeLink.Open(Argument),
            "pcap" => new PcapReplayLink(new FileStream(Argument, FileMode.Open, FileAccess.Read), () => scheduler.UptimeMicros),
            _ => new WirePair { IsPlugged = false }.First,
        };
        if (CapturePath is null)
        {
            return link;
        }

        try
        {
            var file = new FileStream(CapturePath, FileMode.Create, FileAccess.Write, FileShare.Read, CaptureBufferBytes);
            return new PcapLink(link, file, () => scheduler.WallClockMicros);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }
}
