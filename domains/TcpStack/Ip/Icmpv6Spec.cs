namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Types and codes of ICMPv6 (RFC 4443), and the options of extension headers that it complains of (RFC 8200).</summary>
internal static class Icmpv6Spec
{
    internal const byte DestinationUnreachable = 1;
    internal const byte PacketTooBig = 2;
    internal const byte TimeExceeded = 3;
    internal const byte ParameterProblem = 4;
    internal const byte EchoRequest = 128;
    internal const byte EchoReply = 129;

    /// <summary>Types from here on are no errors (section 2.1).</summary>
    internal const byte FirstInformational = 128;

    // Codes of an unreachable destination (section 3.1).
    internal const byte CodeNoRoute = 0;
    internal const byte CodeProhibited = 1;
    internal const byte CodeBeyondScope = 2;
    internal const byte CodeAddress = 3;
    internal const byte CodePort = 4;

    internal const byte CodeReassemblyTimeExceeded = 1;

    // Codes of parameter problems (section 3.4, RFC 7112 section 5).
    internal const byte CodeField = 0;
    internal const byte CodeNextHeader = 1;
    internal const byte CodeOption = 2;
    internal const byte CodeChain = 3;

    // Options of extension headers (RFC 8200 section 4.2, RFC 2711 section 2.1).
    internal const byte OptionPad1 = 0;
    internal const byte OptionPadN = 1;

    /// <summary>The router alert option as it stands before messages of MLD.</summary>
    internal static ReadOnlySpan<byte> AlertOfMld => [5, 2, 0, 0];
}
