namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>What httpd and fetch bound, and why.</summary>
internal static class HttpLimits
{
    /// <summary>Request line and header of a request, or a header of an answer: what nginx and Apache take, too.</summary>
    public const int HeaderBytesMax = 8 * 1024;

    /// <summary>Connections of httpd; with their descriptors for files they fit into a process's 256.</summary>
    public const int ConnectionsMax = 100;

    /// <summary>
    /// A request has to be whole so long after its first byte, whoever sends it a byte at a time (Slowloris); a connection without
    /// one is closed.
    /// </summary>
    public const long RequestMicrosMax = 10_000_000;

    /// <summary>How long a connection may wait for its next request.</summary>
    public const long IdleMicrosMax = 15_000_000;

    /// <summary>How long a peer may take nothing of its answer.</summary>
    public const long StallMicrosMax = 20_000_000;

    /// <summary>How long a connection is read after its last answer, for a peer that still sends.</summary>
    public const long DrainMicrosMax = 2_000_000;

    /// <summary>Requests of one connection; others get their turn, too.</summary>
    public const int RequestsPerConnectionMax = 10_000;

    /// <summary>Bytes of a body that fetch takes in one step.</summary>
    public const int BodyBytes = 64 * 1024;

    /// <summary>A file of so many bytes, or a range, goes out behind its header, in one piece.</summary>
    public const int SmallFileBytesMax = 4 * 1024;

    /// <summary>Bytes of a file in one step: what a socket's queue holds at first. The others have their turn after some steps.</summary>
    public const int FileBytes = 1024 * 1024;

    /// <summary>Files of which answers' headers are kept; some 300 bytes each.</summary>
    public const int KnownFilesMax = 256;

    /// <summary>How often connections are looked at for their age.</summary>
    public const long SweepMicros = 1_000_000;

    /// <summary>Redirects that fetch follows; RFC 9110 section 15.4 leaves the number open.</summary>
    public const int RedirectsMax = 10;
}
