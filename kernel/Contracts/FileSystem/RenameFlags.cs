namespace RedLeafSharp.Contracts;

/// <summary>How <see cref="IFileSystem.Rename"/> treats what has the new name, with the numbers of renameat2(2).</summary>
[Flags]
public enum RenameFlags
{
    /// <summary>It is replaced.</summary>
    None = 0,

    /// <summary>It stays: <see cref="Errno.Exists"/>.</summary>
    NoReplace = 1,

    /// <summary>It gets the old name; <see cref="Errno.NoEntry"/> when there is none. Not together with <see cref="NoReplace"/>.</summary>
    Exchange = 2,
}
