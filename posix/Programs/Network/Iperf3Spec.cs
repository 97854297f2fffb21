namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>The protocol of iperf 3 as its sources have it (src/iperf_api.h of esnet/iperf): one byte on the control connection.</summary>
internal static class Iperf3Spec
{
    public const ushort Port = 5201;

    /// <summary>COOKIE_SIZE: what connections of one test begin with.</summary>
    public const int CookieBytes = 37;

    public const byte TestStart = 1;
    public const byte TestRunning = 2;
    public const byte TestEnd = 4;
    public const byte ParameterExchange = 9;
    public const byte CreateStreams = 10;
    public const byte ServerTerminate = 11;
    public const byte ClientTerminate = 12;
    public const byte ExchangeResults = 13;
    public const byte DisplayResults = 14;
    public const byte Done = 16;

    /// <summary>ACCESS_DENIED, -1.</summary>
    public const byte AccessDenied = 0xFF;

    /// <summary>MAX_STREAMS.</summary>
    public const int StreamsMax = 128;

    /// <summary>DEFAULT_TCP_BLKSIZE: what is written and read as one piece unless the client says otherwise.</summary>
    public const int BlockBytesDefault = 128 * 1024;

    /// <summary>MAX_BLOCKSIZE.</summary>
    public const int BlockBytesMax = 1024 * 1024;

    /// <summary>Longest text of parameters or results that is taken; those of 128 streams have less.</summary>
    public const int TextBytesMax = 64 * 1024;
}
