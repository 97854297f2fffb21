namespace RedLeafSharp.Posix.Programs.Network.Dhcp;

/// <summary>The numbers of DHCP: RFC 2131 (messages and times) and RFC 2132 (options) that are used here.</summary>
internal static class DhcpSpec
{
    /// <summary>RFC 2131 section 4.1.</summary>
    public const ushort ServerPort = 67;
    public const ushort ClientPort = 68;

    /// <summary>The fixed part with the magic cookie (RFC 2131 figure 1, section 3).</summary>
    public const int FixedBytes = 240;
    public const uint Magic = 0x6382_5363;

    /// <summary>What each server takes, and what BOOTP has at least (RFC 2131 section 2, RFC 1542 section 2.1).</summary>
    public const int MessageBytesMin = 300;

    /// <summary>Longest message that is taken; told to the server by option 57. It goes into one Ethernet frame.</summary>
    public const int MessageBytesMax = 1_472;

    public const int TransactionOffset = 4;
    public const int SecondsOffset = 8;
    public const int FlagsOffset = 10;
    public const int ClientAddressOffset = 12;
    public const int YourAddressOffset = 16;
    public const int StationOffset = 28;
    public const int StationBytes = 6;
    public const int ServerNameOffset = 44;
    public const int ServerNameBytes = 64;
    public const int FileOffset = 108;
    public const int FileBytes = 128;
    public const int MagicOffset = 236;

    public const byte BootRequest = 1;
    public const byte BootReply = 2;
    public const byte Ethernet = 1;

    /// <summary>Without an address only what goes to all can be received (RFC 2131 section 4.1).</summary>
    public const ushort BroadcastFlag = 0x8000;

    // Options (RFC 2132).
    public const byte OptionPad = 0;
    public const byte OptionMask = 1;
    public const byte OptionRouter = 3;
    public const byte OptionNameServer = 6;
    public const byte OptionHostName = 12;
    public const byte OptionDomain = 15;
    public const byte OptionMtu = 26;
    public const byte OptionRequested = 50;
    public const byte OptionLease = 51;
    public const byte OptionOverload = 52;
    public const byte OptionType = 53;
    public const byte OptionServer = 54;
    public const byte OptionParameters = 55;
    public const byte OptionMessageMax = 57;
    public const byte OptionRenewal = 58;
    public const byte OptionRebinding = 59;
    public const byte OptionClient = 61;
    public const byte OptionEnd = 255;

    /// <summary>Bits of option 52: options go on in these fields.</summary>
    public const byte OverloadFile = 1;
    public const byte OverloadServerName = 2;

    /// <summary>Name servers that are kept: MAXNS of resolv.conf(5).</summary>
    public const int NameServersMax = 3;

    /// <summary>Longest domain name that is taken over.</summary>
    public const int DomainBytesMax = 253;

    /// <summary>A lease that does not end (RFC 2131 section 3.3).</summary>
    public const uint InfiniteSeconds = uint.MaxValue;

    /// <summary>The first wait for an answer, and the longest; each is twice the one before (RFC 2131 section 4.1).</summary>
    public const long FirstWaitMicros = 4_000_000;

    /// <inheritdoc cref="FirstWaitMicros"/>
    public const long LongestWaitMicros = 64_000_000;

    /// <summary>Waits differ at random by so much to either side (RFC 2131 section 4.1).</summary>
    public const long WaitSpreadMicros = 1_000_000;

    /// <summary>Requests for an offer before another server is looked for: 60 s, as RFC 2131 section 3.1 (5) has it.</summary>
    public const int RequestsMax = 4;

    /// <summary>After an address turned out to be in use (RFC 2131 section 3.1 (5)).</summary>
    public const long DeclineWaitMicros = 10_000_000;

    /// <summary>Between requests to renew or rebind: at least a minute (RFC 2131 section 4.4.5).</summary>
    public const long RenewWaitMicrosMin = 60_000_000;

    /// <summary>A network that carries less is a mistake or an attack: RFC 791 has every host take 576.</summary>
    public const int MtuBytesMin = 576;
}

/// <summary>Types of messages (RFC 2132 section 9.6).</summary>
internal enum DhcpType : byte
{
    None = 0,
    Discover = 1,
    Offer = 2,
    Request = 3,
    Decline = 4,
    Acknowledge = 5,
    Refuse = 6,
    Release = 7,
}
