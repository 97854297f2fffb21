namespace RedLeafSharp.Bench.Files;

/// <summary>One kind of operation, as the client in C knows it by name.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsTransfer">Whether it reads or writes one large file; else it goes over many small ones.</param>
/// <param name="TransferBytes">Bytes of one operation; 0 for names.</param>
/// <param name="Passes">How often it goes over all files: more than once where it changes nothing and is soon done.</param>
internal sealed record FilesPhase(string Name, bool IsTransfer = false, int TransferBytes = 0, int Passes = 1)
{
    internal const int Page = 4096;
    internal const int Large = 1 << 20;
    internal const int FileBytes = 64 << 20;

    /// <summary>In the order in which they must come: the file is written before it is read.</summary>
    internal static FilesPhase[] All { get; } =
    [
        new("create"), new("stat", Passes: 8), new("open-read-close", Passes: 4), new("rename"), new("unlink"),
        new("write-1M", true, Large), new("read-1M", true, Large),
        new("write-4K", true, Page), new("read-4K", true, Page), new("read-4K-direct", true, Page),
    ];

    internal bool IsWrite => Name.StartsWith("write", StringComparison.Ordinal);

    internal bool IsDirect => Name.EndsWith("direct", StringComparison.Ordinal);

    /// <summary>Operations of one pass, when there are so many small files.</summary>
    internal int CountOf(int fileCount) => TransferBytes switch
    {
        Large => FileBytes / Large,
        Page => 2 * fileCount,
        _ => fileCount,
    };
}
