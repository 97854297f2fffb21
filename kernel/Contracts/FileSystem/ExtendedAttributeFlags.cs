namespace RedLeafSharp.Contracts;

/// <summary>Whether an extended attribute may or must exist before it is set, with the numbers of setxattr(2).</summary>
[Flags]
public enum ExtendedAttributeFlags
{
    /// <summary>It may exist or not.</summary>
    None = 0,

    /// <summary>It must not exist: <see cref="Errno.Exists"/>.</summary>
    Create = 1,

    /// <summary>It must exist: <see cref="Errno.NoData"/>.</summary>
    Replace = 2,
}
