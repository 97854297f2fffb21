using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Host;

/// <summary>Errors as people know them, for those that an import or export meets; others by their name.</summary>
internal static class ErrnoText
{
    internal static string Of(Errno error) => error switch
    {
        Errno.NoEntry => "no such file or directory",
        Errno.InputOutput => "input/output error",
        Errno.Exists => "file exists",
        Errno.NoSpace => "no space left on the disk",
        Errno.ReadOnlyFileSystem => "read-only file system",
        Errno.NotDirectory => "not a directory",
        Errno.IsDirectory => "is a directory",
        Errno.NameTooLong => "name too long",
        Errno.Corrupted => "the file system is damaged",
        _ => error.ToString(),
    };
}
